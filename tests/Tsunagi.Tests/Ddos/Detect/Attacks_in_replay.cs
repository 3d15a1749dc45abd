using Tsunagi.Ddos;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Detect;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Tests.Ddos.Detect;

/// <summary>Static limits on made traffic: what is told, when, how sure, and what is not.</summary>
public sealed class Attacks_in_replay
{
    private const long Start = 1_782_864_000_000_000;

    private static readonly ProtectionSettings Settings = new()
    {
        Prefixes = ["192.0.2.0/24", "2001:db8::/48"], HostPacketsPerSecond = 1_000, HostBitsPerSecond = 0, PrefixPacketsPerSecond = 5_000, PrefixBitsPerSecond = 0, AttackPacketsPerSecond = 0, QuietSeconds = 5,
    };

    [Theory]
    [InlineData(990, 0)]
    [InlineData(1_050, 1)]
    public void At_the_limit_nothing_is_told_above_it_one_incident(int perSecond, int incidents)
    {
        using var replay = Flood(perSecond, seconds: 5);
        Assert.Equal(incidents, replay.Told.Count);
    }

    [Fact]
    public void An_incident_says_what_fired_and_how_sure_it_is()
    {
        using var replay = Flood(perSecond: 5_000, seconds: 5);
        var incident = Assert.Single(replay.Told.Values);
        Assert.Equal(("192.0.2.1/32", "host", "dns-reflection", "packets", 1_000L), (incident.Target, incident.Scope, incident.Vector, incident.Metric, incident.LimitValue));
        Assert.Contains("packets/s to one address above 1000 in 3 of 5 looks", incident.Rule, StringComparison.Ordinal);
        Assert.InRange(incident.PeakPackets, 4_900, 5_100);
        Assert.Equal(0, incident.ErrorPercent); // every packet was seen
        Assert.Equal("udp/53", incident.TopPorts[0].Name);
        Assert.InRange(incident.Sources, 180, 330); // 256 of them, estimated
        Assert.InRange((incident.OpenedAt - Start) / 1e6, 0.1, 1.0);
        Assert.NotNull(incident.ClosedAt);
    }

    [Fact]
    public void Who_an_attack_comes_from_is_told_from_its_start_and_not_whoever_comes_every_day()
    {
        using var replay = new CaptureReplay(Settings with { HostPacketsPerSecond = 0, AttackPacketsPerSecond = 500 }, new DdosOptions(), Start);
        IReadOnlyList<Share>? first = null;
        for (var i = 0; i < 90_000; i++)
        {
            // 900 packets a second of pages from 30 servers; after a minute and a half of it, name servers' answers.
            var at = Start + (i * 1_111L);
            replay.Count(Packet("192.0.2.1", protocol: 6, sourcePort: 443, source: $"203.0.113.{i % 30}") with { TcpFlags = 0x18 }, at);
            for (var each = 0; each < 3 && i > 80_000; each++)
            {
                replay.Count(Packet("192.0.2.1", source: $"198.51.100.{((i * 3) + each) % 24}"), at);
            }

            first ??= replay.Incidents.OpenOnes.FirstOrDefault()?.TopSources;
        }

        replay.End();
        var incident = Assert.Single(replay.Told.Values);
        Assert.Equal(10, first!.Count);
        Assert.All(first.Concat(incident.TopSources), static source => Assert.StartsWith("198.51.100.", source.Name, StringComparison.Ordinal));
        Assert.Equal(("udp/53", 1.0), (Assert.Single(incident.TopPorts).Name, incident.TopPorts[0].Part));
        Assert.InRange(incident.Sources, 20, 28);
    }

    [Fact]
    public void Under_sampling_the_estimate_has_an_error_and_too_few_samples_tell_nothing()
    {
        using var enough = Flood(perSecond: 100_000, seconds: 5, sampling: 1_000);
        var incident = Assert.Single(enough.Told.Values);
        Assert.InRange(incident.Estimate, 30_000, 110_000);
        Assert.Equal(1_000, incident.SamplingRate);
        Assert.Equal(Math.Round(196 / Math.Sqrt(incident.Samples), 1), incident.ErrorPercent);
        Assert.True(incident.Samples >= 30);

        using var few = Flood(perSecond: 20_000, seconds: 5, sampling: 1_000); // 20 samples a second
        Assert.Empty(few.Told);
    }

    [Fact]
    public void An_attack_on_many_addresses_shows_on_their_prefix()
    {
        using var replay = Replay();
        for (var i = 0; i < 50_000; i++)
        {
            replay.Count(Packet($"192.0.2.{i % 200}", sourcePort: (ushort)i), Start + (i * 100L)); // 10,000/s, 50 to each address
        }

        replay.End();
        var incident = Assert.Single(replay.Told.Values);
        Assert.Equal(("192.0.2.0/24", "prefix", "udp-flood"), (incident.Target, incident.Scope, incident.Vector));
    }

