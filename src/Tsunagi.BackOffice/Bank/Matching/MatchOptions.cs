using System.ComponentModel.DataAnnotations;

namespace Tsunagi.BackOffice.Bank.Matching;

/// <summary>How payments are matched: <c>backoffice.matching</c> of the configuration.</summary>
public sealed record MatchOptions
{
    public static MatchOptions Default { get; } = new();

    /// <summary>What payers take off as their bank's fee, in minor units: a payment short by one of these is probably whole.</summary>
    [MaxLength(32)]
    public IReadOnlyList<long> FeesMinor { get; init; } = [110, 145, 165, 220, 275, 330, 440, 495, 550, 605, 660, 770, 880];

    /// <summary>Open invoices of one account that are tried in combinations, the oldest first.</summary>
    [Range(1, 24)]
    public int MaxCombined { get; init; } = 16;
}
