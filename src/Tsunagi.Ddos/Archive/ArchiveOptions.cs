using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Ddos.Archive;

/// <summary>How flow records are kept on the node, and how much of the disk they may take.</summary>
public sealed record ArchiveOptions
{
    /// <summary>Whether records are kept at all; detection does not need them.</summary>
    public bool IsKept { get; init; } = true;

    /// <summary>Records older than this are deleted, a segment at a time.</summary>
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
}
