using System.Collections;

namespace Tsunagi.Core.Logs;

/// <summary>One record of a batch; the memory holds until the consumer's next read.</summary>
public readonly record struct LogEntry(LogPosition Position, byte Kind, long TimeMicros, ReadOnlyMemory<byte> Facts, int BodyLength);

/// <summary>Records read together, and the position to commit with their effect.</summary>
public sealed class LogBatch : IReadOnlyList<LogEntry>
{
    private const int FullAtBytes = 1 << 20;

    private readonly List<(LogPosition Position, byte Kind, long TimeMicros, int Start, int Length, int BodyLength)> _entries = [];
    private byte[] _facts = new byte[16 << 10];
    private int _used;

    /// <summary>Where to go on after all of them.</summary>
    public LogPosition End { get; internal set; }

    public int Count => _entries.Count;

    internal bool IsFull => _used >= FullAtBytes;

    public LogEntry this[int index]
    {
        get
        {
            var (position, kind, time, start, length, body) = _entries[index];
            return new LogEntry(position, kind, time, _facts.AsMemory(start, length), body);
        }
    }

    public IEnumerator<LogEntry> GetEnumerator()
    {
        for (var i = 0; i < _entries.Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal void Reset(LogPosition at)
    {
        _entries.Clear();
        _used = 0;
        End = at;
    }

    internal void Add(in LogRecord record)
    {
        if (_used + record.Facts.Length > _facts.Length)
        {
            Array.Resize(ref _facts, Math.Max(_used + record.Facts.Length, 2 * _facts.Length));
        }

        record.Facts.CopyTo(_facts.AsSpan(_used));
        _entries.Add((record.Position, record.Kind, record.TimeMicros, _used, record.Facts.Length, record.BodyLength));
        _used += record.Facts.Length;
    }
}
