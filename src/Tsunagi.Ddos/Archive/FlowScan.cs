using System.Numerics;
using Tsunagi.Core.Disk;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Archive;

/// <summary>
/// One worker's part of a question: for each block (1) the records that it is about are marked, from the cheapest column to the dearest, and a block without any is left, (2) their octets,
/// packets and rates are read, (3) and summed: destinations by runs, sources by places in the dictionary, numbers below 65,536 in a table of their own, flows in two readings (<see cref="TupleTable"/>), all others by key.
/// </summary>
internal sealed class FlowScan
{
    private const int Small = 65_536;

    private readonly FlowQuestion _question;
    private readonly ExporterPlaces _exporters;
    private readonly BlockReader _reader = new();
    private readonly BlockMarks _marks;
    private readonly KeyTable _keys;
    private readonly FlowSums[] _small = new FlowSums[Small];
    private readonly FlowSums[] _byPlace = new FlowSums[FlowBlock.Capacity];
    private readonly ulong[] _octets = new ulong[FlowBlock.Capacity];
    private readonly ulong[] _packets = new ulong[FlowBlock.Capacity];
    private readonly ulong[] _rates = new ulong[FlowBlock.Capacity];
    private readonly ulong[] _numbers = new ulong[FlowBlock.Capacity];
    private readonly ulong[] _lows;
    private readonly ulong[] _highs;
    private readonly TupleTable? _tuples;
    private readonly FlowAddress[] _sources = [];
    private readonly ulong[] _hashes = [];
    private FlowSums _total;

    public FlowScan(FlowQuestion question, int mostKeys, ExporterPlaces exporters)
    {
        (_question, _exporters) = (question, exporters);
        _keys = new KeyTable(mostKeys, question.Order);
        _marks = new BlockMarks(_reader, question);
        (_lows, _highs) = (_marks.SourcePorts, _marks.DestinationPorts);
        if (question.By == FlowDimension.Flow)
        {
            _tuples = new TupleTable(mostKeys, question.Order);
            (_sources, _hashes) = (new FlowAddress[FlowBlock.Capacity], new ulong[FlowBlock.Capacity]);
        }
    }

    public FlowSums Total => _total;

    /// <summary>Of a question by flows.</summary>
    public TupleTable? Tuples => _tuples;

    /// <summary>Records of the blocks that were looked at.</summary>
    public long Records { get; private set; }

    public int Unread { get; private set; }

    public ulong Error => _keys.Error;

    public long Keys => (_tuples?.Count ?? 0) + _keys.Count + _small.LongCount(static sums => !sums.IsNothing);

    public void Read(IDiskFile file, long end, CancellationToken cancellationToken)
    {
        for (var at = 0L; at < end && !cancellationToken.IsCancellationRequested; at += _reader.Header.Length)
        {
            if (!_reader.TryOpen(file, at, end))
            {
                Unread += _tuples is { IsSecond: true } ? 0 : 1;
                return;
            }

            var header = _reader.Header;
            if (header.First >= _question.To || header.Last < _question.From)
            {
                continue;
            }

            Records += _tuples is { IsSecond: true } ? 0 : header.Records;
            if (!TryBlock(header))
            {
                Unread += _tuples is { IsSecond: true } ? 0 : 1;
            }
        }
    }

    public void Add(FlowScan other)
    {
        _keys.Add(other._keys);
        _tuples?.Add(other._tuples!);
        for (var i = 0; i < Small; i++)
        {
            _small[i].Add(in other._small[i]);
        }

        _total.Add(in other._total);
        (Records, Unread) = (Records + other.Records, Unread + other.Unread);
    }

