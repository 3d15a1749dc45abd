using Tsunagi.Ddos.Archive;
using Tsunagi.Ddos.Collect;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.DryRun;

/// <summary>
/// Records that were kept of one protection, in the order in which they came: of each block (1) the time it is of is told, (2) when each exporter was heard, by the records of all, says for how long each burst speaks, as when
/// it came, (3) the protection's own are put in order and given out. Ten columns of one block are in memory, whatever is read. Not kept, and so not given: type and code of ICMP where the exporter told them by fields of their own
/// and not as its port, offsets of fragments (UDP without ports is taken for one), and whether flags were told at all.
/// </summary>
internal sealed class KeptRecords(FlowSegments segments)
{
    // As when they came: what says more of itself is not believed.
    private const long LongestFlowMilliseconds = 3_600_000;
    private const int Slot = 100;

    private readonly BlockReader _reader = new();
    private readonly Dictionary<string, BurstCover> _heard = new(StringComparer.Ordinal);
    private readonly Dictionary<(ulong Slot, ulong Exporter), long> _covers = [];
    private readonly Dictionary<FlowColumn, ulong[]> _columns = Columns.ToDictionary(static column => column, static _ => new ulong[FlowBlock.Capacity]);
    private readonly ulong[] _owners = new ulong[FlowBlock.Capacity];
    private readonly ulong[] _runs = new ulong[FlowBlock.Capacity];
    private readonly FlowAddress[] _destinations = new FlowAddress[FlowBlock.Capacity];
    private readonly FlowAddress[] _sources = new FlowAddress[FlowBlock.Capacity];
    private readonly List<int> _own = [];

    private static readonly FlowColumn[] Columns =
    [
        FlowColumn.Slot, FlowColumn.Exporter, FlowColumn.Lasted, FlowColumn.LowPort, FlowColumn.HighPort, FlowColumn.IsSourceLow, FlowColumn.Protocol, FlowColumn.Flags, FlowColumn.Packets, FlowColumn.Octets, FlowColumn.Rate,
    ];

    /// <summary>Given each record, when it came (Unix milliseconds), and for how long it speaks.</summary>
    public delegate void Taking(in FlowRecord record, long milliseconds, long spanMilliseconds);

    /// <summary>Blocks that could not be read.</summary>
    public int Unread { get; private set; }

    /// <summary>The segments of a time, oldest first.</summary>
    public IReadOnlyList<FlowSegment> Of(long from, long to) => [.. segments.All.Where(segment => segment.First < to && segment.Last >= from).OrderBy(static segment => segment.First).ThenBy(static segment => segment.Number)];

    /// <param name="told">The first and the last moment that a block is of, and its octets.</param>
    /// <param name="take">Records of this owner, from and before these moments.</param>
    public void Read(FlowSegment segment, string owner, long from, long to, Action<long, long, long> told, Taking take, CancellationToken cancellationToken)
    {
        using var file = segments.Read(segment);
        for (var at = 0L; file is not null && at < segment.Bytes && !cancellationToken.IsCancellationRequested; at += _reader.Header.Length)
        {
            if (!_reader.TryOpen(file, at, segment.Bytes))
            {
                Unread++;
                return;
            }

            // (1) What is damaged is not known.
            var header = _reader.Header;
            if (header.First < to && header.Last >= from && !TryBlock(owner, from, to, take))
            {
                Unread++;
                continue;
            }

            told(header.First, header.Last, header.Length);
        }
    }

