using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Collect;

/// <summary>
/// A few records of a datagram, used again for every other (8 KB: they stay in the nearest cache), and the protected addresses that the whole datagram speaks of. On the collector's turn only.
/// </summary>
internal sealed class FlowBatch
{
    public const int Most = 32;

    /// <summary>Addresses of a datagram that are known afterwards.</summary>
    public const int MostDestinations = 128;

    private readonly FlowRecord[] _records = new FlowRecord[Most];
    private readonly FlowAddress[] _destinations = new FlowAddress[MostDestinations];
    private int _count;
    private int _spokenOf;

    public ReadOnlySpan<FlowRecord> Records => _records.AsSpan(0, _count);

    /// <summary>True when there is no room for another.</summary>
    public bool Add(in FlowRecord record)
    {
        _records[_count++] = record;
        return _count == Most;
    }

    public void Clear() => _count = 0;

    /// <summary>Protected addresses that the datagram spoke of, as many as there is room for.</summary>
    public ReadOnlySpan<FlowAddress> Destinations => _destinations.AsSpan(0, Math.Min(_spokenOf, MostDestinations));

    /// <summary>It spoke of more.</summary>
    public bool HasMoreDestinations => _spokenOf > MostDestinations;

    public void Begin() => (_count, _spokenOf) = (0, 0);

    /// <summary>One after the other the same address is one.</summary>
    public void SpeaksOf(in FlowAddress destination)
    {
        if (_spokenOf > 0 && _spokenOf <= MostDestinations && _destinations[_spokenOf - 1] == destination)
        {
            return;
        }

        if (_spokenOf < MostDestinations)
        {
            _destinations[_spokenOf] = destination;
        }

        _spokenOf++;
    }
}
