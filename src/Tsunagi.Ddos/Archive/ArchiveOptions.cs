using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Ddos.Archive;

/// <summary>How flow records are kept on the node, and how much of the disk they may take.</summary>
public sealed record ArchiveOptions
{
    /// <summary>Whether records are kept at all; detection does not need them.</summary>
    public bool IsKept { get; init; } = true;

    /// <summary>Records older than this are deleted, a segment at a time, once they are rolled up.</summary>
    [Range(typeof(TimeSpan), "00:10:00", "366.00:00:00")]
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(3);

    /// <summary>All segments together; beyond it the oldest go first. A record takes about 14 bytes.</summary>
    [Range(64L << 20, 1L << 50)]
    public long MostBytes { get; init; } = 20L << 30;

    /// <summary>With less than this free on the disk nothing is kept, and that is counted and told.</summary>
    [Range(0L, 1L << 50)]
    public long LeastFreeBytes { get; init; } = 1L << 30;

    /// <summary>A segment is sealed and synced so often: a power loss takes what came since.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "01:00:00")]
    public TimeSpan SealEvery { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Keys that are counted exactly when it is asked who has most; beyond it the lightest are left out, and the answer says by how much it may be wrong.</summary>
    [Range(10_000, 20_000_000)]
    public int MostKeys { get; init; } = 2_000_000;

    /// <summary>What is kept of them for longer.</summary>
    public RollupOptions Rollups { get; init; } = new();
}

/// <summary>Sums of kept records by the minute, by five minutes and by the hour: for how long, and how many.</summary>
public sealed record RollupOptions : IValidatableObject
{
    /// <summary>Sums by the minute.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "366.00:00:00")]
    public TimeSpan KeepMinutes { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Sums by five minutes; for longer than those by the minute.</summary>
    [Range(typeof(TimeSpan), "02:00:00", "1830.00:00:00")]
    public TimeSpan KeepFiveMinutes { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Sums by the hour; for longer than those by five minutes.</summary>
    [Range(typeof(TimeSpan), "2.00:00:00", "3660.00:00:00")]
    public TimeSpan KeepHours { get; init; } = TimeSpan.FromDays(366);

    /// <summary>Rows of one step that are kept apart, for each of its two tables; the lightest beyond it are put together. A row takes about 12 bytes.</summary>
    [Range(1_000, 1_000_000)]
    public int MostRows { get; init; } = 50_000;

    /// <summary>All roll-ups together; beyond it the oldest of the finest go first.</summary>
    [Range(16L << 20, 1L << 50)]
    public long MostBytes { get; init; } = 20L << 30;

    /// <summary>Percent of one core that rolling up may take.</summary>
    [Range(1, 100)]
    public int Share { get; init; } = 10;

    public TimeSpan KeepOf(int level) => level == 1 ? KeepMinutes : level == 2 ? KeepFiveMinutes : KeepHours;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (KeepMinutes >= KeepFiveMinutes || KeepFiveMinutes >= KeepHours)
        {
            yield return new ValidationResult("coarser sums are kept for longer than finer ones: keepMinutes < keepFiveMinutes < keepHours", [nameof(KeepFiveMinutes)]);
        }
    }
}
