namespace Tsunagi.Ddos.Detect;

/// <summary>
/// Services whose answers are used for reflection, by the UDP port they answer from. Some are in everyday use (answers of name servers, tunnels, calls, games); of
/// the others nothing reaches a customer over the Internet unless somebody forged his address.
/// </summary>
internal static class Reflectors
{
    public static readonly IReadOnlyList<Reflector> All =
    [
        new(17, "qotd"), new(19, "chargen"), new(53, "dns", InUse: true, LeastOctets: 300), new(69, "tftp"), new(111, "portmap"), new(123, "ntp", InUse: true, LeastOctets: 120), new(137, "netbios"),
        new(161, "snmp"), new(177, "xdmcp"), new(389, "cldap"), new(427, "slp"), new(500, "isakmp", InUse: true), new(4500, "isakmp", InUse: true), new(520, "rip"), new(623, "ipmi"),
        new(1194, "openvpn", InUse: true), new(1434, "mssql"), new(1701, "l2tp", InUse: true), new(1900, "ssdp"), new(3283, "ard"), new(3389, "rdp", InUse: true), new(3478, "stun", InUse: true, MostOctets: 600),
        new(3702, "wsd"), new(5093, "sentinel"), new(5353, "mdns"), new(5683, "coap"), new(10001, "ubiquiti"), new(11211, "memcached"), new(17185, "vxworks"),
        new(27015, "steam", InUse: true), new(32414, "plex"), new(37810, "dvr"), new(47808, "bacnet"),
    ];

    private static readonly byte[] ByPort = Index();

    /// <summary>Its place in <see cref="All"/>; -1 when nothing known answers from this port.</summary>
    public static int At(ushort port) => ByPort[port] - 1;

    private static byte[] Index()
    {
        var index = new byte[ushort.MaxValue + 1];
        for (var i = 0; i < All.Count; i++)
        {
            index[All[i].Port] = (byte)(i + 1);
        }

        return index;
    }
}

/// <summary>One of them.</summary>
/// <param name="InUse">Its answers are part of everyday traffic, so more must speak for an attack than their number.</param>
/// <param name="MostOctets">The mean packet above which they are no answers of that service but what it relays.</param>
/// <param name="LeastOctets">The mean packet from which its answers are amplified ones.</param>
internal sealed record Reflector(ushort Port, string Service, bool InUse = false, int LeastOctets = 0, int MostOctets = ushort.MaxValue)
{
    public string Vector => Service + "-reflection";
}