    private bool TryBlock(string owner, long from, long to, Taking take)
    {
        var (header, count) = (_reader.Header, _reader.Header.Records);
        if (_reader.Texts(FlowColumn.ExporterNames) is not { } exporters || _reader.Texts(FlowColumn.OwnerNames) is not { } owners || !TryColumn(FlowColumn.Slot) || !TryColumn(FlowColumn.Exporter))
        {
            return false;
        }

        // (2)
        Hear(header.First, count, exporters);
        var mine = owners.ToList().IndexOf(owner);
        if (mine < 0)
        {
            return true;
        }

        if (!_reader.TryNumbers(FlowColumn.Owner, _owners))
        {
            return false;
        }

        var slots = _columns[FlowColumn.Slot];
        _own.Clear();
        for (var i = 0; i < count; i++)
        {
            if (_owners[i] == (ulong)mine)
            {
                _own.Add(i);
            }
        }

        // (3)
        if (_own.Count == 0)
        {
            return true;
        }

        if (!Columns.Skip(2).All(TryColumn) || !TryAddresses(count))
        {
            return false;
        }

        _own.Sort((a, b) => slots[a] != slots[b] ? slots[a].CompareTo(slots[b]) : a.CompareTo(b));
        foreach (var i in _own)
        {
            var milliseconds = header.First + ((long)slots[i] * Slot);
            if (milliseconds >= from && milliseconds < to)
            {
                var lasted = (long)_columns[FlowColumn.Lasted][i] * Slot;
                var record = RecordOf(i, lasted, milliseconds);
                take(in record, milliseconds, Math.Max(lasted <= LongestFlowMilliseconds ? lasted : 0, _covers.GetValueOrDefault((slots[i], _columns[FlowColumn.Exporter][i]))));
            }
        }

        return true;
    }

    private bool TryColumn(FlowColumn column) => _reader.TryNumbers(column, _columns[column]);

    private void Hear(long first, int count, IReadOnlyList<string> names)
    {
        _covers.Clear();
        var (slots, exporters) = (_columns[FlowColumn.Slot], _columns[FlowColumn.Exporter]);
        for (var i = 0; i < count; i++)
        {
            _covers.TryAdd((slots[i], exporters[i]), 0);
        }

        foreach (var moment in _covers.Keys.Order().ToList())
        {
            if (moment.Exporter < (ulong)names.Count)
            {
                var name = names[(int)moment.Exporter];
                var isKnown = _heard.TryGetValue(name, out var cover);
                _covers[moment] = (cover ??= _heard[name] = new BurstCover()).Of(first + ((long)moment.Slot * Slot), isKnown, out _);
            }
        }
    }

    private bool TryAddresses(int count)
    {
        var different = _reader.Destinations(_runs);
        var at = 0;
        for (var i = 0; i < different; i++)
        {
            _destinations.AsSpan(at, (int)_runs[i]).Fill(_reader.Addresses[i]);
            at += (int)_runs[i];
        }

        if (at != count || _reader.Sources(_runs) <= 0)
        {
            return false;
        }

        for (var i = 0; i < count; i++)
        {
            _sources[i] = _reader.Addresses[(int)_runs[i]];
        }

        return true;
    }

    private FlowRecord RecordOf(int at, long lasted, long milliseconds)
    {
        ulong Of(FlowColumn column) => _columns[column][at];
        var (low, high) = ((ushort)Of(FlowColumn.LowPort), (ushort)Of(FlowColumn.HighPort));
        var (source, destination) = Of(FlowColumn.IsSourceLow) != 0 ? (low, high) : (high, low);
        var (protocol, packets, rate) = ((byte)Of(FlowColumn.Protocol), Of(FlowColumn.Packets), (uint)Math.Max(1, Of(FlowColumn.Rate)));
        var isIcmp = protocol is 1 or 58;

        // Which it was is not kept: a sampled packet stands alone and lasts no time.
        var isFlow = lasted > 0 || packets > 1 || rate == 1;
        return new FlowRecord
        {
            Source = _sources[at], Destination = _destinations[at], Protocol = protocol, Packets = packets, Octets = Of(FlowColumn.Octets), SamplingRate = rate, SamplingSource = SamplingSource.Header,
            SourcePort = source, DestinationPort = isIcmp ? (ushort)0 : destination, IcmpType = isIcmp ? (byte)(destination >> 8) : (byte)0, IcmpCode = isIcmp ? (byte)destination : (byte)0,
            TcpFlags = (ushort)Of(FlowColumn.Flags), FragmentOffset = protocol == 17 && low == 0 && high == 0 ? (ushort)1 : (ushort)0, IpVersion = (byte)(_destinations[at].IsIPv4 ? 4 : 6),
            Origin = isFlow ? FlowOrigin.NetFlow9 : FlowOrigin.Sflow, Fields = isFlow && Of(FlowColumn.Flags) != 0 ? FlowFields.TcpFlags : FlowFields.None, ExportMilliseconds = milliseconds,
        };
    }
}
