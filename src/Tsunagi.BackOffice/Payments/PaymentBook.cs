using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;

namespace Tsunagi.BackOffice.Payments;

/// <summary>Reads payments and what they were set against, as one caller may see them.</summary>
public sealed class PaymentBook(Stores stores)
{
    public static readonly TenantQuery ById = new("backoffice.payment.by-id", $$"""SELECT {{Payment.Columns}} FROM bo_payment p WHERE {tenant:p} AND p.id = @Id""");

    public static readonly TenantQuery List = new("backoffice.payment.list", $$"""
        SELECT {{Payment.Columns}} FROM bo_payment p WHERE {tenant:p} AND p.id < @Before AND (@Account = '' OR p.account_id = @Account)
          AND (@Text = '' OR p.id = @Text OR lower(p.payer) LIKE @Like OR lower(p.reference) LIKE @Like OR p.received_on = @Text) ORDER BY p.id DESC LIMIT @Limit
        """);

    public static readonly TenantQuery Allocated = new("backoffice.payment.allocated", """
        SELECT a.id, a.invoice_id, i.number, a.source_id, a.amount_minor, a.allocated_on, a.allocated_at, a.allocated_by FROM bo_allocation a JOIN bo_invoice i ON i.id = a.invoice_id
        WHERE {tenant:a} AND (a.source_id = @Id OR a.invoice_id = @Id) ORDER BY a.allocated_at, a.id
        """);

    public ValueTask<Payment?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<Payment>(ById, new { Id = id }, cancellationToken);

    public ValueTask<IReadOnlyList<Payment>> ListAsync(Caller caller, string text, string account, string before, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<Payment>(
            List, new { Text = text, Like = Accounts.AccountBook.Contains(text), Account = account, Before = before.Length == 0 ? "~" : before, Limit = (long)limit }, cancellationToken);

    /// <param name="id">A payment, a credit note or an invoice.</param>
    public ValueTask<IReadOnlyList<Allocation>> AllocatedAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<Allocation>(Allocated, new { Id = id }, cancellationToken);
}
