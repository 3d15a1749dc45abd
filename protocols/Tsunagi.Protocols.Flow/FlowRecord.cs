using System.Runtime.InteropServices;

namespace Tsunagi.Protocols.Flow;

/// <summary>The protocol that a record came by.</summary>
public enum FlowOrigin : byte
{
    /// <summary>None: the default value.</summary>
    None = 0,

    /// <summary>NetFlow version 5.</summary>
    NetFlow5 = 5,

    /// <summary>NetFlow version 9 (RFC 3954).</summary>
    NetFlow9 = 9,

    /// <summary>IPFIX (RFC 7011).</summary>
    Ipfix = 10,

    /// <summary>sFlow version 5.</summary>
    Sflow = 6,

    /// <summary>A captured packet.</summary>
    Packet = 7,
}

/// <summary>Where <see cref="FlowRecord.SamplingRate"/> was learned.</summary>
public enum SamplingSource : byte
{
    /// <summary>Nowhere: the record may be sampled and nobody said how. The rate is 1 and an operator must be told.</summary>
    Unknown,

    /// <summary>The header of the NetFlow v5 datagram.</summary>
    Header,

    /// <summary>The record itself.</summary>
    Record,

    /// <summary>The sFlow sample.</summary>
    Sample,

    /// <summary>An options record for the selector (sampler) that the record names.</summary>
    Selector,

    /// <summary>An options record for the interface that the record names.</summary>
    Interface,

    /// <summary>An options record for the whole observation domain.</summary>
    Domain,

    /// <summary>An options record of another domain of the same exporter, where that exporter has told of one rate only.</summary>
    OtherDomain,

    /// <summary>The operator.</summary>
    Override,
}

/// <summary>Which parts of a <see cref="FlowRecord"/> the exporter reported; all others are zero.</summary>
[Flags]
public enum FlowFields : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Source and destination address, or one of them.</summary>
    Addresses = 1 << 0,

    /// <summary>Ports.</summary>
    Ports = 1 << 1,

    /// <summary>Protocol.</summary>
    Protocol = 1 << 2,

    /// <summary>TCP flags.</summary>
    TcpFlags = 1 << 3,

    /// <summary>Octets.</summary>
    Octets = 1 << 4,

    /// <summary>Packets.</summary>
    Packets = 1 << 5,

    /// <summary>Start of the flow.</summary>
    Start = 1 << 6,

    /// <summary>End of the flow.</summary>
    End = 1 << 7,

    /// <summary>Input interface.</summary>
    InputInterface = 1 << 8,

    /// <summary>Output interface.</summary>
    OutputInterface = 1 << 9,

    /// <summary>Source or destination AS.</summary>
    As = 1 << 10,

    /// <summary>Type of service.</summary>
    Tos = 1 << 11,

    /// <summary>ICMP type and code.</summary>
    Icmp = 1 << 12,

    /// <summary>Octets or packets of the way back (RFC 5103, or responder counters).</summary>
    Reverse = 1 << 13,

    /// <summary>VLAN.</summary>
    Vlan = 1 << 14,

    /// <summary>MAC addresses.</summary>
    Mac = 1 << 15,

    /// <summary>Fragment offset, identification or flags.</summary>
    Fragment = 1 << 16,

    /// <summary>Direction of the flow at its observation point.</summary>
    Direction = 1 << 17,

    /// <summary>Time to live.</summary>
    Ttl = 1 << 18,

    /// <summary>The selector (sampler) that chose the packets.</summary>
    Selector = 1 << 19,

    /// <summary>MPLS labels.</summary>
    Mpls = 1 << 20,

    /// <summary>Next hop.</summary>
    NextHop = 1 << 21,

    /// <summary>The record was made from an octet-by-octet piece of a packet.</summary>
    PacketSection = 1 << 22,

    /// <summary>Forwarding status.</summary>
    ForwardingStatus = 1 << 23,

    /// <summary>Prefix lengths.</summary>
    PrefixLengths = 1 << 24,

    /// <summary>VRF.</summary>
    Vrf = 1 << 25,

    /// <summary>Shortest or longest packet.</summary>
    PacketLengths = 1 << 26,
}

