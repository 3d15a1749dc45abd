using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.Core.Modules;
using Tsunagi.Ui.Tables;

namespace Tsunagi.BackOffice.Pages;

/// <summary>The list of invoices and credit notes.</summary>
internal sealed class InvoiceTable(InvoiceBook book, CivilDay day) : Table<InvoiceRow>
{
    private DateOnly _today;

    public override LocalizedText Title => BackOfficeWords.Invoices;

    public override string Permission => BackOfficePermissions.InvoiceRead;

    public override LocalizedText FilterHint => new("Number, customer, date, amount", "番号、宛先、日付、金額");

    public override LocalizedText Empty => new("Nothing was issued yet", "発行した請求書はありません");

    public override LocalizedText EmptyHint => new("Invoices are here as soon as a run is released.", "請求処理を承認すると、ここに表示されます。");

    public override IReadOnlyList<Facet> Facets =>
    [
        new("state", new("State", "状態"), [new FacetChoice("open", new("Open", "未入金")), new FacetChoice("overdue", new("Overdue", "期限超過")), new FacetChoice("settled", new("Settled", "完了"))]),
        new("kind", new("Kind", "種類"), [new FacetChoice("invoice", new("Invoices", "請求書")), new FacetChoice("credit", new("Credit notes", "返還請求書")), new FacetChoice("opening", new("Taken over", "引継"))]),
    ];

    public override IReadOnlyList<Column<InvoiceRow>> Columns =>
    [
        Cell("number", new("Number", "番号"), static row => row.Number, static (row, view) => Cells.TwoLines(Cells.Link("/console/backoffice/invoices/" + row.Id, row.Number), view[BackOfficeWords.Kind(row.Kind)])),
        Badge("state", new("State", "状態"), static row => row.OpenMinor > 0 ? "open" : "settled", (row, view) => BackOfficeWords.StateOf(row, _today, view)),
        Cell("customer", new("Customer", "宛先"), static row => row.Counterparty, static (row, _) => Cells.Plain(row.Counterparty)) with { Grows = true },
        Text("month", new("Month", "対象月"), static row => row.Period) with { Minor = true },
        Text("date", new("Date", "発行日"), static row => row.IssueDate),
        Text("due", new("Due", "期限"), static row => row.DueDate) with { Minor = true },
        Money("total", new("Total", "金額"), static row => row.Kind == InvoiceKind.Credit ? -row.TotalMinor : row.TotalMinor),
        Money("open", new("Open", "残高"), static row => row.Kind == InvoiceKind.Credit ? -row.OpenMinor : row.OpenMinor) with { Minor = true },
    ];

    public override string HrefOf(InvoiceRow row) => "/console/backoffice/invoices/" + row.Id;

    public override async ValueTask<TablePage<InvoiceRow>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        _today = await day.TodayAsync(cancellationToken);
        var filter = new InvoiceFilter(request.Filter, request["account"], request["kind"], null, null, null, request["state"]);
        var rows = await book.ListAsync(request.Caller, filter, _today, request.After ?? "", request.Size + 1, cancellationToken);
        return rows.Count <= request.Size ? new TablePage<InvoiceRow>(rows) : new TablePage<InvoiceRow>([.. rows.Take(request.Size)], rows[request.Size - 1].Id);
    }

    private static Column<InvoiceRow> Money(string key, LocalizedText title, Func<InvoiceRow, long> minor) =>
        Cell(key, title, row => minor(row).ToString(System.Globalization.CultureInfo.InvariantCulture), (row, view) => Cells.Plain(view.Money(minor(row), row.Currency))) with { Align = ColumnAlign.End };
}