    [Fact]
    public void An_attack_on_one_address_is_not_told_again_for_its_prefix()
    {
        using var replay = Flood(perSecond: 20_000, seconds: 3);
        Assert.Equal("192.0.2.1/32", Assert.Single(replay.Told.Values).Target);
    }

    [Fact]
    public void A_pulsing_attack_is_one_incident_while_its_pauses_are_shorter_than_the_quiet_time()
    {
        using var replay = Replay();
        for (var pulse = 0; pulse < 4; pulse++)
        {
            for (var i = 0; i < 6_000; i++)
            {
                replay.Count(Packet("192.0.2.1"), Start + (pulse * 5_000_000L) + (i * 333L)); // 2 s on, 3 s off
            }
        }

        replay.End();
        var incident = Assert.Single(replay.Told.Values);
        Assert.InRange((incident.ClosedAt!.Value - Start) / 1e6, 20, 24);
    }

    [Fact]
    public void Between_release_and_limit_an_incident_goes_on()
    {
        using var replay = Replay();
        for (var i = 0; i < 2_000; i++)
        {
            replay.Count(Packet("192.0.2.1"), Start + (i * 500L)); // 2,000/s for a second
        }

        for (var i = 0; i < 16_000; i++)
        {
            replay.Count(Packet("192.0.2.1"), Start + 1_000_000 + (i * 1_250L)); // 800/s for 20 s
        }

        replay.End();
        Assert.True((Assert.Single(replay.Told.Values).ClosedAt - Start) / 1e6 > 20);
    }

    [Theory]
    [InlineData(90, 0)]
    [InlineData(120, 1)]
    public void Many_small_flows_pass_the_limit_of_flows(int perSecond, int incidents)
    {
        using var replay = new CaptureReplay(Settings with { HostFlowsPerSecond = 100 }, new DdosOptions(), Start);
        for (var i = 0; i < perSecond * 4; i++)
        {
            var record = Packet("192.0.2.1", protocol: 6, sourcePort: (ushort)(1_024 + i));
            record.Origin = FlowOrigin.Ipfix;
            replay.Count(in record, Start + (i * 1_000_000L / perSecond));
        }

        replay.End();
        Assert.Equal(incidents, replay.Told.Count);
        Assert.All(replay.Told.Values, static incident => Assert.Equal("flows", incident.Metric));
    }

    [Fact]
    public void One_flow_of_a_long_download_is_no_attack()
    {
        using var replay = Replay();
        for (var minute = 1; minute <= 3; minute++)
        {
            var record = Packet("192.0.2.1", protocol: 6, sourcePort: 443);
            record.Packets = 48_000; // 800/s over a minute, told at once
            record.Octets = 48_000UL * 1_400;
            record.Origin = FlowOrigin.Ipfix;
            replay.Count(in record, Start + (minute * 60_000_000L), spanMilliseconds: 60_000);
        }

        replay.End();
        Assert.Empty(replay.Told);
    }

    [Fact]
    public void A_crowd_below_the_limit_is_no_attack()
    {
        using var replay = Replay();
        for (var i = 0; i < 9_000; i++)
        {
            replay.Count(Packet($"192.0.2.{1 + (i % 10)}", protocol: 6, sourcePort: (ushort)(1_024 + i), source: $"198.51.{i / 256 % 256}.{i % 256}"), Start + (i * 250L)); // 10,000 clients, 400/s each server
        }

        replay.End();
        Assert.Empty(replay.Told);
    }

    [Fact]
    public void IPv6_is_watched_alike()
    {
        using var replay = Replay();
        for (var i = 0; i < 10_000; i++)
        {
            replay.Count(Packet("2001:db8::1", protocol: 58), Start + (i * 500L));
        }

        replay.End();
        var incident = Assert.Single(replay.Told.Values);
        Assert.Equal(("2001:db8::1/128", "icmp-flood"), (incident.Target, incident.Vector));
    }

    [Theory]
    [InlineData(17, 123, 0, "ntp-reflection")]
    [InlineData(17, 11211, 0, "memcached-reflection")]
    [InlineData(17, 40000, 0, "udp-flood")]
    [InlineData(6, 40000, 0x02, "tcp-syn-flood")]
    [InlineData(6, 80, 0x12, "tcp-syn-ack-reflection")]
    [InlineData(6, 80, 0x14, "tcp-rst-flood")]
    [InlineData(6, 80, 0x10, "tcp-ack-flood")]
    [InlineData(1, 0, 0, "icmp-flood")]
    [InlineData(47, 0, 0, "protocol-flood")]
    public void Attacks_are_called_by_their_names(byte protocol, int sourcePort, int flags, string vector)
    {
        using var replay = Replay();
        for (var i = 0; i < 6_000; i++)
        {
            var record = Packet("192.0.2.1", protocol, (ushort)sourcePort);
            record.TcpFlags = (ushort)flags;
            replay.Count(in record, Start + (i * 400L));
        }

        replay.End();
        Assert.Equal(vector, Assert.Single(replay.Told.Values).Vector);
    }

