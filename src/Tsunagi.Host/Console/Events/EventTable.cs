using System.Globalization;
using Tsunagi.Core.Events;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Store;
using Tsunagi.Host.Console.Tenants;
using Tsunagi.Ui.Parts;
using Tsunagi.Ui.Subjects;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Host.Console.Events;

/// <summary>The feed as a list, newest first. <c>["tenant"]</c> narrows it to one tenant and those below, <c>["subject"]</c> to one thing.</summary>
internal sealed class EventTable(Stores stores, EventCatalogue catalogue, TenantNames names, SubjectPages subjects) : Table<FeedEvent>
{
    private const string Select = """
        SELECT position, id, type, severity, time_us AS at, tenant_path, subject, data, evidence_hash FROM event
        WHERE {tenant} AND severity >= @Severity AND (@Subject = '' OR subject = @Subject)
          AND (@Like = '' OR type LIKE @Like OR subject = @Text OR id = @Text)
        """;

    public static readonly TenantQuery Newest = new("console.events", Select + " AND position < @Edge ORDER BY position DESC LIMIT @Limit");

    public static readonly TenantQuery Oldest = new("console.events-oldest", Select + " AND position > @Edge ORDER BY position LIMIT @Limit");

    public override LocalizedText Title => new("Events", "イベント");

    public override string Permission => "core.event.read";

    public override LocalizedText FilterHint => new("Type or id", "種別またはID");

    public override LocalizedText Empty => new("Nothing has happened yet", "イベントはまだありません");

    public override IReadOnlyList<Facet> Facets =>
    [
        new("severity", new("From", "重要度"),
        [
            new("notice", new("Notice and above", "通知以上")), new("warning", new("Warning and above", "警告以上")), new("error", new("Errors only", "障害のみ")),
        ]),
    ];

    public override IReadOnlyList<Column<FeedEvent>> Columns =>
    [
        Time("time", new("Time", "日時"), static row => row.At) with { Sortable = true },
        Badge("severity", new("Severity", "重要度"), static row => row.Severity.ToString(), static (row, view) => Words.OfSeverity(row.Severity, view)),
        Cell("what", new("What happened", "内容"), static row => row.Type, (row, view) => Cells.TwoLines(Cells.Link("/console/events/" + row.Id, Words.OfEvent(catalogue, row.Type, view)), row.Type)) with { Grows = true },
        Cell("subject", new("About", "対象"), static row => row.Subject, (row, view) => SubjectCell(row, view)) with { Minor = true },
        Cell("tenant", new("Whose", "顧客"), static row => row.TenantPath, (row, _) => Cells.Link(TenantNames.HrefOf(row.TenantPath), names[row.TenantPath])) with { Minor = true },
    ];

    public override string? HrefOf(FeedEvent row) => "/console/events/" + row.Id;

    public override async ValueTask<TablePage<FeedEvent>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var oldest = request.Sort == "time" && !request.Descending;
        var edge = long.TryParse(request.After, CultureInfo.InvariantCulture, out var position) ? position : oldest ? 0 : long.MaxValue;
        var severity = request["severity"] switch { "error" => EventSeverity.Error, "warning" => EventSeverity.Warning, "notice" => EventSeverity.Notice, _ => EventSeverity.Info };
        var scope = request["tenant"] is { } tenant ? await names.ScopeOfAsync(request.Caller, tenant, cancellationToken) : request.Caller.Scope;
        if (scope is null)
        {
            return new([]);
        }

        var rows = await new TenantStore(stores.Projections, scope).QueryAsync<FeedEvent>(
            oldest ? Oldest : Newest,
            new
            {
                Severity = (long)severity, Subject = request["subject"] ?? "", Text = request.Filter ?? "",
                Like = request.Filter is null ? "" : $"%{request.Filter.ToLowerInvariant()}%", Edge = edge, Limit = (long)request.Size + 1,
            },
            cancellationToken);
        var page = rows.Take(request.Size).ToList();
        await names.LoadAsync(request.Caller, page.Select(static row => row.TenantPath), cancellationToken);
        return new(page, rows.Count > request.Size ? page[^1].Position.ToString(CultureInfo.InvariantCulture) : null);
    }

    private Microsoft.AspNetCore.Components.RenderFragment SubjectCell(FeedEvent row, Ui.Layout.ConsoleView view) =>
        subjects.Of(row.Subject) is { } page ? Cells.Link(subjects.HrefOf(row.Subject) ?? TenantNames.HrefOf(row.TenantPath), view[page.Name]) : Cells.Code(row.Subject);
}
