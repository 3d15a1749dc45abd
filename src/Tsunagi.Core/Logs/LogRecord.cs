namespace Tsunagi.Core.Logs;

/// <summary>One record as it is read: facts in memory, the body by its length only. Valid during the call that hands it over.</summary>
public readonly ref struct LogRecord
{
    public required LogPosition Position { get; init; }

    /// <summary>The position after it, where a consumer that has done with it goes on.</summary>
    public required LogPosition Next { get; init; }

    /// <summary>Base of the segment it lies in.</summary>
    internal long Segment { get; init; }

    public required byte Kind { get; init; }

    /// <summary>When it was written, µs UTC.</summary>
    public required long TimeMicros { get; init; }

    public required ReadOnlySpan<byte> Facts { get; init; }

    public required int BodyLength { get; init; }
}

public delegate void LogRecordHandler(in LogRecord record);
