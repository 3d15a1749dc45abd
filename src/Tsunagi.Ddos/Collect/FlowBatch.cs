using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Collect;

/// <summary>A few records of a datagram, used again for every other (8 KB: they stay in the nearest cache). On the collector's turn only.</summary>
internal sealed class FlowBatch
{
    public const int Most = 32;

    private readonly FlowRecord[] _records = new FlowRecord[Most];
    private int _count;

    public ReadOnlySpan<FlowRecord> Records => _records.AsSpan(0, _count);

    /// <summary>True when there is no room for another.</summary>
    public bool Add(in FlowRecord record)
    {
        _records[_count++] = record;
        return _count == Most;
    }

    public void Clear() => _count = 0;
}
