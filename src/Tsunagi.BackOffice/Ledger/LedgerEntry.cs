namespace Tsunagi.BackOffice.Ledger;

/// <summary>One booking: postings that add up to nothing in each currency. It is never changed; a mistake is booked back.</summary>
/// <param name="BookedOn">Civil date ("2026-11-30").</param>
/// <param name="SourceId">The document, payment or allocation it books; each is booked once.</param>
internal sealed record LedgerEntry(string Id, string TenantPath, string AccountId, string BookedOn, string SourceId, string Narration, long BookedAt, IReadOnlyList<LedgerPosting> Postings);

/// <param name="Account">"assets:receivable:ba_…", "revenue:mail.gateway", "liabilities:tax:standard:10" …</param>
/// <param name="AmountMinor">Debit above zero, credit below.</param>
/// <param name="Kind">Of a posting to revenue.</param>
internal sealed record LedgerPosting(string Account, string Currency, long AmountMinor, RevenueKind Kind = default);