    [Fact]
    public void Fragments_without_ports_count_with_the_reflection_they_belong_to()
    {
        using var replay = Replay();
        for (var i = 0; i < 6_000; i++)
        {
            var record = Packet("192.0.2.1", 17, i % 3 == 0 ? (ushort)53 : (ushort)0);
            record.FragmentOffset = (ushort)(i % 3 == 0 ? 0 : 185);
            record.FragmentFlags = (byte)(i % 3 == 2 ? 0 : 0x20);
            replay.Count(in record, Start + (i * 400L));
        }

        replay.End();
        Assert.Equal("dns-reflection", Assert.Single(replay.Told.Values).Vector);
    }

    [Fact]
    public void Only_so_many_incidents_of_one_subscription_are_open()
    {
        var options = new DdosOptions { Detect = new DetectOptions { MaxOpenPerSubscription = 3 } };
        using var replay = new CaptureReplay(Settings with { PrefixPacketsPerSecond = 0 }, options, Start);
        for (var i = 0; i < 100_000; i++)
        {
            replay.Count(Packet($"192.0.2.{i % 10}"), Start + (i * 25L)); // ten addresses at 4,000/s
        }

        Assert.Equal(3, replay.Incidents.OpenOnes.Count);
        Assert.True(replay.Incidents.Suppressed > 0);
    }

    [Fact]
    public void The_list_of_watched_targets_takes_as_many_as_its_limit()
    {
        var list = new WatchList(new DetectOptions { MaxWatched = 16 });
        using var replay = Replay();
        var protection = new Protection
        {
            Subscription = "s", TenantId = "t", TenantPath = "t/", Prefixes = [], Host = new Limits(1, 0, 0), Prefix = new Limits(1, 0, 0), Quiet = TimeSpan.Zero, Series = new(),
        };
        for (var i = 0; i < 16; i++)
        {
            Assert.NotNull(list.Add(protection, new(FlowAddress.FromIPv4((uint)i), 32)));
        }

        Assert.Null(list.Add(protection, new(FlowAddress.FromIPv4(16), 32)));
        Assert.Equal((16, 1L), (list.Count, list.Overflows));
    }

    [Fact]
    public void What_is_watched_is_found_by_each_record_and_what_was_let_go_by_none_until_it_is_hot_again()
    {
        var list = new WatchList(new DetectOptions());
        var protection = new Protection
        {
            Subscription = "s", TenantId = "t", TenantPath = "t/", Prefixes = [], Host = new Limits(1, 0, 0), Prefix = new Limits(1, 0, 0), Quiet = TimeSpan.Zero, Series = new(),
        };
        var watches = Enumerable.Range(0, 500).Select(i => list.Add(protection, Target(i))!).ToList();
        Enumerable.Range(0, 1_000).ToList().ForEach(i => Note(i, isHot: false));
        Assert.All(watches, static watch => Assert.Equal(1UL, watch.Picture.Packets));
        Assert.Equal((500, 500), (list.Count, protection.Watched.Count));

        watches.ForEach(list.Remove);
        list.Tidy();
        Note(7, isHot: false);
        Assert.Equal((0, 0), (list.Count, protection.Watched.Count));
        Note(7, isHot: true);
        Note(7, isHot: false);
        Assert.Equal(2UL, list.Find(Target(7))!.Picture.Packets);
        Assert.Equal(1, protection.Watched.Count);

        static Tsunagi.Protocols.Flow.Bgp.BgpPrefix Target(int i) => new(FlowAddress.FromIPv4(0xC0000200 + (uint)i), 32);

        void Note(int i, bool isHot) => list.Note(protection, Target(i), isHot, new Tsunagi.Ddos.Traffic.TrafficSpread(100, 1, 1, 500), Packet("192.0.2.1"), 1, 500);
    }

    private static CaptureReplay Replay() => new(Settings, new DdosOptions(), Start);

    private static CaptureReplay Flood(int perSecond, int seconds, int sampling = 1)
    {
        var replay = Replay();
        for (var i = 0L; i < (long)perSecond * seconds; i += sampling)
        {
            var record = Packet("192.0.2.1", source: $"198.51.100.{i / sampling % 256}");
            record.SamplingRate = (uint)sampling;
            replay.Count(in record, Start + (i * 1_000_000 / perSecond));
        }

        replay.End();
        return replay;
    }

    private static FlowRecord Packet(string to, byte protocol = 17, ushort sourcePort = 53, string source = "198.51.100.1") => new()
    {
        Source = FlowAddress.From(System.Net.IPAddress.Parse(source)), Destination = FlowAddress.From(System.Net.IPAddress.Parse(to)), Protocol = protocol, SourcePort = sourcePort,
        DestinationPort = 80, Packets = 1, Octets = 500, SamplingRate = 1, SamplingSource = SamplingSource.Sample, Origin = FlowOrigin.Packet, IpVersion = (byte)(to.Contains(':', StringComparison.Ordinal) ? 6 : 4),
    };
}
