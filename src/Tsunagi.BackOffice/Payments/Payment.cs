namespace Tsunagi.BackOffice.Payments;

/// <summary>Money that came in from a customer.</summary>
/// <param name="ReceivedOn">Civil date of the bank ("2026-12-24").</param>
/// <param name="Reference">What the payer wrote: invoice numbers in it are found.</param>
/// <param name="Source">Who says so ("manual", the name of a bank import), with <paramref name="ForeignKey"/> the idempotency key.</param>
/// <param name="AllocatedMinor">What of it was set against invoices.</param>
public sealed record Payment(
    string Id, string TenantPath, string AccountId, string ReceivedOn, long AmountMinor, string Currency, string Payer, string Reference, string Source, string ForeignKey, long RecordedAt,
    string RecordedBy, long AllocatedMinor)
{
    internal const string Columns = """
        p.id, p.tenant_path, p.account_id, p.received_on, p.amount_minor, p.currency, p.payer, p.reference, p.source, p.foreign_key, p.recorded_at, p.recorded_by,
        CAST(coalesce((SELECT sum(a.amount_minor) FROM bo_allocation a WHERE a.source_id = p.id), 0) AS bigint) AS allocated_minor
        """;

    public long UnallocatedMinor => AmountMinor - AllocatedMinor;
}

/// <summary>The request to record a payment.</summary>
/// <param name="AmountMinor">In minor units of the account's currency.</param>
/// <param name="ForeignKey">The same key and content of one source counts once; other content is refused.</param>
/// <param name="Allocate">False leaves it to be allocated by hand.</param>
public sealed record NewPayment(
    string AccountId, string ReceivedOn, long AmountMinor, string ForeignKey, string? Payer = null, string? Reference = null, string? Source = null, bool Allocate = true);

/// <summary>The request to set a payment or credit note against invoices.</summary>
/// <param name="Bills">Ids or numbers, in this order; the oldest open ones without it.</param>
public sealed record NewAllocation(IReadOnlyList<string>? Bills = null);

/// <summary>What of a payment or credit went to an invoice.</summary>
public sealed record Allocation(string Id, string InvoiceId, string Number, string SourceId, long AmountMinor, string AllocatedOn, long AllocatedAt, string AllocatedBy);