    public IReadOnlyList<(FlowAddress Key, FlowSums Sums)> Top(int count)
    {
        var queue = new PriorityQueue<(FlowAddress Key, FlowSums Sums), (ulong, FlowAddress)>(Comparer<(ulong Value, FlowAddress Key)>.Create(
            static (a, b) => a.Value != b.Value ? a.Value.CompareTo(b.Value) : b.Key.CompareTo(a.Key)));
        foreach (var each in _keys.All.Concat(_small.Select(static (sums, i) => (Key: new FlowAddress(0, (ulong)i), Sums: sums)).Where(static each => !each.Sums.IsNothing)))
        {
            if (queue.Count < count)
            {
                queue.Enqueue(each, (each.Sums.By(_question.Order), each.Key));
            }
            else
            {
                queue.EnqueueDequeue(each, (each.Sums.By(_question.Order), each.Key));
            }
        }

        var list = new List<(FlowAddress, FlowSums)>(queue.Count);
        while (queue.TryDequeue(out var each, out _))
        {
            list.Add(each);
        }

        list.Reverse();
        return list;
    }

    private bool TryBlock(BlockHeader header)
    {
        var count = header.Records;
        if (!_marks.TryMark(header, count, out var isAll, out var isAny))
        {
            return false;
        }

        if (!isAny)
        {
            return true;
        }

        // (2)
        if (!_reader.TryNumbers(FlowColumn.Octets, _octets) || !_reader.TryNumbers(FlowColumn.Packets, _packets) || !TryRates(count))
        {
            return false;
        }

        // (3)
        var isAsked = isAll ? default : _marks.IsAsked.AsSpan(0, count);
        if (_tuples is not { IsSecond: true })
        {
            AddTotal(count, isAsked);
        }

        return _question.By switch
        {
            FlowDimension.Destination => TryDestinations(count, isAsked),
            FlowDimension.Source => TrySources(count, isAsked),
            FlowDimension.SourcePort or FlowDimension.DestinationPort => _marks.TryPorts(count) && Sum(count, isAsked, _question.By == FlowDimension.SourcePort ? _lows : _highs),
            FlowDimension.Flow => TryFlows(count, isAsked),
            FlowDimension.Exporter => TryExporters(count) && Sum(count, isAsked, _numbers),
            _ => _reader.TryNumbers(ColumnOf(_question.By), _numbers) && Sum(count, isAsked, _numbers),
        };
    }

    // Mostly a router samples all its traffic alike, or not at all.
    private bool TryRates(int count)
    {
        if (_reader.TrySame(FlowColumn.Rate, out var same))
        {
            if (same == 1)
            {
                return true;
            }

            _rates.AsSpan(0, count).Fill(same);
        }
        else if (!_reader.TryNumbers(FlowColumn.Rate, _rates))
        {
            return false;
        }

        for (var i = 0; i < count; i++)
        {
            _octets[i] *= _rates[i];
            _packets[i] *= _rates[i];
        }

        return true;
    }

    private void AddTotal(int count, ReadOnlySpan<bool> isAsked)
    {
        var (octets, packets, flows) = (0UL, 0UL, 0UL);
        for (var i = 0; i < count; i++)
        {
            if (isAsked.IsEmpty || isAsked[i])
            {
                octets += _octets[i];
                packets += _packets[i];
                flows++;
            }
        }

        _total.Add(new FlowSums(octets, packets, flows));
    }

    private bool TryExporters(int count)
    {
        if (_reader.Texts(FlowColumn.ExporterNames) is not { } names || !_reader.TryNumbers(FlowColumn.Exporter, _numbers))
        {
            return false;
        }

        var places = names.Select(_exporters.Of).ToArray();
        for (var i = 0; i < count; i++)
        {
            if (_numbers[i] >= (ulong)places.Length)
            {
                return false;
            }

            _numbers[i] = places[_numbers[i]];
        }

        return true;
    }

