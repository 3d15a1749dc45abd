namespace Tsunagi.Core.Logs;

/// <summary>Sizes and limits of one log. The defaults suit a node that takes thousands of records a second.</summary>
public sealed record SegmentLogOptions
{
    /// <summary>Length of a segment file. All of it is written ahead of use, so that an fsync of a batch changes no metadata.</summary>
    public int SegmentBytes { get; init; } = 64 << 20;

    /// <summary>How many released segments are kept at the most to be used again; as many as the last minute used are.</summary>
    public int MaxSpentSegments { get; init; } = 16;

    /// <summary>Facts and body of one record together.</summary>
    public int MaxRecordBytes { get; init; } = 1 << 20;

    /// <summary>What may wait in memory for the next write; who comes after that waits for room.</summary>
    public int MaxBatchBytes { get; init; } = 16 << 20;

    /// <summary>How long an appender waits for room before it is refused.</summary>
    public TimeSpan RoomDeadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a batch waits for more before it is written. Zero where somebody stands still until his record is on the disk; a few milliseconds where whoever waits does not feel them and an fsync for
    /// each would cost more than the work itself. Whole milliseconds.
    /// </summary>
    public TimeSpan GatherFor { get; init; }

    /// <summary>A segment with records in it is closed at this age even when it is not full.</summary>
    public TimeSpan SegmentAge { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Below this many free bytes on the file system intake stops, while what ends or moves existing items goes on.</summary>
    public long FreeSpaceFloorBytes { get; init; } = 512 << 20;

    /// <summary>How often free space, ages and lags are looked at.</summary>
    public TimeSpan HousekeepingEvery { get; init; } = TimeSpan.FromSeconds(1);

    internal void Validate()
    {
        Demand(SegmentBytes >= 2 * SegmentHeader.Size && SegmentBytes % SegmentHeader.Size == 0, nameof(SegmentBytes), SegmentBytes, "a multiple of 4,096 from 8,192 on");
        Demand(MaxSpentSegments is >= 0 and <= 1024, nameof(MaxSpentSegments), MaxSpentSegments, "0 to 1,024");
        var longest = MaxBatchBytes - RecordHeader.Size - RecordHeader.Alignment;
        Demand(MaxRecordBytes > 0 && MaxRecordBytes <= longest, nameof(MaxRecordBytes), MaxRecordBytes, $"1 to {longest}, what fits in a batch");
        var largest = SegmentBytes - SegmentHeader.Size;
        Demand(MaxBatchBytes <= largest, nameof(MaxBatchBytes), MaxBatchBytes, $"at most {largest}, what fits in a segment");
        Demand(HousekeepingEvery > TimeSpan.Zero && HousekeepingEvery <= TimeSpan.FromDays(20), nameof(HousekeepingEvery), HousekeepingEvery, "more than 0, at most 20 days");
        Demand(GatherFor.Ticks % TimeSpan.TicksPerMillisecond == 0 && GatherFor.TotalMilliseconds is >= 0 and <= 100, nameof(GatherFor), GatherFor, "0 to 100 whole milliseconds");
        Demand(RoomDeadline > TimeSpan.Zero, nameof(RoomDeadline), RoomDeadline, "more than 0");
    }

    /// <summary>Names the key, its value and the allowed range.</summary>
    internal static void Demand(bool holds, string key, object value, string range)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"option {key} of a log is {value}; allowed is {range}");
        }
    }
}
