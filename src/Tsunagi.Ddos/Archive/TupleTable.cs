using System.Numerics;
using System.Runtime.InteropServices;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Archive;

/// <summary>
/// The largest of far more flows (addresses, ports and protocol) than there is room to sum one by one, exactly all the same, in two readings: (1) each record is added to one of four million sums by its flow's hash, and no flow
/// has more than its sum; (2) the flows of the largest sums, some thousands, are summed one by one. When the last that is asked for has at least as much as the largest sum that was left out, none can be missing.
/// </summary>
internal sealed class TupleTable(int mostFlows, FlowOrder order)
{
    private const int Bits = 22;
    private const int MostChosen = 1 << 14;

    // Eighths of an octave: a threshold that is fine enough, found without sorting.
    private const int LevelBits = 3;

    private readonly ulong[] _sums = new ulong[1 << Bits];
    private readonly Dictionary<FlowTuple, FlowSums> _flows = [];
    private bool[]? _chosen;
    private ulong _leftOut;

    public int Count => _flows.Count;

    /// <summary>The second reading.</summary>
    public bool IsSecond => _chosen is not null;

    /// <summary>In the first reading adds it to its sum; in the second, whether it is to be added by itself.</summary>
    public bool Meets(ulong hash, ulong octets, ulong packets)
    {
        ref var sum = ref _sums[hash >> (64 - Bits)];
        if (_chosen is not null)
        {
            return _chosen[hash >> (64 - Bits)];
        }

        sum += order switch
        {
            FlowOrder.Octets => octets,
            FlowOrder.Packets => packets,
            _ => 1,
        };
        return false;
    }

    public void Add(in FlowTuple flow, ulong octets, ulong packets)
    {
        if (_flows.Count >= mostFlows && !_flows.ContainsKey(flow))
        {
            // Then nothing is known of what has less than all of them.
            _leftOut = ulong.MaxValue;
            return;
        }

        CollectionsMarshal.GetValueRefOrAddDefault(_flows, flow, out _).Add(octets, packets);
    }

    /// <summary>Between the readings: the sums of all tables together, and which of them are read again.</summary>
    public static void Choose(IReadOnlyList<TupleTable> tables)
    {
        var sums = tables[0]._sums;
        foreach (var other in tables.Skip(1))
        {
            for (var i = 0; i < sums.Length; i++)
            {
                sums[i] += other._sums[i];
            }
        }

        Span<int> levels = stackalloc int[65 << LevelBits];
        levels.Clear();
        foreach (var sum in sums)
        {
            levels[LevelOf(sum)]++;
        }

        var (least, count) = (levels.Length, 0);
        while (least > 1 && count + levels[least - 1] <= MostChosen)
        {
            count += levels[--least];
        }

        var (chosen, leftOut) = (new bool[sums.Length], 0UL);
        for (var i = 0; i < sums.Length; i++)
        {
            chosen[i] = LevelOf(sums[i]) >= least;
            leftOut = chosen[i] ? leftOut : Math.Max(leftOut, sums[i]);
        }

        foreach (var table in tables)
        {
            (table._chosen, table._leftOut) = (chosen, leftOut);
        }
    }

    /// <summary>What another table holds.</summary>
    public void Add(TupleTable other)
    {
        _leftOut = Math.Max(_leftOut, other._leftOut);
        foreach (var (flow, sums) in other._flows)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_flows, flow, out _).Add(in sums);
        }
    }

    /// <summary>The largest, and how much one that is not among them may have if that is more than the last of them has; 0 when none is missing.</summary>
    public (IReadOnlyList<(FlowTuple Flow, FlowSums Sums)> Items, ulong Missing) Top(int count)
    {
        List<(FlowTuple Flow, FlowSums Sums)> items =
            [.. _flows.Select(static pair => (pair.Key, pair.Value)).OrderByDescending(pair => pair.Value.By(order)).ThenBy(static pair => pair.Key.ToString(), StringComparer.Ordinal).Take(count)];
        var last = items.Count < count ? 0 : items[^1].Sums.By(order);
        return (items, _leftOut > last ? _leftOut : 0);
    }

    // 0 for nothing; else by the highest bit and those behind it.
    private static int LevelOf(ulong sum)
    {
        var width = 64 - BitOperations.LeadingZeroCount(sum);
        return width <= LevelBits ? (int)sum : (width << LevelBits) | (int)((sum >> (width - 1 - LevelBits)) & ((1 << LevelBits) - 1));
    }
}

/// <summary>What records of one flow have in common.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FlowTuple(FlowAddress Source, FlowAddress Destination, ushort SourcePort, ushort DestinationPort, byte Protocol)
{
    public override string ToString() => FormattableString.Invariant($"{End(Source, SourcePort)} > {End(Destination, DestinationPort)} {NameOf(Protocol)}");

    private static string End(FlowAddress address, ushort port) => address.IsIPv4 ? FormattableString.Invariant($"{address}:{port}") : FormattableString.Invariant($"[{address}]:{port}");

    private static string NameOf(byte protocol) => protocol switch
    {
        1 => "icmp",
        6 => "tcp",
        17 => "udp",
        47 => "gre",
        50 => "esp",
        58 => "icmp6",
        _ => protocol.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
