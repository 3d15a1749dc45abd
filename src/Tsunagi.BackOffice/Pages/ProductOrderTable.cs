using Tsunagi.BackOffice.Orders;
using Tsunagi.Core.Modules;
using Tsunagi.Ui.Tables;

namespace Tsunagi.BackOffice.Pages;

/// <summary>The list of orders.</summary>
internal sealed class ProductOrderTable(OrderBook book) : Table<ProductOrder>
{
    public override LocalizedText Title => OrderWords.Orders;

    public override string Permission => BackOfficePermissions.OrderRead;

    public override LocalizedText FilterHint => new("Number, customer, reference", "番号、顧客、注文番号");

    public override LocalizedText Empty => new("There are no orders", "注文はありません");

    public override LocalizedText EmptyHint => new("An accepted quote becomes an order.", "見積が承諾されると注文になります。");

    public override IReadOnlyList<Facet> Facets => [new Facet("state", new("State", "状態"), [.. OrderState.All.Select(static state => new FacetChoice(state, OrderWords.Order(state)))])];

    public override IReadOnlyList<Column<ProductOrder>> Columns =>
    [
        Cell("number", new("Number", "番号"), static row => row.Number, static (row, _) => Cells.TwoLines(Cells.Link("/console/backoffice/orders/" + row.Id, row.Number), row.Reference ?? "")),
        Badge("state", new("State", "状態"), static row => row.State, static (row, view) => OrderWords.OrderStatus(row.State, view)),
        Cell("customer", new("Customer", "顧客"), static row => row.CustomerName, static (row, _) => Cells.Plain(row.CustomerName)) with { Grows = true },
        Cell("quote", new("Quote", "見積"), static row => row.QuoteId, static (row, view) => row.QuoteId is null ? Cells.Plain("–") : Cells.Link("/console/backoffice/quotes/" + row.QuoteId, view[OrderWords.Quotes])) with { Minor = true },
        Time("made", new("Placed", "受付"), static row => row.MadeAt),
        Text("by", new("By", "登録者"), static row => row.MadeBy) with { Minor = true },
    ];

    public override string HrefOf(ProductOrder row) => "/console/backoffice/orders/" + row.Id;

    public override async ValueTask<TablePage<ProductOrder>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var rows = await book.OrdersAsync(request.Caller, new OrderFilter(request["tenant"], request["state"], request.Filter), request.After ?? "", request.Size + 1, cancellationToken);
        return rows.Count <= request.Size ? new TablePage<ProductOrder>(rows) : new TablePage<ProductOrder>([.. rows.Take(request.Size)], rows[request.Size - 1].Id);
    }
}