    private bool TryDestinations(int count, ReadOnlySpan<bool> isAsked)
    {
        var different = _reader.Destinations(_numbers);
        var at = 0;
        for (var i = 0; i < different; i++)
        {
            var sums = default(FlowSums);
            for (var end = at + (int)_numbers[i]; at < end; at++)
            {
                if (isAsked.IsEmpty || isAsked[at])
                {
                    sums.Add(_octets[at], _packets[at]);
                }
            }

            _byPlace[i] = sums;
        }

        _keys.Add(_reader.Addresses.AsSpan(0, Math.Max(0, different)), _byPlace.AsSpan(0, Math.Max(0, different)));
        return at == count;
    }

    private bool TrySources(int count, ReadOnlySpan<bool> isAsked)
    {
        var different = _reader.Sources(_numbers);
        Array.Clear(_byPlace, 0, Math.Max(0, different));
        for (var i = 0; i < count && different > 0; i++)
        {
            if (isAsked.IsEmpty || isAsked[i])
            {
                _byPlace[(int)_numbers[i]].Add(_octets[i], _packets[i]);
            }
        }

        _keys.Add(_reader.Addresses.AsSpan(0, Math.Max(0, different)), _byPlace.AsSpan(0, Math.Max(0, different)));
        return different > 0;
    }

    private bool TryFlows(int count, ReadOnlySpan<bool> isAsked)
    {
        // The rates are done with: their room holds protocols, and then the places of sources.
        if (!_marks.TryPorts(count) || !_reader.TryNumbers(FlowColumn.Protocol, _rates))
        {
            return false;
        }

        for (var i = 0; i < count; i++)
        {
            _lows[i] |= (_highs[i] << 16) | (_rates[i] << 32);
        }

        var sources = _reader.Sources(_rates);
        for (var i = 0; i < sources; i++)
        {
            _sources[i] = _reader.Addresses[i];
            _hashes[i] = BitOperations.RotateLeft(HashOf(_sources[i]), 23);
        }

        var destinations = sources < 0 ? -1 : _reader.Destinations(_numbers);
        var at = 0;
        for (var i = 0; i < destinations; i++)
        {
            var destination = _reader.Addresses[i];
            var hash = HashOf(destination);
            for (var end = at + (int)_numbers[i]; at < end; at++)
            {
                if (isAsked.IsEmpty || isAsked[at])
                {
                    Flow(at, hash, destination);
                }
            }
        }

        return at == count;
    }

    private void Flow(int at, ulong hash, FlowAddress destination)
    {
        var (place, rest) = ((int)_rates[at], _lows[at]);
        var mixed = (hash ^ _hashes[place] ^ (rest * 0xD6E8FEB86659FD93)) * 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 32)) * 0xFF51AFD7ED558CCD;
        if (_tuples!.Meets(mixed, _octets[at], _packets[at]))
        {
            _tuples.Add(new FlowTuple(_sources[place], destination, (ushort)rest, (ushort)(rest >> 16), (byte)(rest >> 32)), _octets[at], _packets[at]);
        }
    }

    private static ulong HashOf(FlowAddress address) => (address.High * 0x9E3779B97F4A7C15) ^ BitOperations.RotateLeft(address.Low * 0xC2B2AE3D27D4EB4F, 31);

    private bool Sum(int count, ReadOnlySpan<bool> isAsked, ReadOnlySpan<ulong> numbers)
    {
        for (var i = 0; i < count; i++)
        {
            if (!isAsked.IsEmpty && !isAsked[i])
            {
                continue;
            }

            if (numbers[i] < Small)
            {
                _small[numbers[i]].Add(_octets[i], _packets[i]);
            }
            else
            {
                _keys.Add(new FlowAddress(0, numbers[i]), new FlowSums(_octets[i], _packets[i], 1));
            }
        }

        return true;
    }

    private static FlowColumn ColumnOf(FlowDimension by) => by switch
    {
        FlowDimension.Protocol => FlowColumn.Protocol,
        FlowDimension.Input => FlowColumn.Input,
        FlowDimension.Output => FlowColumn.Output,
        FlowDimension.SourceAs => FlowColumn.SourceAs,
        _ => FlowColumn.DestinationAs,
    };
}
