namespace Tsunagi.Ddos.Detect;

/// <summary>
/// What traffic above a limit is called, by simple signatures held against the picture of its traffic, the first that fits: (1) reflection by the source port that most UDP
/// comes from, by packets or by octets, its fragments counted with it, (2) fragments, (3) kinds of TCP, (4) ICMP, UDP, another protocol, (5) several of them.
/// </summary>
internal static class Vectors
{
    // From here on it is what most of the traffic is.
    private const double Most = 0.5;

    // Fragments of answers too large for a packet carry no ports: what is left of the first fragments must still be seen.
    private const double PartWithFragments = 0.15;

    public static IReadOnlyList<string> All { get; } =
    [
        .. Reflectors.All.Select(static each => each.Vector).Distinct(), "fragment-flood", "tcp-syn-flood", "tcp-syn-ack-reflection", "tcp-rst-flood", "tcp-ack-flood", "tcp-null-flood",
        "tcp-flags-flood", "tcp-flood", "http-flood", "icmp-flood", "udp-flood", "gre-flood", "esp-flood", "protocol-flood", "mixed",
    ];

    public static string NameOf(TrafficPicture picture)
    {
        if (picture.Packets == 0)
        {
            return "mixed";
        }

        double Part(ulong packets) => (double)packets / picture.Packets;

        // (1) By packets or by octets: answers are large.
        if (Reflection(picture.FromUdp, Part(picture.Behind)) is { } byPackets)
        {
            return byPackets;
        }

        if (Reflection(picture.OctetsFromUdp, (double)picture.BehindOctets / Math.Max(1, picture.Octets)) is { } byOctets)
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
        var most = Reflectors.All.Select(each => (each.Vector, Part: part(each.Port))).GroupBy(static each => each.Vector, StringComparer.Ordinal)
            .Select(static group => (Name: group.Key, Part: group.Sum(static each => each.Part))).MaxBy(static each => each.Part);
        return most.Part >= Most || (most.Part >= PartWithFragments && most.Part + behind >= Most) ? most.Name : null;
    }
}
