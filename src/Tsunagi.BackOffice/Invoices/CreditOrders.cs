using System.Globalization;
using System.Text.Json;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Bills;
using Tsunagi.BackOffice.Documents;
using Tsunagi.BackOffice.Ledger;
using Tsunagi.BackOffice.Payments;
using Tsunagi.BackOffice.Runs;
using Tsunagi.BackOffice.Tax;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.BackOffice.Invoices;

/// <summary>
/// Gives back what an invoice asked: whole or by line, as a document of its own with a gapless number of its own series (in Japan the qualified return invoice),
/// in one transaction: (1) what is left of each line, (2) tax once for each rate, so that what is given back in parts comes to what was taken, (3) number, document,
/// ledger, (4) what is open of the invoice is settled by it. No invoice is changed.
/// </summary>
internal sealed class CreditOrders(Stores stores, InvoiceBook book, AccountBook accounts, BackOfficeOptions options, ChangeRecorder changes, TimeProvider time)
{
    public async ValueTask<Outcome<InvoiceRow>> CreditAsync(Caller caller, string invoiceId, NewCredit wanted, CancellationToken cancellationToken)
    {
        var invoice = await book.FindAsync(caller, invoiceId, cancellationToken);
        if (invoice is null)
        {
            return Refusal.NotFound("invoice", invoiceId);
        }

        if (invoice.Kind != InvoiceKind.Invoice)
        {
            return Refusal.Conflict("backoffice.credit.kind", $"{invoice.Number} is no invoice of this program: only what was issued here is given back here");
        }

        if (string.IsNullOrWhiteSpace(wanted.Reason) || wanted.Reason.Length > 500)
        {
            return Refusal.Invalid("backoffice.credit.reason", "reason", "a credit note needs a reason", "1 to 500 characters");
        }

        var account = (await accounts.FindAsync(caller, invoice.AccountId, cancellationToken))!;
        var content = (await book.ContentAsync(caller, invoice.Id, cancellationToken))!;
        var outcome = await stores.Control.WriteAsync<Outcome<string>>(
            transaction => WriteAsync(transaction, caller, account, invoice, StoredJson.Read<Bill>(content.Bill), StoredJson.Read<InvoiceDocument>(content.Document), wanted), cancellationToken);
        return outcome.Ok ? (await book.FindAsync(caller, outcome.Value, cancellationToken))! : outcome.Refusal;
    }

