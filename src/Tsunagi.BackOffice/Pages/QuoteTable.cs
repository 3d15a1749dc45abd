using Tsunagi.BackOffice.Orders;
using Tsunagi.Core.Modules;
using Tsunagi.Ui.Tables;

namespace Tsunagi.BackOffice.Pages;

/// <summary>The list of quotes.</summary>
internal sealed class QuoteTable(OrderBook book) : Table<Quote>
{
    public override LocalizedText Title => OrderWords.Quotes;

    public override string Permission => BackOfficePermissions.QuoteRead;

    public override LocalizedText FilterHint => new("Number, subject, customer", "番号、件名、顧客");

    public override LocalizedText Empty => new("There are no quotes", "見積はありません");

    public override IReadOnlyList<Facet> Facets => [new Facet("state", new("State", "状態"), [.. QuoteState.All.Select(static state => new FacetChoice(state, OrderWords.Quote(state)))])];

    public override IReadOnlyList<Column<Quote>> Columns =>
    [
        Cell("number", new("Number", "番号"), static row => row.Number, static (row, _) => Cells.TwoLines(Cells.Link("/console/backoffice/quotes/" + row.Id, row.Number), row.Title)) with { Grows = true },
        Badge("state", new("State", "状態"), static row => row.State, static (row, view) => OrderWords.QuoteStatus(row.State, view)),
        Text("customer", new("Customer", "顧客"), static row => row.CustomerName),
        Text("until", new("Valid until", "有効期限"), static row => row.ValidUntil) with { Minor = true },
        Cell("once", new("Once", "初期費用"), static row => Raw(row.OnceMinor), static (row, view) => Cells.Plain(view.Money(row.OnceMinor, row.Currency))) with { Align = ColumnAlign.End, Minor = true },
        Cell("monthly", new("Monthly", "月額"), static row => Raw(row.MonthlyMinor), static (row, view) => Cells.Plain(view.Money(row.MonthlyMinor, row.Currency))) with { Align = ColumnAlign.End },
    ];

    public override string HrefOf(Quote row) => "/console/backoffice/quotes/" + row.Id;

    public override async ValueTask<TablePage<Quote>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var rows = await book.QuotesAsync(request.Caller, new QuoteFilter(request["tenant"], request["state"], request.Filter), request.After ?? "", request.Size + 1, cancellationToken);
        return rows.Count <= request.Size ? new TablePage<Quote>(rows) : new TablePage<Quote>([.. rows.Take(request.Size)], rows[request.Size - 1].Id);
    }

    private static string Raw(long minor) => minor.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