/// <summary>
/// One flow, or one sampled packet, in the same fixed shape from every exporter: what a <see cref="Ipfix.FieldPlan"/> copies into. Counters
/// are as reported; multiply by <see cref="SamplingRate"/> (at least 1). It is passed by reference and reused for the next record: copy what
/// outlives the call.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = SizeOctets)]
public struct FlowRecord
{
    internal const int SizeOctets = 272;

    /// <summary>Source address.</summary>
    [FieldOffset(0)] public FlowAddress Source;

    /// <summary>Destination address.</summary>
    [FieldOffset(16)] public FlowAddress Destination;

    /// <summary>Next hop.</summary>
    [FieldOffset(32)] public FlowAddress NextHop;

    /// <summary>Next hop by BGP.</summary>
    [FieldOffset(48)] public FlowAddress BgpNextHop;

    /// <summary>Octets of IP packets, header included.</summary>
    [FieldOffset(64)] public ulong Octets;

    /// <summary>Packets.</summary>
    [FieldOffset(72)] public ulong Packets;

    /// <summary>Octets of the way back.</summary>
    [FieldOffset(80)] public ulong ReverseOctets;

    /// <summary>Packets of the way back.</summary>
    [FieldOffset(88)] public ulong ReversePackets;

    /// <summary>First packet, milliseconds of Unix time by the exporter's clock; 0 when it can not be told.</summary>
    [FieldOffset(96)] public long StartMilliseconds;

    /// <summary>Last packet, likewise.</summary>
    [FieldOffset(104)] public long EndMilliseconds;

    /// <summary>When the datagram was made, likewise; sFlow tells no clock, so there it is the time of receipt.</summary>
    [FieldOffset(112)] public long ExportMilliseconds;

    /// <summary>Id of the selector (sampler).</summary>
    [FieldOffset(120)] public ulong SelectorId;

    /// <summary>Source MAC address in the low 48 bits.</summary>
    [FieldOffset(128)] public ulong SourceMac;

    /// <summary>Destination MAC address.</summary>
    [FieldOffset(136)] public ulong DestinationMac;

    /// <summary>Input interface (ifIndex); 0 is unknown or the router itself.</summary>
    [FieldOffset(144)] public uint InputInterface;

    /// <summary>Output interface; 0 is unknown, the router itself, or discarded.</summary>
    [FieldOffset(148)] public uint OutputInterface;

    /// <summary>AS of the source.</summary>
    [FieldOffset(152)] public uint SourceAs;

    /// <summary>AS of the destination.</summary>
    [FieldOffset(156)] public uint DestinationAs;

    /// <summary>One of how many packets was seen; at least 1.</summary>
    [FieldOffset(160)] public uint SamplingRate;

    /// <summary>What the exporter reported.</summary>
    [FieldOffset(164)] public FlowFields Fields;

    /// <summary>VRF of the input.</summary>
    [FieldOffset(168)] public uint IngressVrf;

    /// <summary>VRF of the output.</summary>
    [FieldOffset(172)] public uint EgressVrf;

    /// <summary>Top MPLS label, 20 bits.</summary>
    [FieldOffset(176)] public uint MplsLabel1;

    /// <summary>Second MPLS label.</summary>
    [FieldOffset(180)] public uint MplsLabel2;

    /// <summary>Third MPLS label.</summary>
    [FieldOffset(184)] public uint MplsLabel3;

    /// <summary>Fourth MPLS label.</summary>
    [FieldOffset(188)] public uint MplsLabel4;

    /// <summary>IPv6 flow label.</summary>
    [FieldOffset(192)] public uint FlowLabel;

    /// <summary>VXLAN network identifier or other layer 2 segment.</summary>
    [FieldOffset(196)] public uint SegmentId;

    /// <summary>Observation domain (source id, engine, sub-agent).</summary>
    [FieldOffset(200)] public uint ObservationDomain;

    /// <summary>Identification of a fragmented packet.</summary>
    [FieldOffset(204)] public uint FragmentIdentification;

