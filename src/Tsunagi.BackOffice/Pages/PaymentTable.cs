using Tsunagi.BackOffice.Payments;
using Tsunagi.Core.Modules;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;
using Tsunagi.Ui.Tables;

namespace Tsunagi.BackOffice.Pages;

/// <summary>The list of payments.</summary>
internal sealed class PaymentTable(PaymentBook book) : Table<Payment>
{
    public override LocalizedText Title => new("Payments", "入金");

    public override string Permission => BackOfficePermissions.PaymentRead;

    public override LocalizedText FilterHint => new("Payer, reference, date", "振込人、摘要、日付");

    public override LocalizedText Empty => new("No payment was recorded", "入金の記録はありません");

    public override LocalizedText EmptyHint => new("A payment is recorded on the page of the account that paid, or by a bank import.", "請求先の画面または銀行明細の取込で記録します。");

    public override IReadOnlyList<Column<Payment>> Columns =>
    [
        Text("received", new("Received", "入金日"), static row => row.ReceivedOn),
        Cell("payer", new("Payer", "振込人"), static row => row.Payer, static (row, _) => Cells.TwoLines(Cells.Link("/console/backoffice/accounts/" + row.AccountId, row.Payer), row.Reference)) with { Grows = true },
        Text("source", new("Source", "取込元"), static row => row.Source) with { Minor = true },
        Cell("amount", new("Amount", "金額"), static row => row.AmountMinor.ToString(System.Globalization.CultureInfo.InvariantCulture), static (row, view) => Cells.Plain(view.Money(row.AmountMinor, row.Currency))) with { Align = ColumnAlign.End },
        Badge("state", new("Set against invoices", "消込"), static row => row.UnallocatedMinor == 0 ? "whole" : "part", static (row, view) => State(row, view)),
    ];

    public override async ValueTask<TablePage<Payment>> ReadAsync(TableRequest request, CancellationToken cancellationToken)
    {
        var rows = await book.ListAsync(request.Caller, request.Filter ?? "", request["account"] ?? "", request.After ?? "", request.Size + 1, cancellationToken);
        return rows.Count <= request.Size ? new TablePage<Payment>(rows) : new TablePage<Payment>([.. rows.Take(request.Size)], rows[request.Size - 1].Id);
    }

    private static Status State(Payment row, ConsoleView view) => row.UnallocatedMinor == 0
        ? new Status(Tone.Good, view[new("Whole", "全額")])
        : new Status(Tone.Waiting, view.Say(new("{0} left", "残 {0}"), view.Money(row.UnallocatedMinor, row.Currency)));
}
