using Tsunagi.Core.Disk;

namespace Tsunagi.Core.Logs;

/// <summary>One open segment file. <see cref="End"/> grows as batches are synced and stands still once the segment is sealed.</summary>
internal sealed class Segment(SegmentHeader header, string path, IDiskFile file) : IDisposable
{
    private long _end = SegmentHeader.Size;
    private bool _disposed;

    public SegmentHeader Header => header;

    public long Base => header.Base;

    public string Path => path;

    public IDiskFile File => file;

    /// <summary>
    /// The same file, opened once more, while it is written: two syncs may run at a time, and an error of writing is told once to each open file. Were
    /// there one only, the sync of one batch could take the error that the other's must see.
    /// </summary>
    public IDiskFile? Twin { get; set; }

    /// <summary>Offset behind the last synced record. Readers on any thread never go past it.</summary>
    public long End
    {
        get => Volatile.Read(ref _end);
        set => Volatile.Write(ref _end, value);
    }

    /// <summary>False when a start took the segment from the disk without reading it: zeroes up to <see cref="End"/> are then no loss.</summary>
    public bool EndIsExact { get; set; } = true;

    /// <summary>When its first record was written, µs UTC; 0 while it has none.</summary>
    public long FirstTimeMicros { get; set; }

    public bool HasRecords => End > SegmentHeader.Size;

    public LogPosition FirstPosition => new(header.Base + SegmentHeader.Size);

    public LogPosition EndPosition => new(header.Base + End);

    /// <summary>The first position of the segment that follows, whatever it is called.</summary>
    public long NextBase => header.Base + header.FileLength;

    public static string NameOf(long @base) => $"{@base:x16}.segment";

    public void CloseTwin()
    {
        Twin?.Dispose();
        Twin = null;
    }

    public bool IsDisposed => Volatile.Read(ref _disposed);

    public void Dispose()
    {
        Volatile.Write(ref _disposed, true);
        CloseTwin();
        file.Dispose();
    }
}
