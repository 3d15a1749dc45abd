using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Ddos.Detect;

/// <summary>When traffic above a limit is an attack. Each look, ten a second, holds the last second against the limits.</summary>
public sealed record DetectOptions
{
    /// <summary>Of so many looks…</summary>
    [Range(1, 30)]
    public int Looks { get; init; } = 5;

    /// <summary>…so many must be above the limit.</summary>
    [Range(1, 30)]
    public int LooksAbove { get; init; } = 3;

    /// <summary>Sampled packets behind a figure before it counts: with 30 its error is 36 % at 95 % confidence.</summary>
    [Range(1, 10_000)]
    public int MinSamples { get; init; } = 30;

    /// <summary>An incident goes on while any figure is above this part of its limit.</summary>
    [Range(1, 100)]
    public int ReleasePercent { get; init; } = 60;

    /// <summary>Addresses and prefixes looked at closely at a time. One more is not, until another is quiet; that is counted and told.</summary>
    [Range(16, 100_000)]
    public int MaxWatched { get; init; } = 4_096;

    /// <summary>Incidents of one subscription that are open at a time; what is beyond is counted in the incident of its prefix.</summary>
    [Range(1, 10_000)]
    public int MaxOpenPerSubscription { get; init; } = 50;
}
