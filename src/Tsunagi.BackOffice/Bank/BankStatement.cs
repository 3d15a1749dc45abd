namespace Tsunagi.BackOffice.Bank;

/// <summary>The bookings of one account in one file, with balances and totals already checked against them.</summary>
/// <param name="Account">Bank, branch, kind and number ("9901-123-1-0012345"), or the IBAN.</param>
/// <param name="Currency">ISO 4217.</param>
public sealed record BankStatement(string Account, string Currency)
{
    /// <summary>The first day covered, when the file says so.</summary>
    public DateOnly? From { get; init; }

    /// <summary>The last day covered.</summary>
    public DateOnly? To { get; init; }

    /// <summary>In minor units; null when the format gives none.</summary>
    public long? OpeningMinor { get; init; }

    /// <summary>Opening and entries add up to it: otherwise the file is refused.</summary>
    public long? ClosingMinor { get; init; }

    public IReadOnlyList<BankEntry> Entries { get; init; } = [];

    /// <summary>Only in results of direct debits.</summary>
    public IReadOnlyList<BankRefusal> Refusals { get; init; } = [];

    /// <summary>The entries that are not known yet: what an import adds.</summary>
    public IReadOnlyList<BankEntry> Unknown(Func<string, bool> isKnown) => [.. Entries.Where(entry => !isKnown(entry.Id))];
}
