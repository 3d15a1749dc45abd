namespace Tsunagi.Ddos.Detect;

/// <summary>
/// What an attack is called, by simple signatures held against the picture of its traffic, the first that fits: (1) reflection by the source port that most UDP
/// comes from, by packets or by octets, its fragments counted with it, (2) fragments, (3) kinds of TCP, (4) ICMP, UDP, another protocol, (5) several of them.
/// </summary>
internal static class Vectors
{
    // From here on it is what most of the traffic is.
    private const double Most = 0.5;

    // Fragments of answers too large for a packet carry no ports: what is left of the first fragments must still be seen.
    private const double PartWithFragments = 0.15;

    private static readonly (ushort Port, string Name)[] Reflectors =
    [
        (17, "qotd-reflection"), (19, "chargen-reflection"), (53, "dns-reflection"), (69, "tftp-reflection"), (111, "portmap-reflection"), (123, "ntp-reflection"),
        (137, "netbios-reflection"), (161, "snmp-reflection"), (177, "xdmcp-reflection"), (389, "cldap-reflection"), (427, "slp-reflection"), (500, "isakmp-reflection"),
        (4500, "isakmp-reflection"), (520, "rip-reflection"), (623, "ipmi-reflection"), (1194, "openvpn-reflection"), (1434, "mssql-reflection"), (1701, "l2tp-reflection"),
        (1900, "ssdp-reflection"), (3283, "ard-reflection"), (3389, "rdp-reflection"), (3478, "stun-reflection"), (3702, "wsd-reflection"), (5093, "sentinel-reflection"),
        (5353, "mdns-reflection"), (5683, "coap-reflection"), (10001, "ubiquiti-reflection"), (11211, "memcached-reflection"), (17185, "vxworks-reflection"),
        (27015, "steam-reflection"), (32414, "plex-reflection"), (37810, "dvr-reflection"), (47808, "bacnet-reflection"),
    ];

    public static IReadOnlyList<string> All { get; } =
    [
        .. Reflectors.Select(static each => each.Name).Distinct(), "fragment-flood", "tcp-syn-flood", "tcp-syn-ack-reflection", "tcp-rst-flood", "tcp-ack-flood", "tcp-null-flood", "tcp-flood",
        "icmp-flood", "udp-flood", "protocol-flood", "mixed",
    ];

    public static string NameOf(TrafficPicture picture)
    {
        if (picture.Packets == 0)
        {
            return "mixed";
        }

        double Part(ulong packets) => (double)packets / picture.Packets;

        // (1) By packets or by octets: answers are large.
        if (Reflection(each => Part(picture.FromUdp(each)), Part(picture.Behind)) is { } byPackets)
        {
            return byPackets;
        }

        if (Reflection(each => (double)picture.OctetsFromUdp(each) / Math.Max(1, picture.Octets), (double)picture.BehindOctets / Math.Max(1, picture.Octets)) is { } byOctets)
        {
            return byOctets;
        }

        // (2)
        if (Part(picture.Fragments) >= Most)
        {
            return "fragment-flood";
        }

        // (3)
        if (Part(picture.Tcp) >= Most)
        {
            double OfTcp(ulong packets) => (double)packets / picture.Tcp;
            return OfTcp(picture.SynOnly) >= Most ? "tcp-syn-flood"
                : OfTcp(picture.SynAck) >= Most ? "tcp-syn-ack-reflection"
                : OfTcp(picture.RstOnly) >= Most ? "tcp-rst-flood"
                : OfTcp(picture.AckOnly) >= Most ? "tcp-ack-flood"
                : OfTcp(picture.NoFlags) >= Most ? "tcp-null-flood"
                : "tcp-flood";
        }

        // (4) and (5)
        return Part(picture.Icmp) >= Most ? "icmp-flood"
            : Part(picture.Udp) >= Most ? "udp-flood"
            : Part(picture.Other) >= Most ? "protocol-flood"
            : "mixed";
    }

    private static string? Reflection(Func<ushort, double> part, double behind)
    {
        var most = Reflectors.Select(each => (each.Name, Part: part(each.Port))).GroupBy(static each => each.Name, StringComparer.Ordinal)
            .Select(static group => (Name: group.Key, Part: group.Sum(static each => each.Part))).MaxBy(static each => each.Part);
        return most.Part >= Most || (most.Part >= PartWithFragments && most.Part + behind >= Most) ? most.Name : null;
    }
}
