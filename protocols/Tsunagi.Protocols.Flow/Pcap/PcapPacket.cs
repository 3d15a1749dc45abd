namespace Tsunagi.Protocols.Flow.Pcap;

/// <summary>How much of a capture is read.</summary>
public sealed record PcapLimits
{
    /// <summary>The defaults.</summary>
    public static PcapLimits Default { get; } = new();

    /// <summary>Octets of one packet or block; a longer one ends the reading.</summary>
    public int PacketOctets { get; init; } = 1 << 20;

    /// <summary>Interfaces of one section of a pcapng capture.</summary>
    public int Interfaces { get; init; } = 1024;
}

/// <summary>One captured packet; its octets are good until the next is read.</summary>
public readonly ref struct PcapPacket
{
    /// <summary>A packet.</summary>
    public PcapPacket(long timestampNanoseconds, uint linkType, int originalLength, ReadOnlySpan<byte> octets)
    {
        TimestampNanoseconds = timestampNanoseconds;
        LinkType = linkType;
        OriginalLength = originalLength;
        Octets = octets;
    }

    /// <summary>When it was captured, nanoseconds of Unix time; 0 where the capture does not say.</summary>
    public long TimestampNanoseconds { get; }

    /// <summary>LINKTYPE_ value of the interface.</summary>
    public uint LinkType { get; }

    /// <summary>Octets it had on the link.</summary>
    public int OriginalLength { get; }

    /// <summary>What was captured of it.</summary>
    public ReadOnlySpan<byte> Octets { get; }
}

/// <summary>How the reading of a capture went on or ended.</summary>
public enum PcapStatus
{
    /// <summary>A packet was read.</summary>
    Packet,

    /// <summary>The capture ends where it should.</summary>
    End,

    /// <summary>The capture ends inside a packet or block; all before it were read.</summary>
    Truncated,

    /// <summary>It is no pcap or pcapng.</summary>
    NotACapture,

    /// <summary>A length or number can not be, or is above the limit.</summary>
    Malformed,
}
