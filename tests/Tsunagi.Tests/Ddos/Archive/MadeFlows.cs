using Tsunagi.Protocols.Flow;

namespace Tsunagi.Tests.Ddos.Archive;

/// <summary>
/// Flow records as an access provider's border routers tell them, made from a seed: 20,000 customers whose activity follows Zipf's law and 200,000 servers of the Internet likewise, one in
/// eight by IPv6; 62 % web over TCP and 18 % over QUIC in both directions, 10 % name service, 4 % calls and games between ephemeral ports, 3 % scans of random addresses and ports, 3 %
/// ICMP and others; packets log-normal (median 6, up to 10^6), octets by kind and direction, durations from nothing to a minute, three routers with eight interfaces each, flags as
/// connections have them, AS numbers of the servers. Unsampled.
/// </summary>
internal sealed class MadeFlows
{
    private const int Customers = 20_000;
    private const int Servers = 200_000;
    private const int Tables = 1 << 16;

    private readonly Random _random;
    private readonly int[] _customers;
    private readonly int[] _servers;

    public MadeFlows(int seed)
    {
        _random = new Random(seed);
        _customers = Zipf(Customers, 0.8);
        _servers = Zipf(Servers, 1.0);
    }

    public static IReadOnlyList<string> Exporters { get; } = ["192.0.2.1", "192.0.2.2", "192.0.2.3"];

    /// <summary>One record that was received then, and who told it.</summary>
    public FlowRecord Next(long milliseconds, out string exporter)
    {
        var customer = _customers[_random.Next(Tables)];
        var server = _servers[_random.Next(Tables)];
        var router = customer % Exporters.Count;
        exporter = Exporters[router];
        var isIPv6 = (customer & 7) == 7;
        var down = _random.Next(2) == 0;
        var kind = _random.Next(100);
        var record = new FlowRecord { SamplingRate = 1, SamplingSource = SamplingSource.Header, Origin = FlowOrigin.NetFlow9, IpVersion = (byte)(isIPv6 ? 6 : 4), ExportMilliseconds = milliseconds };
        var here = isIPv6 ? new FlowAddress(0x2001_0DB8_0000_0000 | ((ulong)customer << 8), (ulong)customer * 0x9E37_79B9_7F4A_7C15) : FlowAddress.FromIPv4(0xC633_0000u + (uint)customer);
        var there = isIPv6 ? new FlowAddress(0x2600_0000_0000_0000 | ((ulong)(server / 16) << 16), (ulong)(server % 16) + 1) : FlowAddress.FromIPv4((uint)(((ulong)server * 2_654_435_761u % 0xB000_0000) + 0x1000_0000));
        var (mine, theirs) = ((ushort)_random.Next(32_768, 61_000), (ushort)443);
        var packets = (ulong)Math.Clamp(Math.Exp(1.8 + (1.6 * Normal())), 1, 1e6);
        var octets = down ? _random.Next(500, 1_480) : _random.Next(52, 200);
        switch (kind)
        {
            case < 62:
                record.Protocol = 6;
                theirs = kind < 4 ? (ushort)80 : (ushort)443;
                record.TcpFlags = packets == 1 ? (ushort)(down ? 0x12 : 0x02) : kind < 40 ? (ushort)0x1B : (ushort)0x18;
                break;
            case < 80:
                record.Protocol = 17;
                break;
            case < 90:
                (record.Protocol, theirs, packets) = (17, 53, 1);
                octets = down ? _random.Next(90, 400) : _random.Next(55, 90);
                break;
            case < 94:
                (record.Protocol, theirs) = (17, (ushort)_random.Next(10_000, 60_000));
                octets = _random.Next(100, 260);
                break;
            case < 97:
                there = isIPv6 ? there : FlowAddress.FromIPv4((uint)_random.NextInt64(0x0B00_0000, 0xDF00_0000));
                (record.Protocol, record.TcpFlags, theirs, mine, packets, octets, down) = (6, 2, (ushort)_random.Next(1_024, 65_535), (ushort)_random.Next(1, 10_000), 1, 40, true);
                break;
            default:
                (record.Protocol, mine, theirs) = (isIPv6 ? (byte)58 : (byte)1, 0, 0);
                (record.IcmpType, octets) = (down ? (byte)0 : (byte)8, 84);
                break;
        }

        record.Packets = packets;
        record.Octets = packets * (ulong)octets;
        (record.Source, record.Destination) = down ? (there, here) : (here, there);
        (record.SourcePort, record.DestinationPort) = down ? (theirs, mine) : (mine, theirs);
        var (outside, inside) = ((uint)(1 + (server % 3)), (uint)(10 + (customer % 5)));
        (record.InputInterface, record.OutputInterface) = down ? (outside, inside) : (inside, outside);
        var other = (uint)(1_000 + (server / 20));
        (record.SourceAs, record.DestinationAs) = down ? (other, 64_500u) : (64_500u, other);
        record.EndMilliseconds = milliseconds - _random.Next(0, 1_000);
        record.StartMilliseconds = record.EndMilliseconds - (packets == 1 ? 0 : (long)Math.Min(60_000, Math.Exp(6 + (2 * Normal()))));
        return record;
    }

    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());

    // A table in which each number stands as often as it comes.
    private int[] Zipf(int count, double exponent)
    {
        var sums = new double[count];
        var sum = 0.0;
        for (var i = 0; i < count; i++)
        {
            sums[i] = sum += 1 / Math.Pow(i + 1, exponent);
        }

        var table = new int[Tables];
        for (var i = 0; i < Tables; i++)
        {
            var at = Array.BinarySearch(sums, _random.NextDouble() * sum);
            table[i] = at < 0 ? Math.Min(count - 1, ~at) : at;
        }

        return table;
    }
}
