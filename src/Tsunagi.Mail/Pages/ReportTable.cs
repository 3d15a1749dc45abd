using Tsunagi.Core.Modules;
using Tsunagi.Mail.Reports;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Mail.Pages;

/// <summary>Reports that others sent, newest first; <c>["domain"]</c> narrows it.</summary>
internal sealed class ReportTable(ReportBook book) : Table<ReportRow>
{
    public override LocalizedText Title => new("Reports", "レポート");

    public override string Permission => MailPermissions.ReportsRead;

    public override LocalizedText FilterHint => new("Domain, whole", "ドメイン(完全一致)");

    public override LocalizedText Empty => new("No report has come yet", "レポートはまだありません");

    public override LocalizedText EmptyHint => new("Reporters send once a day. Files you have can be given in with \"tsunagi mail reports add\".", "レポートは通常1日1回届きます。手元のファイルは tsunagi mail reports add で登録できます。");

    public override IReadOnlyList<Facet> Facets =>
    [
        new("kind", new("Kind", "種類"), [new(ReportRow.Dmarc, new("DMARC", "DMARC")), new(ReportRow.Tls, new("TLS", "TLS"))]),
        new("state", new("State", "状態"), [new(ReportRow.Read, new("Taken in", "登録済み")), new(ReportRow.Refused, new("Refused", "拒否"))]),
    ];

    public override IReadOnlyList<Column<ReportRow>> Columns =>
    [
        Time("received", new("Received", "受信"), static row => row.ReceivedAt),
        Text("kind", new("Kind", "種類"), static row => row.Kind.ToUpperInvariant()),
        Cell("domain", new("Domain", "ドメイン"), static row => row.Domain, static (row, _) => row.State == ReportRow.Read ? Cells.Link(ReportWords.HrefOf(row.Domain), row.Domain) : Cells.Plain(row.Domain)),
        Text("organization", new("Reporter", "送信元"), static row => row.Organization),
        Badge("author", new("Its author", "送信者の確認"), static row => row.AuthorResult, static (row, view) => ReportWords.AuthorOf(row, view)),
        Time("of", new("Of", "対象日"), static row => row.EndAt > 0 ? row.EndAt : null, MomentForm.Brief),
        Number("messages", new("Messages", "件数"), static row => row.State == ReportRow.Refused ? null : row.Messages),
        Number("passed", new("Pass", "合格"), static row => row.State == ReportRow.Refused ? null : row.Passed),
        Cell("state", new("State", "状態"), static row => row.State, static (row, view) => Cells.TwoLines(Cells.Badge(ReportWords.StateOf(row, view)), row.Why)) with { Grows = true },
    ];

    public override string HrefOf(ReportRow row) => "/console/mail/reports/of/" + row.Id;

    public override async ValueTask<TablePage<ReportRow>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var domain = (request.Filter is { Length: > 0 } filter ? filter : request["domain"] ?? "").Trim().ToLowerInvariant();
        var rows = await book.ListAsync(request.Caller, domain, request["kind"] ?? "", request["state"] ?? "", request.After ?? "", request.Size + 1, cancellationToken);
        return rows.Count <= request.Size ? new TablePage<ReportRow>(rows) : new TablePage<ReportRow>([.. rows.Take(request.Size)], ReportBook.CursorOf(rows[request.Size - 1]));
    }
}
