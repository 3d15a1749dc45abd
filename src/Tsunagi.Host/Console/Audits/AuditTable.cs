using System.Globalization;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Modules;
using Tsunagi.Host.Console.Tenants;
using Tsunagi.Ui.Subjects;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Host.Console.Audits;

/// <summary>Who did what, newest first. The filter takes an actor (name or address), the id of a thing, or the beginning of an act ("tenant.").</summary>
internal sealed class AuditTable(AuditTrail trail, TenantNames names, SubjectPages subjects) : Table<AuditEntry>
{
    public override LocalizedText Title => new("Audit", "監査ログ");

    public override string Permission => "core.audit.read";

    public override LocalizedText FilterHint => new("Who, the id of a thing, or an act (subscription.)", "操作者、対象ID、操作(subscription. など)");

    public override LocalizedText Empty => new("Nothing has been changed yet", "操作の記録はまだありません");

    public override IReadOnlyList<Facet> Facets =>
    [
        new("noun", new("What", "対象"),
        [
            new("tenant.", new("Customers", "顧客")), new("subscription.", new("Contracts", "契約")), new("usage.", new("Usage", "利用量")), new("plan.", new("Plans", "プラン")),
            new("domain.", new("Domains", "ドメイン")), new("user.", new("Users", "利用者")), new("token.", new("Tokens", "トークン")), new("session.", new("Sessions", "セッション")),
        ]),
    ];

    public override IReadOnlyList<Column<AuditEntry>> Columns =>
    [
        Time("time", new("Time", "日時"), static row => row.At),
        Text("who", new("Who", "操作者"), static row => row.ActorName) with { Minor = true },
        Cell("act", new("Act", "操作"), static row => row.Act, static (row, _) => Cells.NarrowLine(Cells.Link("/console/audit/" + row.Id, row.Act), row.ActorName)),
        Cell("subject", new("To what", "対象"), static row => row.Subject, (row, view) => subjects.Of(row.Subject) is { } page ? Cells.Link(subjects.HrefOf(row.Subject) ?? TenantNames.HrefOf(row.TenantPath), view[page.Name]) : Cells.Code(row.Subject)) with { Minor = true },
        Cell("tenant", new("Whose", "顧客"), static row => row.TenantPath, (row, _) => Cells.Link(TenantNames.HrefOf(row.TenantPath), names[row.TenantPath])) with { Minor = true },
        Text("reason", new("Reason", "理由"), static row => row.Reason) with { Grows = true, Minor = true },
    ];

    public override string? HrefOf(AuditEntry row) => "/console/audit/" + row.Id;

    public override async ValueTask<TablePage<AuditEntry>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var before = long.TryParse(request.After, CultureInfo.InvariantCulture, out var position) ? position : long.MaxValue;
        var rows = await trail.ListAsync(request.Caller, FilterOf(request), before, request.Size + 1, cancellationToken);
        var page = rows.Take(request.Size).ToList();
        await names.LoadAsync(request.Caller, page.Select(static row => row.TenantPath), cancellationToken);
        return new(page, rows.Count > request.Size ? page[^1].Position.ToString(CultureInfo.InvariantCulture) : null);
    }

    private static AuditFilter FilterOf(TableRequest request)
    {
        var filter = new AuditFilter(Subject: request["subject"], Act: request["noun"]);
        return request.Filter switch
        {
            null => filter,
            var id when Core.Ids.Id.KindOf(id) is "u" or "k" => filter with { Actor = id },
            var id when Core.Ids.Id.KindOf(id) is not null => filter with { Subject = id },
            var act when act.Contains('.') && !act.Contains('@') => filter with { Act = act },
            var actor => filter with { Actor = actor },
        };
    }
}
