using Tsunagi.Ddos.Detect;

namespace Tsunagi.Ddos.Archive;

/// <summary>
/// What kept traffic would be called if it were an attack, told by protocol, source port and flags alone: answers of a reflector's port, fragments (UDP without ports), SYNs and the like; TCP of
/// connections and what has no such name by its protocol. Everyday traffic is of these kinds too: a name here says what it is made of, not that it is an attack.
/// </summary>
internal static class FlowVector
{
    /// <summary>The numbers stand in files: names are only ever added at the end of what follows the reflectors, whose number is that of their port.</summary>
    public const int FirstOther = 65_536;

    private const int Tcp = FirstOther;
    private const int Syn = FirstOther + 1;
    private const int SynAck = FirstOther + 2;
    private const int Reset = FirstOther + 3;
    private const int Null = FirstOther + 4;
    private const int Odd = FirstOther + 5;
    private const int Udp = FirstOther + 6;
    private const int Fragment = FirstOther + 7;
    private const int Icmp = FirstOther + 8;
    private const int Gre = FirstOther + 9;
    private const int Esp = FirstOther + 10;
    private const int Other = FirstOther + 11;

    private static readonly string[] Names = ["tcp", "tcp-syn-flood", "tcp-syn-ack-reflection", "tcp-rst-flood", "tcp-null-flood", "tcp-flags-flood", "udp-flood", "fragment-flood", "icmp-flood", "gre-flood", "esp-flood", "protocol-flood"];

    public static ulong Of(ulong protocol, ulong sourcePort, ulong destinationPort, ulong flags, ulong packets) => protocol switch
    {
        17 when sourcePort == 0 && destinationPort == 0 => Fragment,
        17 => Reflectors.At((ushort)sourcePort) >= 0 ? sourcePort : Udp,
        6 => OfFlags(flags & 0x1F, packets),
        1 or 58 => Icmp,
        47 => Gre,
        50 => Esp,
        _ => Other,
    };

    public static string NameOf(ulong vector) =>
        vector >= FirstOther ? Names[Math.Min((int)vector - FirstOther, Names.Length - 1)] : Reflectors.At((ushort)vector) is >= 0 and var at ? Reflectors.All[at].Vector : "udp-flood";

    // As TrafficKind has them: flags of several packets of a connection are those of all of them together.
    private static ulong OfFlags(ulong flags, ulong packets) => flags switch
    {
        0x02 => Syn,
        0x12 => SynAck,
        0x04 or 0x14 => Reset,
        0 => Null,
        0x10 or 0x18 or 0x11 or 0x19 => Tcp,
        _ when (flags & 0x10) != 0 && packets > 1 => Tcp,
        _ when (flags & 0x06) == 0x04 => Reset,
        _ => Odd,
    };
}
