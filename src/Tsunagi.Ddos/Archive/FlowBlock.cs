using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Archive;

/// <summary>Records that wait to be written, column by column: about 7 MB. Filled on the collector's turn, then read by the writer alone; used again.</summary>
internal sealed class FlowBlock
{
    public const int Capacity = 65_536;

    /// <summary>The columns that are numbers, in the order of <see cref="FlowColumn"/>.</summary>
    public static readonly IReadOnlyList<FlowColumn> Numbers = [.. Enum.GetValues<FlowColumn>().Where(static column => column is >= FlowColumn.Slot and <= FlowColumn.Tos && column != FlowColumn.Octets)];

    private const int SlotMilliseconds = 100;

    private readonly uint[][] _numbers = new uint[(int)FlowColumn.Tos + 1][];
    private readonly Dictionary<string, uint> _exporterPlaces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, uint> _ownerPlaces = new(StringComparer.Ordinal);
    private (string Name, uint Place) _lastExporter = ("", 0);
    private (string Name, uint Place) _lastOwner = ("", 0);

    public FlowBlock()
    {
        foreach (var column in Numbers)
        {
            _numbers[(int)column] = new uint[Capacity];
        }

        Clear();
    }

    public int Count { get; private set; }

    /// <summary>When the first and the last record was received, Unix milliseconds.</summary>
    public long First { get; private set; }

    public long Last { get; private set; }

    public bool IsFull => Count == Capacity;

    public FlowAddress[] Sources { get; } = new FlowAddress[Capacity];

    public FlowAddress[] Destinations { get; } = new FlowAddress[Capacity];

    public ulong[] Octets { get; } = new ulong[Capacity];

    public List<string> ExporterNames { get; } = [];

    public List<string> OwnerNames { get; } = [];

    public uint[] Of(FlowColumn column) => _numbers[(int)column];

    /// <param name="owner">The subscription that protects the destination; empty when none does.</param>
    /// <param name="milliseconds">When it was received, Unix time.</param>
    public void Add(in FlowRecord record, string exporter, string owner, long milliseconds)
    {
        var at = Count++;
        if (at == 0)
        {
            (First, Last) = (milliseconds, milliseconds);
        }

        // A clock that was set back does not turn a block round: it is as if that moment stood still.
        Last = Math.Max(Last, milliseconds);
        Destinations[at] = record.Destination;
        Sources[at] = record.Source;
        Octets[at] = record.Octets;
        Of(FlowColumn.Slot)[at] = (uint)Math.Max(0, (milliseconds - First) / SlotMilliseconds);
        var lasted = record is { StartMilliseconds: > 0, EndMilliseconds: > 0 } ? record.EndMilliseconds - record.StartMilliseconds : 0;
        Of(FlowColumn.Lasted)[at] = lasted is > 0 and < uint.MaxValue ? (uint)lasted / SlotMilliseconds : 0;
        Of(FlowColumn.Exporter)[at] = PlaceOf(exporter, ref _lastExporter, _exporterPlaces, ExporterNames);
        Of(FlowColumn.Owner)[at] = PlaceOf(owner, ref _lastOwner, _ownerPlaces, OwnerNames);
        Of(FlowColumn.Input)[at] = record.InputInterface;
        Of(FlowColumn.Output)[at] = record.OutputInterface;

        // As NetFlow v5 has it: type and code of ICMP stand in the place of the destination's port.
        var to = record.Protocol is 1 or 58 && record.DestinationPort == 0 ? (uint)((record.IcmpType << 8) | record.IcmpCode) : record.DestinationPort;
        Of(FlowColumn.LowPort)[at] = Math.Min(record.SourcePort, to);
        Of(FlowColumn.HighPort)[at] = Math.Max(record.SourcePort, to);
        Of(FlowColumn.IsSourceLow)[at] = record.SourcePort < to ? 1u : 0;
        Of(FlowColumn.Protocol)[at] = record.Protocol;
        Of(FlowColumn.Flags)[at] = record.TcpFlags;
        Of(FlowColumn.Packets)[at] = (uint)Math.Min(uint.MaxValue, record.Packets);
        Of(FlowColumn.Rate)[at] = Math.Max(1, record.SamplingRate);
        Of(FlowColumn.SourceAs)[at] = record.SourceAs;
        Of(FlowColumn.DestinationAs)[at] = record.DestinationAs;
        Of(FlowColumn.Tos)[at] = record.Tos;
    }

    public void Clear()
    {
        Count = 0;
        ExporterNames.Clear();
        OwnerNames.Clear();
        _exporterPlaces.Clear();
        _ownerPlaces.Clear();
        OwnerNames.Add("");
        _ownerPlaces.Add("", 0);
        (_lastExporter, _lastOwner) = (("\0", 0), ("", 0));
    }

    private static uint PlaceOf(string name, ref (string Name, uint Place) last, Dictionary<string, uint> places, List<string> names)
    {
        if (ReferenceEquals(name, last.Name))
        {
            return last.Place;
        }

        if (!places.TryGetValue(name, out var place))
        {
            place = (uint)names.Count;
            names.Add(name);
            places.Add(name, place);
        }

        last = (name, place);
        return place;
    }
}
