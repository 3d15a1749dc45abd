using Tsunagi.Ddos;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Detect;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Tests.Ddos.Detect;

/// <summary>What is told by what traffic is made of, far below any limit, and what is not.</summary>
public sealed class Kinds_of_attacks
{
    private const long Start = 1_782_864_000_000_000;

    private static readonly ProtectionSettings Settings = new()
    {
        Prefixes = ["192.0.2.0/24", "198.18.0.0/20"], HostPacketsPerSecond = 0, HostBitsPerSecond = 0, PrefixPacketsPerSecond = 0, PrefixBitsPerSecond = 0, QuietSeconds = 5,
    };

    [Theory]
    [InlineData(490, 0)]
    [InlineData(530, 1)]
    public void From_the_floor_on_it_is_told(int perSecond, int incidents)
    {
        using var replay = Replay();
        for (var i = 0; i < perSecond * 4; i++)
        {
            replay.Count(Packet("192.0.2.1", 17, 161, 5_000 + (i % 9), 1_200, i), Start + (i * 1_000_000L / perSecond));
        }

        replay.End();
        Assert.Equal(incidents, replay.Told.Count);
        Assert.All(replay.Told.Values, static i => Assert.Equal(("snmp-reflection", "attack", 500L), (i.Vector, i.Metric, i.LimitValue)));
        Assert.All(replay.Told.Values, static i => Assert.Contains("answers from UDP port 161: above 500 packets/s to one address in 3 of 5 looks", i.Rule, StringComparison.Ordinal));
    }

    [Fact]
    public void A_carpet_of_small_floods_is_one_incident_of_the_prefix_within_three_seconds()
    {
        using var replay = Replay();
        for (var i = 0; i < 300_000; i++)
        {
            // 100 packets a second to each of 1,000 addresses of a /20.
            replay.Count(Packet("198.18." + (i % 1_000 / 250) + "." + (i % 250), 17, 389, 40_000, 1_400, i), Start + (i * 10L));
        }

        replay.End();
        var incident = Assert.Single(replay.Told.Values);
        Assert.Equal(("198.18.0.0/20", "prefix", "cldap-reflection"), (incident.Target, incident.Scope, incident.Vector));
        Assert.InRange((incident.OpenedAt - Start) / 1e6, 0, 3);
        Assert.Contains("more addresses than the destination of a rule may hold", incident.Proposal!.WhyNot, StringComparison.Ordinal);
    }

    [Fact]
    public void A_carpet_on_a_24_is_stopped_by_one_rule_for_all_of_it()
    {
        using var replay = Replay();
        for (var i = 0; i < 60_000; i++)
        {
            replay.Count(Packet("192.0.2." + (i % 200), 17, 389, 40_000, 1_400, i), Start + (i * 50L));
        }

        replay.End();
        var incident = Assert.Single(replay.Told.Values);
        Assert.Equal(("192.0.2.0/24", "prefix"), (incident.Target, incident.Scope));
        Assert.StartsWith("dst 192.0.2.0/24 proto udp dport 40000 sport 389", Assert.Single(incident.Proposal!.Rules).Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void One_address_of_a_prefix_under_attack_is_told_once()
    {
        using var replay = Replay();
        for (var i = 0; i < 60_000; i++)
        {
            replay.Count(Packet(i % 3 == 0 ? "192.0.2." + (10 + (i % 200)) : "192.0.2.1", i % 3 == 0 ? (byte)6 : (byte)17, i % 3 == 0 ? 443 : 389, 40_000 + (i % 60), 1_400, i % 3 == 0 ? i % 40 : i), Start + (i * 50L));
        }

        replay.End();
        Assert.Equal("192.0.2.1/32", Assert.Single(replay.Told.Values).Target);
    }

    [Theory]
    [InlineData(4500, 4500, 1_200, 3, 0)] // a tunnel
    [InlineData(4500, 30_000, 200, 300, 1)] // answers of other people's tunnels
    [InlineData(53, -1, 120, 300, 0)] // a name server that asks
    [InlineData(53, 30_000, 120, 2, 0)] // one that asks through others
    [InlineData(53, 80, 400, 1, 1)] // nobody asks from port 80
    [InlineData(53, 30_000, 1_400, 1, 1)]
    [InlineData(53, -1, 1_400, 300, 1)]
    [InlineData(123, 123, 468, 300, 0)]
    [InlineData(123, 40_000, 468, 300, 1)]
    [InlineData(3478, 40_000, 1_000, 2, 0)] // a call through a relay
    [InlineData(3478, 40_000, 1_000, 40, 0)] // an office full of them
    [InlineData(3478, 40_000, 150, 40, 1)]
    [InlineData(443, 40_000, 1_350, 3, 0)] // a download by QUIC
    [InlineData(11211, 40_000, 1_400, 1, 1)]
    public void Services_in_use_must_show_more(int from, int to, int octets, int sources, int incidents)
    {
        using var replay = Replay();
        for (var i = 0; i < 9_000; i++)
        {
            replay.Count(Packet("192.0.2.1", 17, from, to < 0 ? 1_024 + (i * 7 % 60_000) : to, octets, i % sources), Start + (i * 333L));
        }

        replay.End();
        Assert.True(incidents == replay.Told.Count, string.Join(" | ", replay.Told.Values.Select(static i => $"{i.Vector} {i.Rule}")));
    }

    [Fact]
    public void When_two_kinds_come_together_both_are_named_and_stopped()
    {
        using var replay = Replay();
        for (var i = 0; i < 12_000; i++)
        {
            replay.Count(Packet("192.0.2.1", 17, i % 3 == 0 ? 123 : 11211, 40_000, i % 3 == 0 ? 468 : 1_400, i % 700), Start + (i * 250L));
        }

        replay.End();
        var incident = Assert.Single(replay.Told.Values);
        Assert.Equal(["memcached-reflection", "ntp-reflection"], incident.Vectors);
        Assert.True(incident.Proposal is { WhyNot: "", Rules.Count: 2, Cover: >= 0.95 }, string.Join(" ; ", incident.Proposal!.Rules.Select(static rule => rule.Rule)));
    }

    [Fact]
    public void After_a_pause_of_the_collector_and_a_jump_of_a_clock_old_records_are_no_burst()
    {
        using var replay = Replay();
        for (var minute = 0; minute < 4; minute++)
        {
            for (var i = 0; i < 30; i++)
            {
                // Thirty flows that lasted a minute each, told at once when the collector is back.
                var record = Packet("192.0.2.1", 17, 443, 40_000 + i, 1_200, i);
                (record.Packets, record.Octets, record.Origin) = (1_500, 1_500 * 1_200, FlowOrigin.Ipfix);
                replay.Count(in record, Start + (minute * 60_000_000L), spanMilliseconds: 60_000);
            }
        }

        replay.End();
        Assert.Empty(replay.Told);
    }

    private static CaptureReplay Replay() => new(Settings, new DdosOptions(), Start);

    private static FlowRecord Packet(string to, byte protocol, int from, int port, int octets, int source) => new()
    {
        Source = FlowAddress.FromIPv4(0x0B00_0000u + ((uint)source * 2_654_435_761u % 0x6000_0000u)), Destination = FlowAddress.From(System.Net.IPAddress.Parse(to)), Protocol = protocol, SourcePort = (ushort)from,
        DestinationPort = (ushort)port, Packets = 1, Octets = (ulong)octets, TcpFlags = (ushort)(protocol == 6 ? 0x10 : 0), SamplingRate = 1, SamplingSource = SamplingSource.Sample, Origin = FlowOrigin.Packet, IpVersion = 4,
    };
}
