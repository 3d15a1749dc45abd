using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Archive;

/// <summary>
/// The rows of a block by what roll-ups keep, whether they are records or rolled-up rows: sums with sampling put back, how many records each stands for, and the parts that are asked for. All room is its own and used
/// again; exporters and owners are numbered alike in all blocks.
/// </summary>
internal sealed class BlockRows(BlockReader reader, ExporterPlaces exporters, ExporterPlaces owners)
{
    private readonly ulong[] _low = new ulong[FlowBlock.Capacity];
    private readonly ulong[] _high = new ulong[FlowBlock.Capacity];
    private readonly ulong[] _runs = new ulong[FlowBlock.Capacity];
    private readonly ulong[] _rates = new ulong[FlowBlock.Capacity];

    public int Count { get; private set; }

    /// <summary>The block was rolled up.</summary>
    public bool IsRolled { get; private set; }

    /// <summary>Of a block that was rolled up: its rows know the network, and not exporter, interfaces and AS numbers.</summary>
    public bool IsByNetwork { get; private set; }

    public ulong[] Octets { get; } = new ulong[FlowBlock.Capacity];

    public ulong[] Packets { get; } = new ulong[FlowBlock.Capacity];

    /// <summary>Records.</summary>
    public ulong[] Flows { get; } = new ulong[FlowBlock.Capacity];

    /// <summary>Receipt, in tenths of a second since the block's first.</summary>
    public ulong[] Slot { get; } = new ulong[FlowBlock.Capacity];

    public ulong[] Exporter { get; } = new ulong[FlowBlock.Capacity];

    public ulong[] Owner { get; } = new ulong[FlowBlock.Capacity];

    public ulong[] Input { get; } = new ulong[FlowBlock.Capacity];

    public ulong[] Output { get; } = new ulong[FlowBlock.Capacity];

    public ulong[] Protocol { get; } = new ulong[FlowBlock.Capacity];

    /// <summary><see cref="FlowService"/></summary>
    public ulong[] Service { get; } = new ulong[FlowBlock.Capacity];

    /// <summary><see cref="FlowVector"/></summary>
    public ulong[] Vector { get; } = new ulong[FlowBlock.Capacity];

    public ulong[] SourceAs { get; } = new ulong[FlowBlock.Capacity];

    public ulong[] DestinationAs { get; } = new ulong[FlowBlock.Capacity];

    /// <summary>The /24 or /64 of the destination; of rows that nobody owns, and of those that were too many, none (::).</summary>
    public FlowAddress[] Network { get; } = new FlowAddress[FlowBlock.Capacity];

    /// <summary>What the block is, without its rows.</summary>
    public void Look()
    {
        (Count, IsRolled) = (reader.Header.Records, reader.Has(FlowColumn.Records));
        IsByNetwork = IsRolled && reader.Has(FlowColumn.Destination);
    }

    /// <summary>Sums, and these parts; false when the block is damaged.</summary>
    public bool TryRead(RowParts parts)
    {
        Look();
        bool Asked(RowParts part) => (parts & part) != RowParts.None;
        return TrySums()
            && (!Asked(RowParts.Slot) || reader.TryNumbers(FlowColumn.Slot, Slot))
            && (!Asked(RowParts.Exporter) || TryNamed(FlowColumn.ExporterNames, FlowColumn.Exporter, exporters, Exporter))
            && (!Asked(RowParts.Owner | RowParts.Network) || TryNamed(FlowColumn.OwnerNames, FlowColumn.Owner, owners, Owner))
            && (!Asked(RowParts.Input) || reader.TryNumbers(FlowColumn.Input, Input))
            && (!Asked(RowParts.Output) || reader.TryNumbers(FlowColumn.Output, Output))
            && (!Asked(RowParts.Protocol | RowParts.Vector) || reader.TryNumbers(FlowColumn.Protocol, Protocol))
            && (!Asked(RowParts.Service | RowParts.Vector) || TryPorts(Asked(RowParts.Vector)))
            && (!Asked(RowParts.SourceAs) || reader.TryNumbers(FlowColumn.SourceAs, SourceAs))
            && (!Asked(RowParts.DestinationAs) || reader.TryNumbers(FlowColumn.DestinationAs, DestinationAs))
            && (!Asked(RowParts.Network) || TryNetworks());
    }

    private bool TrySums()
    {
        if (!reader.TryNumbers(FlowColumn.Octets, Octets) || !reader.TryNumbers(FlowColumn.Packets, Packets))
        {
            return false;
        }

        if (IsRolled)
        {
            return reader.TryNumbers(FlowColumn.Records, Flows);
        }

        Flows.AsSpan(0, Count).Fill(1);
        if (reader.TrySame(FlowColumn.Rate, out var same) && same == 1)
        {
            return true;
        }

        if (!reader.TryNumbers(FlowColumn.Rate, _rates))
        {
            return false;
        }

        for (var i = 0; i < Count; i++)
        {
            Octets[i] *= _rates[i];
            Packets[i] *= _rates[i];
        }

        return true;
    }

    private bool TryNamed(FlowColumn names, FlowColumn column, ExporterPlaces places, ulong[] into)
    {
        if (reader.Texts(names) is not { } texts || !reader.TryNumbers(column, into))
        {
            return false;
        }

        var of = texts.Select(places.Of).ToArray();
        for (var i = 0; i < Count; i++)
        {
            if (into[i] >= (ulong)of.Length)
            {
                return false;
            }

            into[i] = of[into[i]];
        }

        return true;
    }

    private bool TryPorts(bool withVector)
    {
        if (!reader.TryNumbers(FlowColumn.LowPort, _low))
        {
            return false;
        }

        for (var i = 0; i < Count; i++)
        {
            Service[i] = FlowService.Of(_low[i]);
        }

        return !withVector || (IsRolled ? reader.TryNumbers(FlowColumn.Vector, Vector) : TryVectors());
    }

    private bool TryVectors()
    {
        // The room of runs and rates is free: which side has the smaller port, and the flags; packets are those that were seen.
        if (!reader.TryNumbers(FlowColumn.HighPort, _high) || !reader.TryNumbers(FlowColumn.IsSourceLow, _runs) || !reader.TryNumbers(FlowColumn.Packets, Vector) || !reader.TryNumbers(FlowColumn.Flags, _rates))
        {
            return false;
        }

        for (var i = 0; i < Count; i++)
        {
            var (source, destination) = _runs[i] != 0 ? (_low[i], _high[i]) : (_high[i], _low[i]);
            Vector[i] = FlowVector.Of(Protocol[i], source, destination, _rates[i], Vector[i]);
        }

        return true;
    }

    private bool TryNetworks()
    {
        var different = reader.Destinations(_runs);
        var (at, nobody) = (0, owners.Of(""));
        for (var i = 0; i < different; i++)
        {
            var network = FlowKeys.NetworkOf(reader.Addresses[i]);
            for (var end = at + (int)_runs[i]; at < end; at++)
            {
                Network[at] = Owner[at] == nobody ? default : network;
            }
        }

        return at == Count;
    }
}

/// <summary>What of a block's rows is read.</summary>
[Flags]
internal enum RowParts
{
    None = 0,
    Slot = 1,
    Exporter = 2,
    Owner = 4,
    Input = 8,
    Output = 16,
    Protocol = 32,
    Service = 64,
    Vector = 128,
    SourceAs = 256,
    DestinationAs = 512,
    Network = 1_024,

    /// <summary>All that roll-ups keep.</summary>
    All = 2_047,
}