    private async ValueTask<Outcome<string>> WriteAsync(
        ISqlTransaction transaction, Caller caller, BillingAccount account, InvoiceRow invoice, Bill bill, InvoiceDocument document, NewCredit wanted)
    {
        // :: (1)
        var given = (await transaction.QueryAsync<(long No, long Amount)>(
            "SELECT l.no, CAST(sum(-l.amount_minor) AS bigint) FROM bo_line l JOIN bo_invoice c ON c.id = l.invoice_id WHERE c.corrects_id = @Id GROUP BY l.no", new { invoice.Id }))
            .ToDictionary(static row => (int)row.No, static row => row.Amount);
        var chosen = Choose(bill, given, wanted);
        if (!chosen.Ok)
        {
            return chosen.Refusal;
        }

        // :: (2)
        var before = (await transaction.QueryAsync<string>("SELECT document FROM bo_invoice WHERE corrects_id = @Id", new { invoice.Id })).Select(StoredJson.Read<InvoiceDocument>).ToList();
        var taxes = TaxesOf(bill, chosen.Value, before);
        var net = taxes.Sum(static tax => tax.NetMinor);
        var total = net + taxes.Sum(static tax => tax.TaxMinor);
        if (total <= 0)
        {
            return Refusal.Conflict("backoffice.credit.nothing", $"what is left of these lines of {invoice.Number} comes to nothing");
        }

        // :: (3)
        var seq = await InvoiceIssuer.TakeNumbersAsync(transaction, options.CreditSeries, 1);
        var last = await transaction.FirstOrDefaultAsync<long>("SELECT max(account_seq) FROM bo_invoice WHERE account_id = @Id", new { account.Id });

        // Where the account's day is behind the provider's the invoice may be of tomorrow: nothing is given back before it was asked.
        var (today, asked) = (RunOrders.Today(time, account.TimeZone), Orders.CivilTime.Read(invoice.IssueDate));
        today = today < asked ? asked : today;
        var number = InvoiceIssuer.NumberOf(options.CreditSeries, seq);
        var credit = CreditDocument(document, chosen.Value, taxes, number, today, wanted.Reason, account.Locale == "ja") with
        {
            Issuer = options.Issuer.Party(await InvoiceIssuer.ProviderAsync(transaction)), NetMinor = net, TaxMinor = total - net, TotalMinor = total,
        };
        var row = new DocumentRow(
            Id.New("iv", time), account.TenantPath, account.Id, InvoiceKind.Credit, options.CreditSeries, seq, number, last + 1, invoice.Period, null, InvoiceBook.Text(today), null, invoice.Currency, net,
            total - net, total, account.Name, invoice.Id, wanted.Reason, time.NowMicros(), BillMaker.RulesVersion, "", "", StoredJson.Write(credit), time.NowMicros(), caller.ActorName);
        var kinds = (await transaction.QueryAsync<(long No, string? Category, string? Nature)>("SELECT no, category, nature FROM bo_line WHERE invoice_id = @Id", new { invoice.Id }))
            .ToDictionary(static line => (int)line.No, static line => new RevenueKind(line.Category, line.Nature));
        var lines = chosen.Value.Select(each => LineRow.Of(
            row, each.Line, -each.AmountMinor, wanted.BillAgain && each.Line is { SubscriptionId: not null, Kind: not BillLineKind.Adjustment } ? -each.AmountMinor : 0, kinds.GetValueOrDefault(each.Line.No))).ToList();
        await InvoiceIssuer.InsertAsync(transaction, row, lines);
        await LedgerWriter.BookAsync(transaction, LedgerWriter.Credit(row, await DeferralWriter.CreditAsync(transaction, row, invoice.Id, lines, account.TimeZone), taxes, time));

        // :: (4)
        await Allocations.SettleAsync(transaction, caller, account, row.Id, total, invoice.Currency, today, [invoice.Id], time);
        await changes.RecordAsync(
            transaction, caller, BackOfficeEvents.CreditIssued, row.Id, account.TenantPath, null, new { number, invoice = invoice.Number, total, wanted.BillAgain },
            JsonSerializer.Serialize(new { number, invoice = invoice.Number, total }), wanted.Reason);
        return row.Id;
    }

    private static Outcome<IReadOnlyList<(BillLine Line, long AmountMinor)>> Choose(Bill bill, Dictionary<int, long> given, NewCredit wanted)
    {
        var chosen = new List<(BillLine, long)>();
        if (wanted.Lines is not { Count: > 0 } lines)
        {
            chosen.AddRange(bill.Lines.Select(line => (line, line.AmountMinor - given.GetValueOrDefault(line.No))).Where(static each => each.Item2 != 0));
            return Outcome.Of<IReadOnlyList<(BillLine, long)>>(chosen);
        }

        foreach (var want in lines)
        {
            var line = bill.Lines.FirstOrDefault(line => line.No == want.No);
            if (line is null || lines.Count(each => each.No == want.No) > 1)
            {
                return Refusal.Invalid("backoffice.credit.line", "lines", $"the invoice has no line {want.No}, or it is named twice", $"1 to {bill.Lines.Count}");
            }

            var left = line.AmountMinor - given.GetValueOrDefault(line.No);
            var amount = want.AmountMinor ?? left;
            if (left == 0 || amount == 0 || Math.Sign(amount) != Math.Sign(left) || Math.Abs(amount) > Math.Abs(left))
            {
                return Refusal.Invalid("backoffice.credit.amount", "lines", $"of line {want.No} there is {left} left to give back", string.Create(CultureInfo.InvariantCulture, $"up to {left}"));
            }

            chosen.Add((line, amount));
        }

        return Outcome.Of<IReadOnlyList<(BillLine, long)>>(chosen);
    }

