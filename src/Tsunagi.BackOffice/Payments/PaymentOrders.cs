using System.Globalization;
using System.Text.Json;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.BackOffice.Ledger;
using Tsunagi.BackOffice.Runs;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.BackOffice.Payments;

/// <summary>Records money that came in, exactly once by its key, and sets it against invoices: those the payer names, else the oldest open ones.</summary>
internal sealed class PaymentOrders(Stores stores, AccountBook accounts, PaymentBook book, InvoiceBook invoices, ChangeRecorder changes, TimeProvider time)
{
    public const string Manual = "manual";
    private const long MaxAmount = 1_000_000_000_000_000;

    public async ValueTask<Outcome<Payment>> RecordAsync(Caller caller, NewPayment wanted, CancellationToken cancellationToken)
    {
        var account = await accounts.FindAsync(caller, wanted.AccountId, cancellationToken);
        if (account is null)
        {
            return Refusal.NotFound("billing account", wanted.AccountId);
        }

        if (Check(wanted, out var received) is { } refusal)
        {
            return refusal;
        }

        var open = await invoices.OpenAsync(caller, account.Id, 1_000, cancellationToken);
        var named = open.Where(row => (wanted.Reference ?? "").Contains(row.Number, StringComparison.OrdinalIgnoreCase)).Select(static row => row.Id).ToList();
        var payment = new Payment(
            Id.New("py", time), account.TenantPath, account.Id, InvoiceBook.Text(received), wanted.AmountMinor, account.Currency, wanted.Payer ?? account.Name, wanted.Reference ?? "",
            wanted.Source ?? Manual, wanted.ForeignKey, time.NowMicros(), caller.ActorName, 0);
        var outcome = await stores.Control.WriteAsync<Outcome<string>>(
            async transaction =>
            {
                var known = await transaction.FirstOrDefaultAsync<Payment>($"SELECT {Payment.Columns} FROM bo_payment p WHERE p.source = @Source AND p.foreign_key = @ForeignKey", payment);
                if (known is not null)
                {
                    return (known.AccountId, known.ReceivedOn, known.AmountMinor) == (payment.AccountId, payment.ReceivedOn, payment.AmountMinor)
                        ? known.Id
                        : Refusal.Conflict("backoffice.payment.key-reused", $"the key {payment.ForeignKey} of {payment.Source} already stands for another payment", "foreignKey");
                }

                await transaction.ExecuteAsync(
                    """
                    INSERT INTO bo_payment (id, tenant_path, account_id, received_on, amount_minor, currency, payer, reference, source, foreign_key, recorded_at, recorded_by)
                    VALUES (@Id, @TenantPath, @AccountId, @ReceivedOn, @AmountMinor, @Currency, @Payer, @Reference, @Source, @ForeignKey, @RecordedAt, @RecordedBy)
                    """,
                    payment);
                await LedgerWriter.BookAsync(
                    transaction, LedgerWriter.Payment(payment.Id, account.TenantPath, account.Id, payment.ReceivedOn, payment.Currency, payment.AmountMinor, payment.Source + " " + payment.ForeignKey, time));
                var allocated = wanted.Allocate ? await AllocateAsync(transaction, caller, account, payment, named) : 0;
                await changes.RecordAsync(
                    transaction, caller, BackOfficeEvents.PaymentRecorded, payment.Id, account.TenantPath, null, payment, JsonSerializer.Serialize(new { payment.AmountMinor, payment.Currency, allocated }));
                return payment.Id;
            },
            cancellationToken);
        return outcome.Ok ? (await book.FindAsync(caller, outcome.Value, cancellationToken))! : outcome.Refusal;
    }

    /// <summary>Sets what is left of a payment or credit note against invoices.</summary>
    public async ValueTask<Outcome<IReadOnlyList<Allocation>>> AllocateAsync(Caller caller, string sourceId, NewAllocation wanted, CancellationToken cancellationToken)
    {
        var payment = await book.FindAsync(caller, sourceId, cancellationToken);
        var credit = payment is null ? await invoices.FindAsync(caller, sourceId, cancellationToken) : null;
        if (payment is null && credit is not { Kind: InvoiceKind.Credit })
        {
            return Refusal.NotFound("payment", sourceId);
        }

        var account = (await accounts.FindAsync(caller, payment?.AccountId ?? credit!.AccountId, cancellationToken))!;
        var first = new List<string>();
        foreach (var name in wanted.Bills ?? [])
        {
            if (await invoices.FindAsync(caller, name, cancellationToken) is not { } invoice || invoice.AccountId != account.Id || invoice.Kind == InvoiceKind.Credit)
            {
                return Refusal.Invalid("backoffice.payment.bill", "bills", $"there is no invoice {name} of this account", "ids or numbers of the account's open invoices");
            }

            first.Add(invoice.Id);
        }

        var source = payment?.Id ?? credit!.Id;
        await stores.Control.WriteAsync(
            async transaction =>
            {
                var used = await transaction.FirstOrDefaultAsync<long?>("SELECT CAST(sum(amount_minor) AS bigint) FROM bo_allocation WHERE source_id = @Source", new { Source = source }) ?? 0;
                var left = (payment?.AmountMinor ?? credit!.TotalMinor) - used;
                var done = await Allocations.SettleAsync(transaction, caller, account, source, left, account.Currency, RunOrders.Today(time, account.TimeZone), first, time);
                if (done > 0)
                {
                    await changes.RecordAsync(transaction, caller, BackOfficeEvents.Allocated, source, account.TenantPath, null, new { done, wanted.Bills }, JsonSerializer.Serialize(new { amount = done }));
                }

                return done;
            },
            cancellationToken);
        return Outcome.Of(await book.AllocatedAsync(caller, source, cancellationToken));
    }

    private async ValueTask<long> AllocateAsync(ISqlTransaction transaction, Caller caller, BillingAccount account, Payment payment, IReadOnlyList<string> named)
    {
        var on = RunOrders.Today(time, account.TimeZone);
        var done = named.Count > 0 ? await Allocations.SettleAsync(transaction, caller, account, payment.Id, payment.AmountMinor, payment.Currency, on, named, time) : 0;
        return done + (done < payment.AmountMinor ? await Allocations.SettleAsync(transaction, caller, account, payment.Id, payment.AmountMinor - done, payment.Currency, on, [], time) : 0);
    }

    private static Refusal? Check(NewPayment wanted, out DateOnly received)
    {
        if (!DateOnly.TryParseExact(wanted.ReceivedOn, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out received))
        {
            return Refusal.Invalid("backoffice.payment.date", "receivedOn", $"\"{wanted.ReceivedOn}\" is not a date", "YYYY-MM-DD");
        }

        if (wanted.AmountMinor is < 1 or > MaxAmount)
        {
            return Refusal.Invalid("backoffice.payment.amount", "amountMinor", $"the amount is {wanted.AmountMinor}", $"1 to {MaxAmount}");
        }

        return wanted.ForeignKey.Length is 0 or > 200 || wanted.Source is { Length: 0 or > 60 } || wanted.Payer is { Length: > 200 } || wanted.Reference is { Length: > 500 }
            ? Refusal.Invalid("backoffice.payment.text", "foreignKey", "the key is empty, or a text is too long", "a key of 1 to 200, a source of 1 to 60, a payer of at most 200, a reference of at most 500 characters")
            : null;
    }
}
