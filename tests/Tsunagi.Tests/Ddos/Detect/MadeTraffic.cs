using System.Net;
using Tsunagi.Ddos.Detect;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Tests.Ddos.Detect;

/// <summary>
/// Traffic to one address, made from a seed: what people and servers do there, and an attack from a given second on. Nothing about an attack is a constant: rate, sizes, ports, sources,
/// the part of fragments and what else flows are drawn. Each packet is known to be the attack's or not.
/// </summary>
internal sealed class MadeTraffic
{
    public const long Start = 1_782_864_000_000_000;
    private const long Second = 1_000_000;

    private readonly Random _random;
    private readonly List<Session> _sessions = [];
    private readonly FlowAddress[] _attackers;
    private readonly Func<FlowRecord> _attack;
    private readonly Reflector? _reflector;
    private bool _crowd;

    private MadeTraffic(int seed, bool isAttack, string? kind, int sampling)
    {
        _random = new Random(seed);
        Victim = FlowAddress.FromIPv4(0xC000_0200u + (uint)_random.Next(1, 250));
        Kind = kind ?? "";
        _attackers = [];
        _attack = static () => default;
        AddOwn();
        if (isAttack)
        {
            Kind = kind ?? Kinds[_random.Next(Kinds.Count)];
            _reflector = Kind == "reflection" ? Reflectors.All[_random.Next(Reflectors.All.Count)] : null;
            var sources = Kind == "http-flood" ? _random.Next(1, sampling == 1 ? 12 : 3) : Between(20, 4_000);
            _attackers = [.. Enumerable.Range(0, sources).Select(_ => Anybody())];
            _attack = MakeAttack();
        }
    }

    /// <summary>The kinds of attacks that are made; "reflection" is one of all the reflectors.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
    [
        "reflection", "reflection", "reflection", "reflection", "tcp-syn-flood", "tcp-syn-flood", "tcp-syn-ack-reflection", "tcp-rst-flood", "tcp-ack-flood", "tcp-null-flood", "tcp-flags-flood", "icmp-flood",
        "udp-flood", "udp-flood", "gre-flood", "esp-flood", "fragment-flood", "http-flood",
    ];

    public FlowAddress Victim { get; }

    public string Kind { get; }

    public string Vector => _reflector?.Vector ?? Kind;

    public long AttackPerSecond { get; private set; }

    public long OwnPerSecond { get; private set; }

    /// <summary>One of so many packets is seen.</summary>
    public int Sampling { get; private set; } = 1;

    /// <summary>An attack on an address that also does what it always does.</summary>
    /// <param name="sampling">At 1:100 the rate is such that at least 30 of the attack's packets a second are seen; floods of acknowledgements are left out there.</param>
    public static MadeTraffic Attack(int seed, int sampling)
    {
        var made = new MadeTraffic(seed, isAttack: true, null, sampling);
        if (sampling > 1 && made.Kind == "tcp-ack-flood")
        {
            made = new MadeTraffic(seed, isAttack: true, "reflection", sampling);
        }

        made.Sampling = sampling;
        made.AttackPerSecond = sampling == 1 ? made.Between(2_500, 20_000) : made.Between(4_500, 60_000);
        made.OwnPerSecond = made.Between(100, 2_000);
        return made;
    }

    /// <summary>No attack: everyday traffic at 1, 10 or 50 times its usual rate, a speed test, or a crowd that comes at once.</summary>
    public static MadeTraffic Benign(int seed, int sampling)
    {
        var made = new MadeTraffic(seed, isAttack: false, null, sampling) { Sampling = sampling };
        switch (seed % 5)
        {
            case 0:
                made._sessions.Clear();
                made.Add(made._random.Next(1, 9), static () => Doing.Download);
                made.OwnPerSecond = made.Between(8_000, 40_000);
                break;
            case 1:
                made._sessions.Clear();
                made._crowd = true;
                made.OwnPerSecond = made.Between(5_000, 40_000);
                made.Add((int)(made.OwnPerSecond / 15), static () => Doing.Visit);
                break;
            default:
                made.OwnPerSecond = made.Between(20, 400) * (seed % 5 == 2 ? 1 : seed % 5 == 3 ? 10 : 50);
                break;
        }

        return made;
    }

