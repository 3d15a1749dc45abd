using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Invoices;
using Tsunagi.BackOffice.Ledger;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.BackOffice.Payments;

/// <summary>Sets money that is owed to an account against what the account owes, inside the caller's transaction; each allocation is booked.</summary>
internal static class Allocations
{
    /// <param name="sourceId">The payment or credit note.</param>
    /// <param name="amountMinor">What is left of it.</param>
    /// <param name="first">Invoices that come first, in this order; when it is not empty, only those.</param>
    /// <returns>What was allocated.</returns>
    public static async ValueTask<long> SettleAsync(
        ISqlTransaction transaction, Caller caller, BillingAccount account, string sourceId, long amountMinor, string currency, DateOnly on, IReadOnlyList<string> first, TimeProvider time)
    {
        var open = (await transaction.QueryAsync<OpenRow>(
            """
            SELECT i.id, i.number, i.total_minor - coalesce((SELECT sum(a.amount_minor) FROM bo_allocation a WHERE a.invoice_id = i.id), 0) AS open_minor
            FROM bo_invoice i WHERE i.account_id = @Id AND i.kind <> 'credit' AND i.currency = @Currency ORDER BY i.due_date, i.account_seq
            """,
            new { account.Id, Currency = currency })).Where(static row => row.OpenMinor > 0).ToList();
        if (first.Count > 0)
        {
            open = [.. first.Select(id => open.FirstOrDefault(row => row.Id == id)).OfType<OpenRow>()];
        }

        var left = amountMinor;
        foreach (var invoice in open.TakeWhile(_ => left > 0))
        {
            var part = Math.Min(left, invoice.OpenMinor);
            var id = Id.New("al", time);
            await transaction.ExecuteAsync(
                """
                INSERT INTO bo_allocation (id, tenant_path, account_id, invoice_id, source_id, amount_minor, allocated_on, allocated_at, allocated_by)
                VALUES (@Id, @TenantPath, @AccountId, @InvoiceId, @SourceId, @Amount, @On, @At, @By)
                """,
                new { Id = id, account.TenantPath, AccountId = account.Id, InvoiceId = invoice.Id, SourceId = sourceId, Amount = part, On = InvoiceBook.Text(on), At = time.NowMicros(), By = caller.ActorName });
            await LedgerWriter.BookAsync(transaction, LedgerWriter.Allocation(id, account.TenantPath, account.Id, InvoiceBook.Text(on), currency, part, invoice.Number, time));
            left -= part;
        }

        return amountMinor - left;
    }

    private sealed record OpenRow(string Id, string Number, long OpenMinor);
}
