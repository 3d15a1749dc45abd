namespace Tsunagi.Ddos.Archive;

/// <summary>What is kept of a record beside its destination, by which blocks are sorted. The numbers stand in files: none is ever used again for something else.</summary>
internal enum FlowColumn : byte
{
    Destination = 0,

    Source = 1,

    /// <summary>When it was received: tenths of a second since the block's first.</summary>
    Slot = 2,

    /// <summary>How long it lasted, in tenths of a second.</summary>
    Lasted = 3,

    /// <summary>Place in <see cref="ExporterNames"/>.</summary>
    Exporter = 4,

    /// <summary>Place in <see cref="OwnerNames"/>: the subscription that protected the destination then.</summary>
    Owner = 5,

    Input = 6,

    Output = 7,

    /// <summary>The smaller of the two ports, mostly that of a service: few different ones.</summary>
    LowPort = 8,

    HighPort = 9,

    /// <summary>1 when the source has the smaller port.</summary>
    IsSourceLow = 10,

    Protocol = 11,

    Flags = 12,

    Packets = 13,

    Octets = 14,

    /// <summary>One of so many packets was seen.</summary>
    Rate = 15,

    SourceAs = 16,

    DestinationAs = 17,

    Tos = 18,

    /// <summary>Of rolled-up rows: how many records one stands for. Rows of a block that has it are sums with sampling put back.</summary>
    Records = 19,

    /// <summary>Of rolled-up rows: <see cref="FlowVector"/>.</summary>
    Vector = 20,

    /// <summary>Texts.</summary>
    ExporterNames = 32,

    /// <summary>Texts; the first is empty: nobody's.</summary>
    OwnerNames = 33,
}