    /// <summary>Packets in the order of time, each with when it comes and whether it is the attack's.</summary>
    /// <param name="quiet">Seconds before the attack.</param>
    public IEnumerable<(FlowRecord Record, long Micros, bool IsAttack)> Packets(double quiet, double seconds)
    {
        var (at, end, begin) = (0.0, (quiet + seconds) * Second, quiet * Second);
        while (at < end)
        {
            var attack = at >= begin ? AttackPerSecond : 0;
            at += -Math.Log(1 - _random.NextDouble()) * Second * Sampling / (OwnPerSecond + attack);
            var isAttack = _random.NextDouble() * (OwnPerSecond + attack) < attack;
            var record = isAttack ? _attack() : Next(_sessions[_random.Next(_sessions.Count)]);
            record.Destination = Victim;
            record.Packets = 1;
            record.IpVersion = 4;
            record.Origin = FlowOrigin.Packet;
            record.SamplingRate = (uint)Sampling;
            record.SamplingSource = SamplingSource.Sample;
            yield return (record, Start + (long)at, isAttack);
        }
    }

    private enum Doing
    {
        Visit, Download, Quic, Names, Call, Tunnel, Clock, Ping, Meeting,
    }

    private sealed class Session
    {
        public Doing Doing { get; init; }

        public FlowAddress Source { get; set; }

        public ushort SourcePort { get; set; }

        public ushort DestinationPort { get; set; }

        public int Step { get; set; }

        public int Steps { get; set; }
    }

    private int Between(int least, int most) => (int)Math.Round(least * Math.Pow((double)most / least, _random.NextDouble()));

    private FlowAddress Anybody() => FlowAddress.FromIPv4((uint)_random.NextInt64(0x0B00_0000, 0xBF00_0000));

    private ushort Port() => (ushort)_random.Next(1_024, 65_536);

    private void Add(int count, Func<Doing> doing)
    {
        for (var i = 0; i < count; i++)
        {
            var session = Begin(new Session { Doing = doing(), Source = Anybody() });
            session.Step = _random.Next(Math.Min(session.Steps, 40));
            _sessions.Add(session);
        }
    }

    private void AddOwn()
    {
        var all = Enum.GetValues<Doing>();
        Add(_random.Next(20, 300), () => _random.Next(3) == 0 ? all[_random.Next(all.Length)] : Doing.Visit);
    }

    private Session Begin(Session session)
    {
        session.Step = 0;
        (session.SourcePort, session.DestinationPort, session.Steps) = session.Doing switch
        {
            Doing.Visit => (Port(), (ushort)443, _random.Next(6, 40)),
            Doing.Download => ((ushort)443, Port(), 5_000),
            Doing.Quic => ((ushort)443, Port(), 2_000),
            Doing.Names => ((ushort)53, Port(), 1),
            Doing.Call => (Port(), Port(), 5_000),
            Doing.Tunnel => ((ushort)4500, (ushort)4500, int.MaxValue),
            Doing.Clock => ((ushort)123, (ushort)123, 1),
            Doing.Meeting => (_random.Next(2) == 0 ? (ushort)8801 : (ushort)3478, Port(), 5_000),
            _ => ((ushort)0, (ushort)0, int.MaxValue),
        };
        return session;
    }

    private FlowRecord Next(Session session)
    {
        var step = session.Step++;
        var record = new FlowRecord { Source = session.Source, SourcePort = session.SourcePort, DestinationPort = session.DestinationPort, Protocol = 17 };
        switch (session.Doing)
        {
            case Doing.Visit:
                record.Protocol = 6;
                (record.TcpFlags, record.Octets) = step == 0 ? ((ushort)2, 60u)
                    : step == session.Steps - 1 ? ((ushort)0x11, 52u)
                    : step % 5 == 2 ? ((ushort)0x18, (uint)_random.Next(120, 1_400)) : ((ushort)0x10, 52u);
                break;
            case Doing.Download:
                record.Protocol = 6;
                (record.TcpFlags, record.Octets) = step == 0 ? ((ushort)0x12, 60u) : step % 16 == 0 ? ((ushort)0x18, (uint)_random.Next(400, 1_500)) : ((ushort)0x10, 1_500u);
                break;
            case Doing.Quic or Doing.Meeting:
                record.Octets = (uint)_random.Next(900, 1_350);
                break;
            case Doing.Names:
                record.Octets = (uint)_random.Next(60, 260);
                break;
            case Doing.Call:
                record.Octets = 200;
                break;
            case Doing.Tunnel:
                record.Octets = (uint)_random.Next(100, 1_420);
                break;
            case Doing.Clock:
                record.Octets = 76;
                break;
            default:
                (record.Protocol, record.IcmpType, record.Octets) = (1, (byte)(_random.Next(4) == 0 ? 3 : 8), 84);
                break;
        }

        if (session.Step >= session.Steps)
        {
            // People come back, or others come.
            session.Source = session.Doing == Doing.Visit && (_crowd || _random.Next(3) == 0) ? Anybody() : session.Source;
            Begin(session);
        }

        return record;
    }

    private FlowRecord From(byte protocol) => new() { Source = _attackers[_random.Next(_attackers.Length)], Protocol = protocol };

