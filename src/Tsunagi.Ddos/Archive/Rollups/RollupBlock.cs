using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Archive.Rollups;

/// <summary>Rolled-up rows of one sort that wait to be written; used again. Rows of several steps share a block.</summary>
internal sealed class RollupBlock(bool isByNetwork, ExporterPlaces exporters, ExporterPlaces owners)
{
    public static readonly IReadOnlyList<FlowColumn> ByInterface =
    [
        FlowColumn.Slot, FlowColumn.Owner, FlowColumn.Protocol, FlowColumn.LowPort, FlowColumn.Vector, FlowColumn.Records, FlowColumn.Packets, FlowColumn.Octets, FlowColumn.Exporter, FlowColumn.Input, FlowColumn.Output,
        FlowColumn.SourceAs, FlowColumn.DestinationAs,
    ];

    public static readonly IReadOnlyList<FlowColumn> ByNetwork = [.. ByInterface.Take(8)];

    private readonly Dictionary<FlowColumn, ulong[]> _columns = (isByNetwork ? ByNetwork : ByInterface).ToDictionary(static column => column, static _ => new ulong[FlowBlock.Capacity]);
    private readonly Names _exporters = new(exporters);
    private readonly Names _owners = new(owners);

    public bool IsByNetwork => isByNetwork;

    public int Count { get; private set; }

    public bool IsFull => Count == FlowBlock.Capacity;

    public long First { get; private set; }

    public long Last { get; private set; }

    public FlowAddress[] Networks { get; } = isByNetwork ? new FlowAddress[FlowBlock.Capacity] : [];

    public IReadOnlyList<string> ExporterNames => _exporters.All;

    public IReadOnlyList<string> OwnerNames => _owners.All;

    public ulong[] Of(FlowColumn column) => _columns[column];

    /// <param name="step">The start of its step, Unix milliseconds; never before that of the row before.</param>
    public void Add(long step, in RollupKey key, in FlowSums sums)
    {
        var at = Count++;
        if (at == 0)
        {
            First = step;
        }

        Last = step;
        Of(FlowColumn.Slot)[at] = (ulong)((step - First) / FlowLevel.Raw.Milliseconds());
        Of(FlowColumn.Owner)[at] = _owners.PlaceOf(key.Owner);
        Of(FlowColumn.Protocol)[at] = key.Protocol;
        Of(FlowColumn.LowPort)[at] = key.Service;
        Of(FlowColumn.Vector)[at] = key.Vector;
        Of(FlowColumn.Records)[at] = sums.Flows;
        Of(FlowColumn.Packets)[at] = sums.Packets;
        Of(FlowColumn.Octets)[at] = sums.Octets;
        if (isByNetwork)
        {
            Networks[at] = key.Network;
            return;
        }

        Of(FlowColumn.Exporter)[at] = _exporters.PlaceOf(key.Exporter);
        Of(FlowColumn.Input)[at] = key.Input;
        Of(FlowColumn.Output)[at] = key.Output;
        Of(FlowColumn.SourceAs)[at] = key.SourceAs;
        Of(FlowColumn.DestinationAs)[at] = key.DestinationAs;
    }

    public void Clear()
    {
        Count = 0;
        _exporters.Clear();
        _owners.Clear();
    }

    // Places in this block's own list of names.
    private sealed class Names(ExporterPlaces of)
    {
        private readonly Dictionary<uint, uint> _places = [];

        public List<string> All { get; } = [];

        public uint PlaceOf(uint number)
        {
            if (!_places.TryGetValue(number, out var place))
            {
                _places[number] = place = (uint)All.Count;
                All.Add(of[(int)number]);
            }

            return place;
        }

        public void Clear()
        {
            _places.Clear();
            All.Clear();
        }
    }
}
