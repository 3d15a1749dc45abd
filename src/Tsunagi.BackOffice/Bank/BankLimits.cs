using System.ComponentModel.DataAnnotations;

namespace Tsunagi.BackOffice.Bank;

/// <summary>What a bank file may be: <c>backoffice.bank</c> of the configuration.</summary>
public sealed record BankLimits
{
    public static BankLimits Default { get; } = new();

    /// <summary>Octets of one file.</summary>
    [Range(1, 512 << 20)]
    public int MaxFileBytes { get; init; } = 64 << 20;

    /// <summary>Bookings of one file.</summary>
    [Range(1, 5_000_000)]
    public int MaxEntries { get; init; } = 200_000;

    /// <summary>Faults reported for one file; reading stops there.</summary>
    [Range(1, 1_000)]
    public int MaxFaults { get; init; } = 50;

    /// <summary>Characters of one CSV field, or of one text of an XML file.</summary>
    [Range(1, 1 << 20)]
    public int MaxFieldLength { get; init; } = 4_096;

    /// <summary>Elements within one booking of an XML file.</summary>
    [Range(1, 1_000_000)]
    public int MaxElements { get; init; } = 100_000;
}
