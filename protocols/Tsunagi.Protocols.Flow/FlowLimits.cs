namespace Tsunagi.Protocols.Flow;

/// <summary>How much of an exporter's state and of one datagram is kept. Each is per exporter unless it says otherwise.</summary>
public sealed record FlowLimits
{
    /// <summary>The defaults.</summary>
    public static FlowLimits Default { get; } = new();

    /// <summary>Observation domains (source ids, engines, sub-agents). A datagram of one more is counted and not read.</summary>
    public int Domains { get; init; } = 256;

    /// <summary>Templates of one domain, data and options together. A further one is refused; withdrawing or replacing makes room.</summary>
    public int TemplatesPerDomain { get; init; } = 1024;

    /// <summary>Fields of one template.</summary>
    public int FieldsPerTemplate { get; init; } = 256;

    /// <summary>Octets of one record of a template without fields of variable length.</summary>
    public int RecordOctets { get; init; } = 16384;

    /// <summary>Sampling rates of selectors, interfaces and selection sequences in one domain; a further one is refused.</summary>
    public int SamplersPerDomain { get; init; } = 4096;

    /// <summary>A jump of the sequence number by more is a restart of the exporter, not a loss.</summary>
    public uint SequenceWindow { get; init; } = 1 << 20;

    /// <summary>Headers read in one sampled packet: tags, labels, extension headers, tunnels.</summary>
    public int PacketHeaders { get; init; } = 24;

    /// <summary>Samples of one sFlow datagram, and records of one sample.</summary>
    public int SflowRecords { get; init; } = 1024;

    /// <summary>Tunnels whose inner packet is reported in place of the outer one.</summary>
    public Packet.PacketTunnels Decapsulate { get; init; }
}
