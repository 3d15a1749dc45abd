using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Detect;

/// <summary>
/// The kinds that packets are counted by: one for each known reflector (from 0 on), then those below. Each packet is of one kind, told by protocol, ports, flags and
/// fragment alone, so the same question can be asked of a record and of a rule.
/// </summary>
internal static class TrafficKind
{
    public static readonly int Udp = Reflectors.All.Count;

    /// <summary>Fragments behind the first: they carry no ports.</summary>
    public static readonly int Fragment = Udp + 1;

    /// <summary>SYN and no ACK, RST or FIN.</summary>
    public static readonly int Syn = Udp + 2;

    public static readonly int SynAck = Udp + 3;

    public static readonly int Reset = Udp + 4;

    /// <summary>ACK and nothing else.</summary>
    public static readonly int Ack = Udp + 5;

    /// <summary>ACK with PSH: data.</summary>
    public static readonly int Push = Udp + 6;

    public static readonly int Fin = Udp + 7;

    /// <summary>Flags of a whole connection, as flow records tell them.</summary>
    public static readonly int Connection = Udp + 8;

    /// <summary>TCP without any flag.</summary>
    public static readonly int NoFlags = Udp + 9;

    /// <summary>Flags that no connection has: SYN with FIN, FIN without ACK, and the like.</summary>
    public static readonly int OddFlags = Udp + 10;

    /// <summary>TCP whose flags were not told.</summary>
    public static readonly int Tcp = Udp + 11;

    public static readonly int Icmp = Udp + 12;

    public static readonly int Gre = Udp + 13;

    public static readonly int Esp = Udp + 14;

    public static readonly int Other = Udp + 15;

    public static readonly int Count = Udp + 16;

    private const ushort FinFlag = 0x01;
    private const ushort SynFlag = 0x02;
    private const ushort RstFlag = 0x04;
    private const ushort PshFlag = 0x08;
    private const ushort AckFlag = 0x10;

    public static bool IsReflector(int kind) => kind < Udp;

    public static bool IsTcp(int kind) => kind >= Syn && kind <= Tcp;

    public static int Of(in FlowRecord record) => record switch
    {
        { IsFragment: true } => Fragment,
        { Protocol: 17 } => Reflectors.At(record.SourcePort) is >= 0 and var reflector ? reflector : Udp,
        { Protocol: 6 } => OfFlags(in record),
        { Protocol: 1 or 58 } => Icmp,
        { Protocol: 47 } => Gre,
        { Protocol: 50 } => Esp,
        _ => Other,
    };

    /// <summary>It opens a connection: the first packet of one, or a record of a whole one.</summary>
    public static bool Opens(int kind) => kind == Syn || kind == Connection;

    private static int OfFlags(in FlowRecord record)
    {
        var flags = record.TcpFlags;
        if (flags == 0)
        {
            return (record.Fields & FlowFields.TcpFlags) != FlowFields.None || record.Origin is FlowOrigin.Packet or FlowOrigin.Sflow ? NoFlags : Tcp;
        }

        return (flags & (SynFlag | AckFlag | RstFlag | FinFlag | PshFlag)) switch
        {
            SynFlag => Syn,
            SynFlag | AckFlag => SynAck,
            RstFlag or (RstFlag | AckFlag) => Reset,
            AckFlag => Ack,
            AckFlag | PshFlag => Push,
            FinFlag | AckFlag or (FinFlag | AckFlag | PshFlag) => Fin,
            var seen when (seen & SynFlag) != 0 && (seen & AckFlag) != 0 && record.Packets > 1 => Connection,
            var seen when (seen & AckFlag) != 0 && record.Packets > 1 => Push,
            var seen when (seen & RstFlag) != 0 && (seen & SynFlag) == 0 => Reset,
            _ => OddFlags,
        };
    }
}