    private Func<FlowRecord> MakeAttack()
    {
        var forged = _random.Next(2) == 0;
        ushort? to = _random.Next(2) == 0 ? Port() : null;
        var service = new ushort[] { 22, 25, 53, 80, 443, 8080, 3074 }[_random.Next(7)];
        var size = (uint)_random.Next(40, 1_400);
        var spread = (uint)_random.Next(0, 200);
        var odd = new ushort[] { 0x29, 0x03, 0x3F, 0x01, 0x2B }[_random.Next(5)];
        var icmp = new byte[] { 8, 0, 3, 11 }[_random.Next(4)];
        var reflectedFrom = Enumerable.Range(0, _random.Next(1, 4)).Select(_ => new ushort[] { 80, 443, 22, 21, 179, 8080 }[_random.Next(6)]).ToArray();
        var fragments = _reflector is { Service: "dns" or "cldap" or "memcached" or "snmp" } ? _random.Next(0, 3) : 0;
        var answer = (uint)_random.Next(Math.Max(100, (_reflector?.LeastOctets ?? 0) + 100), Math.Min(1_400, (_reflector?.MostOctets ?? 1_600) - 200));

        return Kind switch
        {
            "reflection" => Reflection,
            "tcp-syn-flood" => () => From(6) with { Source = forged ? Anybody() : _attackers[_random.Next(_attackers.Length)], SourcePort = Port(), DestinationPort = to ?? service, TcpFlags = 2, Octets = 40 },
            "tcp-syn-ack-reflection" => () => From(6) with { SourcePort = reflectedFrom[_random.Next(reflectedFrom.Length)], DestinationPort = to ?? Port(), TcpFlags = 0x12, Octets = 44 },
            "tcp-rst-flood" => () => From(6) with { SourcePort = Port(), DestinationPort = to ?? Port(), TcpFlags = (ushort)(forged ? 4 : 0x14), Octets = 40 },
            "tcp-ack-flood" => () => From(6) with { Source = Anybody(), SourcePort = Port(), DestinationPort = to ?? service, TcpFlags = 0x10, Octets = 40 },
            "tcp-null-flood" => () => From(6) with { SourcePort = Port(), DestinationPort = to ?? Port(), TcpFlags = 0, Octets = 40 },
            "tcp-flags-flood" => () => From(6) with { SourcePort = Port(), DestinationPort = to ?? Port(), TcpFlags = odd, Octets = 40 },
            "icmp-flood" => () => From(1) with { IcmpType = icmp, Octets = size + (uint)_random.Next((int)spread + 1) },
            "udp-flood" => () => From(17) with
            {
                Source = forged ? Anybody() : _attackers[_random.Next(_attackers.Length)], SourcePort = NoService(), DestinationPort = to ?? (forged ? service : Port()), Octets = size + (uint)_random.Next((int)spread + 1),
            },
            "gre-flood" => () => From(47) with { Octets = size + (uint)_random.Next((int)spread + 1) },
            "esp-flood" => () => From(50) with { Octets = size + (uint)_random.Next((int)spread + 1) },
            "fragment-flood" => () => From(17) with { FragmentOffset = (ushort)_random.Next(1, 4_000), FragmentFlags = 0x20, Octets = size + (uint)_random.Next((int)spread + 1) },
            _ => Visits(),
        };

        FlowRecord Reflection()
        {
            var record = From(17);
            if (fragments > 0 && _random.Next(fragments + 1) > 0)
            {
                (record.FragmentOffset, record.FragmentFlags, record.Octets) = (185, (byte)_random.Next(2), (uint)_random.Next(60, 1_500));
                return record;
            }

            (record.SourcePort, record.DestinationPort) = (_reflector!.Port, to ?? Port());
            record.Octets = answer + (uint)_random.Next((int)spread + 1);
            record.FragmentFlags = (byte)(fragments > 0 ? 0x20 : 0);
            return record;
        }

        // Robots that ask again and again, whole short connections each.
        Func<FlowRecord> Visits()
        {
            var robots = _attackers.Select(source => (Source: source, Step: 0, Port: Port())).ToArray();
            return () =>
            {
                ref var robot = ref robots[_random.Next(robots.Length)];
                var record = new FlowRecord { Source = robot.Source, Protocol = 6, SourcePort = robot.Port, DestinationPort = 80, Octets = 52 };
                record.TcpFlags = (robot.Step % 6) switch { 0 => 2, 2 => 0x18, 5 => 0x11, _ => 0x10 };
                record.Octets = robot.Step % 6 == 2 ? 400u : 52u;
                robot.Step++;
                robot.Port = robot.Step % 6 == 0 ? Port() : robot.Port;
                return record;
            };
        }
    }

    private ushort NoService()
    {
        var port = Port();
        while (Reflectors.At(port) >= 0)
        {
            port = Port();
        }

        return port;
    }
}
