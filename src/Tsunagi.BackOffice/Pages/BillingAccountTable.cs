using Tsunagi.BackOffice.Accounts;
using Tsunagi.Core.Modules;
using Tsunagi.Ui.Tables;

namespace Tsunagi.BackOffice.Pages;

/// <summary>The list of billing accounts.</summary>
internal sealed class BillingAccountTable(AccountBook book) : Table<BillingAccount>
{
    public override LocalizedText Title => BackOfficeWords.Accounts;

    public override string Permission => BackOfficePermissions.AccountRead;

    public override LocalizedText FilterHint => new("A part of the name, an id", "名称の一部、ID");

    public override LocalizedText Empty => new("Nobody is billed yet", "請求先はまだありません");

    public override LocalizedText EmptyHint => new("A billing account is made for a customer: it says who pays, where, and by when.", "顧客ごとに請求先を作成し、宛先・支払条件を登録します。");

    public override IReadOnlyList<Column<BillingAccount>> Columns =>
    [
        Cell("name", new("Name", "名称"), static row => row.Name, static (row, _) => Cells.TwoLines(Cells.Link("/console/backoffice/accounts/" + row.Id, row.Name), row.Attention)) with { Grows = true },
        Cell("tenant", new("Customer", "顧客"), static row => row.TenantId, static (row, _) => Cells.Link("/console/tenants/" + row.TenantId, row.TenantId)) with { Minor = true },
        Text("currency", new("Currency", "通貨"), static row => row.Currency),
        Cell("terms", new("Payment terms", "支払条件"), static row => row.PaymentTerms, static (row, view) => Cells.Plain(BackOfficeWords.Terms(row.PaymentTerms, view))) with { Minor = true },
        Cell("closing", new("Closes", "締日"), static row => row.ClosingDay.ToString(System.Globalization.CultureInfo.InvariantCulture),
            static (row, view) => Cells.Plain(row.ClosingDay == 31 ? view[new("month end", "月末")] : view.Say(new("on the {0}.", "{0}日"), row.ClosingDay))) with { Minor = true },
        Text("from", new("Billed from", "請求開始月"), static row => row.BillFrom),
    ];

    public override string HrefOf(BillingAccount row) => "/console/backoffice/accounts/" + row.Id;

    public override async ValueTask<TablePage<BillingAccount>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var rows = await book.ListAsync(request.Caller, request.Filter ?? request["tenant"] ?? "", request.After ?? "", request.Size + 1, cancellationToken);
        return rows.Count <= request.Size ? new TablePage<BillingAccount>(rows) : new TablePage<BillingAccount>([.. rows.Take(request.Size)], rows[request.Size - 1].Id);
    }
}
