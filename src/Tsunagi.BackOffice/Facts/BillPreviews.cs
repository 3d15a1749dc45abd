using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Bills;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Core.Usage;

namespace Tsunagi.BackOffice.Facts;

/// <summary>Makes bills that are not issued: what an account's next one would be, and an issued one again, to see that it comes out the same.</summary>
internal sealed class BillPreviews(Stores stores, AccountBook accounts, InvoiceBook invoices, FactReader facts, TimeProvider time)
{
    /// <param name="period">"2026-11", or null for the month that is running, or the one after it when that is billed already.</param>
    public async ValueTask<Outcome<PreviewedBill>> PreviewAsync(Caller caller, string accountId, string? period, CancellationToken cancellationToken)
    {
        var account = await accounts.FindAsync(caller, accountId, cancellationToken);
        if (account is null)
        {
            return Refusal.NotFound("billing account", accountId);
        }

        var now = time.NowMicros();
        var month = period is null ? BillingPeriod.Containing(now, account.TimeZone, account.ClosingDay) : BillingPeriod.Parse(period, account.TimeZone, account.ClosingDay);
        if (!month.Ok)
        {
            return month.Refusal;
        }

        var made = (await stores.Control.ReadAsync(reader => facts.ReadAsync(reader, [account], month.Value.Name, now, null), cancellationToken))[0];
        if (period is null && made.IsBilled)
        {
            return await PreviewAsync(caller, accountId, month.Value.Plus(1).Name, cancellationToken);
        }

        if (made.Input is not { } input)
        {
            return Refusal.Conflict(
                "backoffice.preview.none", made.Problem ?? (made.IsBilled ? $"{month.Value.Name} was billed already" : $"the account is billed from {account.BillFrom} on"), "period");
        }

        try
        {
            return new PreviewedBill(account, BillMaker.Make(input), made.Services, made.PreviousMinor);
        }
        catch (OverflowException)
        {
            return Refusal.Conflict("backoffice.preview.too-large", "the amounts are too large to be added up; look for a wrong price or a wrong usage record");
        }
    }

    /// <summary>Makes the bill of an issued invoice again from the facts as they were known then.</summary>
    public async ValueTask<Outcome<BillProof>> ProveAsync(Caller caller, string invoiceId, CancellationToken cancellationToken)
    {
        var invoice = await invoices.FindAsync(caller, invoiceId, cancellationToken);
        if (invoice is not { Kind: InvoiceKind.Invoice })
        {
            return Refusal.NotFound("invoice", invoiceId);
        }

        var kept = (await invoices.ContentAsync(caller, invoice.Id, cancellationToken))!.Bill;
        var again = await AgainAsync(caller, invoice, StoredJson.Read<Bill>(kept), cancellationToken);
        return again is null
            ? new BillProof(invoice.Id, invoice.Number, false, invoice.InputHash, "")
            : new BillProof(invoice.Id, invoice.Number, StoredJson.Write(again) == kept, invoice.InputHash, again.InputHash);
    }

    private async ValueTask<Bill?> AgainAsync(Caller caller, InvoiceRow invoice, Bill kept, CancellationToken cancellationToken)
    {
        var account = (await accounts.FindAsync(caller, invoice.AccountId, cancellationToken))!;
        var made = (await stores.Control.ReadAsync(
            reader => facts.ReadAsync(reader, [account], invoice.Period, invoice.KnownAt, null, invoice.AccountSeq, kept), cancellationToken))[0];
        return made.Input is { } input ? BillMaker.Make(input) : null;
    }
}

/// <summary>What a bill would be if it were written now.</summary>
internal sealed record PreviewedBill(BillingAccount Account, Bill Bill, IReadOnlyDictionary<string, string> Services, long? PreviousMinor);

/// <summary>Whether an issued bill comes out the same to the last character when it is made again.</summary>
/// <param name="Identical">Lines, amounts, tax and the hash of the input.</param>
public sealed record BillProof(string InvoiceId, string Number, bool Identical, string InputHash, string InputHashAgain);
