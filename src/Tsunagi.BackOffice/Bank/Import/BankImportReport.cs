namespace Tsunagi.BackOffice.Bank.Import;

/// <summary>What a file held and what became of it.</summary>
/// <param name="Accounts">The provider's accounts in it, with balances that add up.</param>
/// <param name="Recorded">How many bookings became payments now.</param>
/// <param name="Known">How many were recorded before.</param>
/// <param name="Left">How many wait for a person: proposed or unmatched.</param>
/// <param name="Lines">Every booking, in the order of the file.</param>
/// <param name="Refusals">Direct debits that were not carried out.</param>
public sealed record BankImportReport(
    IReadOnlyList<BankImportAccount> Accounts, int Recorded, int Known, int Left, IReadOnlyList<BankImportLine> Lines, IReadOnlyList<BankRefusal> Refusals);

/// <summary>One of the provider's own accounts in a bank's file.</summary>
public sealed record BankImportAccount(string Account, string Currency, DateOnly? From, DateOnly? To, long? OpeningMinor, long? ClosingMinor, int Bookings);
