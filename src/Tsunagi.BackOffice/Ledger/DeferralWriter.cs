using Tsunagi.BackOffice.Bills;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.BackOffice.Orders;
using Tsunagi.Core.Store;

namespace Tsunagi.BackOffice.Ledger;

/// <summary>
/// Says of each line of a document that is being issued how much of it is earned later, and keeps that, in the document's transaction: (1) a charge that pays for days after the document's is deferred
/// whole, over its days or the term it is spread over (what was counted is earned, whenever it is billed), and so is a correction that asks for more; (2) a correction takes back first what is not earned of the charge it corrects; (3) so does a credit note; what is left of either is revenue at once.
/// </summary>
internal static class DeferralWriter
{
    private static readonly RowStatement Insert = RowStatement.Insert("bo_deferral", [
        RowColumn.Text("invoice_id"), RowColumn.Number("line_no"), RowColumn.Text("tenant_path"), RowColumn.Text("account_id"), RowColumn.Text("subscription_id"), RowColumn.Text("currency"),
        RowColumn.Number("amount_minor"), RowColumn.Text("first_day"), RowColumn.Text("after_day"), RowColumn.Number("spread"), RowColumn.Text("booked_on"), RowColumn.Text("revenue"), RowColumn.Text("category"),
        RowColumn.Text("nature"),
    ]);

    private static readonly RowStatement InsertCut = RowStatement.Insert("bo_deferral_cut", [
        RowColumn.Text("invoice_id"), RowColumn.Number("line_no"), RowColumn.Text("by_invoice_id"), RowColumn.Number("by_line_no"), RowColumn.Text("tenant_path"), RowColumn.Text("on_day"), RowColumn.Number("amount_minor"),
    ]);

    /// <param name="spread">Months of lines that are earned over a term, by number.</param>
    public static async ValueTask<IReadOnlyList<BookedLine>> InvoiceAsync(
        ISqlTransaction transaction, DocumentRow row, Bill bill, IReadOnlyList<LineRow> lines, IReadOnlyDictionary<int, int>? spread, string timeZone)
    {
        var issued = CivilTime.Read(row.IssueDate);
        var (booked, deferrals, cuts) = (new List<BookedLine>(lines.Count), new List<object?[]>(), new List<object?[]>());
        foreach (var (of, line) in bill.Lines.Zip(lines))
        {
            // :: (2)
            if (of.Kind == BillLineKind.Correction && await CutAsync(transaction, Charged, new { line.AccountId, line.Month, line.Charge }, row, line, issued, timeZone, cuts) is { Count: > 0 } taken)
            {
                booked.Add(BookedLine.Taking(line, taken));
                continue;
            }

            // :: (1)
            var asks = of.Kind == BillLineKind.Charge || (of.Kind == BillLineKind.Correction && of.AmountMinor > 0);
            var after = asks && spread?.GetValueOrDefault(of.No) is > 0 and var months ? of.From.AddMonths(months) : of.To;
            var deferred = asks && of.Meter is null && after > issued.AddDays(1) ? line.AmountMinor : 0;
            if (deferred != 0)
            {
                deferrals.Add([
                    row.Id, line.No, row.TenantPath, row.AccountId, line.SubscriptionId, row.Currency, line.AmountMinor, CivilTime.Text(of.From), CivilTime.Text(after), after == of.To ? 0L : 1L, row.IssueDate,
                    line.Revenue, line.Kind.Category, line.Kind.Nature,
                ]);
            }

            booked.Add(BookedLine.Of(line, deferred));
        }

        await transaction.WriteRowsAsync(Insert, deferrals);
        await transaction.WriteRowsAsync(InsertCut, cuts);
        return booked;
    }

    /// <param name="invoiceId">The invoice that is given back; its lines have the numbers of the credit note's.</param>
    public static async ValueTask<IReadOnlyList<BookedLine>> CreditAsync(ISqlTransaction transaction, DocumentRow row, string invoiceId, IReadOnlyList<LineRow> lines, string timeZone)
    {
        // :: (3)
        var (booked, cuts) = (new List<BookedLine>(lines.Count), new List<object?[]>());
        foreach (var line in lines)
        {
            booked.Add(BookedLine.Taking(line, await CutAsync(transaction, Given, new { Id = invoiceId, line.No }, row, line, CivilTime.Read(row.IssueDate), timeZone, cuts)));
        }

        await transaction.WriteRowsAsync(InsertCut, cuts);
        return booked;
    }

    private const string Charged = "SELECT {0} FROM bo_line l JOIN bo_deferral d ON d.invoice_id = l.invoice_id AND d.line_no = l.no WHERE l.account_id = @AccountId AND l.month = @Month AND l.charge = @Charge ORDER BY d.invoice_id DESC, d.line_no DESC";

    private const string Given = "SELECT {0} FROM bo_deferral d WHERE d.invoice_id = @Id AND d.line_no = @No ORDER BY d.invoice_id";

    /// <summary>Takes back of the newest first, never more than is not earned; returns of which kind how much, with the sign of what was deferred.</summary>
    private static async ValueTask<IReadOnlyList<DeferredPart>> CutAsync(
        ISqlTransaction transaction, string which, object parameters, DocumentRow row, LineRow line, DateOnly on, string timeZone, List<object?[]> cuts)
    {
        var wanted = -line.AmountMinor;
        var rows = await DeferralReader.ReadAsync(transaction, string.Format(System.Globalization.CultureInfo.InvariantCulture, which, DeferralRow.Columns), parameters, _ => timeZone);
        var (taken, parts) = (0L, new List<DeferredPart>());
        foreach (var (of, deferral) in rows)
        {
            // Lines of one document may correct the same charge: what those before took is not in the store yet.
            var left = deferral.UnearnedOn(on) - cuts.Where(cut => (string?)cut[0] == of.InvoiceId && (long)cut[1]! == of.LineNo).Sum(static cut => (long)cut[6]!);
            if (left == 0 || Math.Sign(left) != Math.Sign(wanted) || wanted == taken)
            {
                continue;
            }

            var part = Math.Sign(left) * Math.Min(Math.Abs(left), Math.Abs(wanted - taken));
            cuts.Add([of.InvoiceId, of.LineNo, row.Id, line.No, row.TenantPath, row.IssueDate, part]);
            parts.Add(new DeferredPart(of.Revenue, of.Kind, part));
            taken += part;
        }

        return parts;
    }
}
