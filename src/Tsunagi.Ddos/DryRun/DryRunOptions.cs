using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Ddos.DryRun;

/// <summary>What a dry run must show before rules wait to be released or go out by themselves, and how long its report holds.</summary>
public sealed record DryRunOptions
{
    /// <summary>A report counts when it is of so many days.</summary>
    [Range(1, 90)]
    public int LeastDays { get; init; } = 7;

    /// <summary>…and something is known of this part of their minutes.</summary>
    [Range(1, 100)]
    public int LeastCoverPercent { get; init; } = 90;

    /// <summary>…and is no older than this.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "366.00:00:00")]
    public TimeSpan ValidFor { get; init; } = TimeSpan.FromDays(14);

    /// <summary>A dry run reads for no longer; what it did not come to is told as not known.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "06:00:00")]
    public TimeSpan Longest { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Dry runs that wait for their turn: one at a time is made, one of each protection.</summary>
    [Range(1, 1_000)]
    public int MostWaiting { get; init; } = 16;

    /// <summary>A tenant's own callers are given one of a protection at most so often; operators are not held.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan TenantsEvery { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Of one protection so many reports are kept, the newest.</summary>
    [Range(1, 10_000)]
    public int MostKept { get; init; } = 50;

    /// <summary>Networks by kind whose sums are held while one is made; what is beyond is told as left out.</summary>
    [Range(1_000, 10_000_000)]
    public int MostKinds { get; init; } = 200_000;

    /// <summary>Reports are kept for so long.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3660.00:00:00")]
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(400);
}