    /// <summary>The tax of what is given back: once for each rate; the last part of a rate gives back what is left of its tax.</summary>
    private static IReadOnlyList<DocumentTaxSubtotal> TaxesOf(Bill bill, IReadOnlyList<(BillLine Line, long AmountMinor)> chosen, IReadOnlyList<InvoiceDocument> before) =>
        [.. InvoiceTax.Of(chosen.Select(static each => (new TaxRate(each.Line.Tax, each.Line.RatePercent), each.AmountMinor)), bill.Rounding).Select(part =>
        {
            var whole = bill.Taxes.First(tax => (tax.Category, tax.RatePercent) == (part.Category, part.RatePercent));
            var earlier = before.SelectMany(static document => document.TaxSubtotals).Where(tax => (tax.Category, tax.RatePercent) == (part.Category, part.RatePercent)).ToList();
            var left = whole.TaxMinor - earlier.Sum(static tax => tax.TaxMinor);
            var isLast = part.NetMinor + earlier.Sum(static tax => tax.NetMinor) == whole.NetMinor;
            return part with { TaxMinor = isLast || Math.Abs(part.TaxMinor) > Math.Abs(left) ? left : part.TaxMinor };
        })];

    private static InvoiceDocument CreditDocument(
        InvoiceDocument invoice, IReadOnlyList<(BillLine Line, long AmountMinor)> chosen, IReadOnlyList<DocumentTaxSubtotal> taxes, string number, DateOnly today, string reason, bool japanese) => new()
    {
        Kind = DocumentKind.CreditNote, Number = number, IssueDate = today, Period = invoice.Period, Issuer = invoice.Issuer, Customer = invoice.Customer, Language = invoice.Language,
        Currency = invoice.Currency, TaxSubtotals = taxes, NetMinor = 0, TaxMinor = 0, TotalMinor = 0, AmountDueMinor = 0, PaymentMethod = PaymentMethod.None,
        CreditedInvoice = new DocumentReference(invoice.Number, invoice.IssueDate), Subject = japanese ? "ご返金のお知らせ" : "Credit", Notes = [(japanese ? "理由: " : "Reason: ") + reason],
        Lines = [.. chosen.Select(each => LineOf(invoice, each.Line, each.AmountMinor))],
    };

    /// <summary>A line that is given back whole is printed as it was; a part of one is printed as an amount.</summary>
    private static DocumentLine LineOf(InvoiceDocument invoice, BillLine line, long amountMinor)
    {
        var id = line.No.ToString(CultureInfo.InvariantCulture);
        var printed = invoice.Lines.First(each => each.LineId == id);
        return amountMinor == printed.AmountMinor
            ? printed with { Explanation = null }
            : printed with { AmountMinor = amountMinor, Quantity = 1, Unit = "", UnitPrice = (decimal)amountMinor / Core.Rating.Currency.Find(invoice.Currency)!.MinorPerUnit, Explanation = null };
    }
}

/// <summary>The request to give back an invoice, whole or in part.</summary>
/// <param name="Lines">Which lines; all that is left without it.</param>
/// <param name="BillAgain">True when the invoice was wrong: what is given back is rated again on the next bill. False when it is a courtesy.</param>
public sealed record NewCredit(string Reason, IReadOnlyList<CreditedLine>? Lines = null, bool BillAgain = false);

/// <param name="No">The line's number on the invoice.</param>
/// <param name="AmountMinor">Without tax, in minor units; what is left of the line without it.</param>
public sealed record CreditedLine(int No, long? AmountMinor = null);