    /// <summary>Octets of the frame on the link, where the exporter told them beside those of IP.</summary>
    [FieldOffset(208)] public uint FrameOctets;

    /// <summary>How many flows an aggregated record stands for; 0 when it does not say.</summary>
    [FieldOffset(212)] public uint FlowCount;

    /// <summary>Source port.</summary>
    [FieldOffset(216)] public ushort SourcePort;

    /// <summary>Destination port.</summary>
    [FieldOffset(218)] public ushort DestinationPort;

    /// <summary>TCP flags of all packets, 9 bits.</summary>
    [FieldOffset(220)] public ushort TcpFlags;

    /// <summary>VLAN at the input.</summary>
    [FieldOffset(222)] public ushort SourceVlan;

    /// <summary>VLAN at the output.</summary>
    [FieldOffset(224)] public ushort DestinationVlan;

    /// <summary>Ethertype of what is inside the VLAN tags.</summary>
    [FieldOffset(226)] public ushort EtherType;

    /// <summary>Fragment offset in units of 8 octets.</summary>
    [FieldOffset(228)] public ushort FragmentOffset;

    /// <summary>Shortest packet.</summary>
    [FieldOffset(230)] public ushort MinimumLength;

    /// <summary>Longest packet.</summary>
    [FieldOffset(232)] public ushort MaximumLength;

    /// <summary>Template the record was read by.</summary>
    [FieldOffset(234)] public ushort TemplateId;

    /// <summary>IP protocol, behind IPv6 extension headers.</summary>
    [FieldOffset(236)] public byte Protocol;

    /// <summary>Type of service or traffic class.</summary>
    [FieldOffset(237)] public byte Tos;

    /// <summary>Time to live or hop limit.</summary>
    [FieldOffset(238)] public byte Ttl;

    /// <summary>ICMP type.</summary>
    [FieldOffset(239)] public byte IcmpType;

    /// <summary>ICMP code.</summary>
    [FieldOffset(240)] public byte IcmpCode;

    /// <summary>Prefix length of the source's route.</summary>
    [FieldOffset(241)] public byte SourcePrefixLength;

    /// <summary>Prefix length of the destination's route.</summary>
    [FieldOffset(242)] public byte DestinationPrefixLength;

    /// <summary>Forwarding status (RFC 7270 section 4.12).</summary>
    [FieldOffset(243)] public byte ForwardingStatus;

    /// <summary>0 ingress, 1 egress.</summary>
    [FieldOffset(244)] public byte Direction;

    /// <summary>Fragment flags as IE 197: 0x40 don't fragment, 0x20 more fragments.</summary>
    [FieldOffset(245)] public byte FragmentFlags;

    /// <summary>4, 6, or 0 when there is no IP.</summary>
    [FieldOffset(246)] public byte IpVersion;

    /// <summary>Why the flow ended (IE 136).</summary>
    [FieldOffset(247)] public byte EndReason;

    /// <summary>How many VLAN tags the sampled frame had.</summary>
    [FieldOffset(248)] public byte VlanTags;

    /// <summary>How many MPLS labels there are, also those that are not kept.</summary>
    [FieldOffset(249)] public byte MplsLabels;

    /// <summary>Where the sampling rate was learned.</summary>
    [FieldOffset(250)] public SamplingSource SamplingSource;

    /// <summary>The protocol the record came by.</summary>
    [FieldOffset(251)] public FlowOrigin Origin;

    /// <summary>VLAN of the inner tag (802.1ad).</summary>
    [FieldOffset(252)] public ushort CustomerVlan;

    /// <summary>Octets of the packets as they were before sampling: an estimate.</summary>
    public readonly ulong ScaledOctets => Octets * Math.Max(1, SamplingRate);

    /// <summary>Packets before sampling: an estimate.</summary>
    public readonly ulong ScaledPackets => Packets * Math.Max(1, SamplingRate);

    /// <summary>True for a packet or flow of fragments behind the first, which has no ports.</summary>
    public readonly bool IsFragment => FragmentOffset != 0;
}
