namespace Tsunagi.BackOffice.Dunning;

/// <summary>An account with something overdue, as the plan wants to know it.</summary>
/// <param name="Today">The civil date of its zone.</param>
/// <param name="Hour">The hour there.</param>
/// <param name="Address">Where its letters go; null when nobody wrote one down.</param>
/// <param name="UnallocatedMinor">Money of its own that is set against nothing yet.</param>
/// <param name="Overdue">Open invoices whose due date is past, the oldest first.</param>
/// <param name="PerhapsPaid">Bookings of a bank's file that wait for a person and may be this account's.</param>
public sealed record DunningAccount(
    string Id, string TenantPath, string Name, string? Attention, string Locale, string TimeZone, string Currency, string? Address, bool NeverSuspend, DateOnly Today, int Hour, long UnallocatedMinor,
    IReadOnlyList<DunningInvoice> Overdue, IReadOnlyList<string> PerhapsPaid);

/// <param name="Passed">The stages it went through.</param>
public sealed record DunningInvoice(string Id, string Number, DateOnly Due, long OpenMinor, IReadOnlyDictionary<string, DunningPassed> Passed);

/// <param name="On">The day its letter went out, or on which it was skipped; null while the letter waits.</param>
public sealed record DunningPassed(bool Skipped, DateOnly? On);

/// <summary>How new what is known of the bank is.</summary>
/// <param name="AsOf">Up to which day the files reach, of the account that is furthest behind; null when none was imported.</param>
/// <param name="Account">That account.</param>
internal sealed record BankKnowledge(DateOnly? AsOf, string? Account, DateOnly Today);
