namespace Tsunagi.Protocols.Flow.Packet;

/// <summary>What the first octets of a packet are. The numbers are our own; see <see cref="PacketLinks"/> for those of pcap and sFlow.</summary>
public enum PacketLink : byte
{
    /// <summary>A link that is not read here.</summary>
    Unknown,

    /// <summary>Ethernet, without preamble and frame check sequence.</summary>
    Ethernet,

    /// <summary>IPv4 or IPv6, told apart by the first four bits.</summary>
    Ip,

    /// <summary>PPP in HDLC-like framing or without address and control.</summary>
    Ppp,

    /// <summary>An MPLS label stack.</summary>
    Mpls,

    /// <summary>BSD loopback: four octets of address family.</summary>
    Null,

    /// <summary>Linux "cooked" capture, first version.</summary>
    LinuxSll,

    /// <summary>Linux "cooked" capture, second version.</summary>
    LinuxSll2,

    /// <summary>Cisco HDLC.</summary>
    CiscoHdlc,
}

/// <summary>Tunnels that can be looked into.</summary>
[Flags]
public enum PacketTunnels
{
    /// <summary>None: the packet that the router forwards is reported.</summary>
    None = 0,

    /// <summary>IPv4, IPv6 or Ethernet in IP (protocols 4, 41 and 143) without a segment routing header.</summary>
    IpInIp = 1,

    /// <summary>GRE (RFC 2784, RFC 2890), with Ethernet or IP inside.</summary>
    Gre = 2,

    /// <summary>VXLAN (RFC 7348).</summary>
    Vxlan = 4,

    /// <summary>IPv4, IPv6 or Ethernet behind a segment routing header (RFC 8754, RFC 8986).</summary>
    Srv6 = 8,

    /// <summary>All.</summary>
    All = IpInIp | Gre | Vxlan | Srv6,
}

/// <summary>The link numbers of capture files and of sFlow.</summary>
public static class PacketLinks
{
    /// <summary>The link of a LINKTYPE_ value of pcap and pcapng.</summary>
    public static PacketLink FromLinkType(uint linkType) => linkType switch
    {
        0 or 108 => PacketLink.Null,
        1 => PacketLink.Ethernet,
        9 or 50 => PacketLink.Ppp,
        12 or 14 or 101 or 228 or 229 => PacketLink.Ip,
        104 => PacketLink.CiscoHdlc,
        113 => PacketLink.LinuxSll,
        219 => PacketLink.Mpls,
        276 => PacketLink.LinuxSll2,
        _ => PacketLink.Unknown,
    };

    /// <summary>The link of a header protocol of sFlow version 5 (section 5, enum header_protocol).</summary>
    public static PacketLink FromSflow(uint headerProtocol) => headerProtocol switch
    {
        1 => PacketLink.Ethernet,
        7 or 14 => PacketLink.Ppp,
        10 or 11 or 12 => PacketLink.Ip,
        13 => PacketLink.Mpls,
        _ => PacketLink.Unknown,
    };
}
