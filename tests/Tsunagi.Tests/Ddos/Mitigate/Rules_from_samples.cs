using System.Net;
using Tsunagi.Ddos;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Detect;
using Tsunagi.Ddos.Mitigate;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;
using Tsunagi.Protocols.Flow.Packet;
using Tsunagi.Protocols.Flow.Pcap;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.Mitigate;

/// <summary>Rules that are made of samples: they stop the attack, spare its victim, and are never such as no rule may be.</summary>
public sealed class Rules_from_samples
{
    private static readonly MitigateOptions Options = new();
    private static readonly TimeSpan LongWatched = TimeSpan.FromMinutes(10);
    private static readonly BgpPrefix Victim = BgpPrefix.Parse("192.0.2.1/32");

    [Fact]
    public void A_reflection_is_matched_by_its_port_and_by_lengths_the_victim_does_not_get()
    {
        var attack = Enumerable.Range(0, 200).Select(i => Sample(17, 53, (ushort)(2_000 + i), (ushort)(1_200 + i), 7));
        var own = Enumerable.Range(0, 400).Select(i => i % 4 == 0 ? Sample(17, 53, (ushort)(9_000 + i), (ushort)(80 + (i % 120)), 3) : Sample(6, 443, 40_000, 1_500, 4, 0x10));
        var proposal = Make(attack, own);
        Assert.Equal("dst 192.0.2.1/32 proto udp sport 53 len 1080-1534 then discard", Assert.Single(proposal.Rules).Rule);
        Assert.True(proposal is { IsGood: true, Cover: 1, Collateral: 0 }, proposal.ToString());
    }

    [Fact]
    public void A_flood_of_SYNs_is_told_from_the_SYNs_of_people_by_their_length()
    {
        var attack = Enumerable.Range(0, 200).Select(i => Sample(6, (ushort)(1_024 + i), 80, 40, (uint)i, 2));
        var own = Enumerable.Range(0, 300).Select(i => i % 6 == 0 ? Sample(6, (ushort)(5_000 + i), 80, 60, (uint)i, 2) : Sample(6, 5_000, 80, 52, 4, 0x10));
        var proposal = Make(attack, own);
        Assert.Equal("dst 192.0.2.1/32 proto tcp dport 80 tcp-flags =syn&!fin+rst+ack len 40 then discard", Assert.Single(proposal.Rules).Rule);
        Assert.True(proposal.IsGood);
    }

    [Fact]
    public void What_cannot_be_told_from_the_victims_own_traffic_makes_no_rule()
    {
        var attack = Enumerable.Range(0, 200).Select(i => Sample(6, (ushort)(1_024 + i), 80, 60, (uint)i, 2)).ToList();
        var own = Enumerable.Range(0, 300).Select(i => i % 6 == 0 ? Sample(6, (ushort)(5_000 + i), 80, 60, (uint)i, 2) : Sample(6, 5_000, 80, 52, 4, 0x10));
        var proposal = Make(attack, own);
        Assert.Empty(proposal.Rules);
        Assert.Contains("without stopping the customer's own traffic", proposal.WhyNot, StringComparison.Ordinal);
    }

    // A customer of a few addresses: each of them has some hundreds of the samples that are kept, and never more.
    [Theory]
    [InlineData(300, 300, 0, true)]
    [InlineData(300, 200, 0, false)]
    [InlineData(300, 700, 5, false)]
    public void Where_none_of_the_targets_own_is_touched_what_flows_to_its_neighbours_makes_it_known(int own, int beside, int touched, bool good)
    {
        var attack = Enumerable.Range(0, 200).Select(i => Sample(17, 53, 80, 428, (uint)i));
        var neighbours = Enumerable.Range(0, beside).Select(i => i < touched ? Sample(17, 53, 80, 428, 3) : Sample(6, 443, 40_000, 1_500, 4, 0x10));
        var input = new SynthesisInput(Victim, [.. attack], [.. Enumerable.Range(0, own).Select(i => Sample(6, 443, 40_000, 1_500, 4, 0x10))], TimeSpan.Zero, BySource: false) { Beside = [.. neighbours] };
        var proposal = RuleSynthesis.Make(input, Options);
        Assert.Equal((1, good), (proposal.Rules.Count, proposal.IsGood));
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(5, 1)]
    public void One_record_of_a_flow_is_as_many_packets_as_it_tells_of(int packets, int rules)
    {
        var attack = Sample(17, 53, 80, 428, 1) with { Packets = (ulong)packets, Seen = (uint)packets };
        var proposal = Make([attack], Enumerable.Range(0, 700).Select(i => Sample(6, 443, 40_000, 1_500, 4, 0x10)));
        Assert.Equal(rules, proposal.Rules.Count);
    }

    // The bound at 95 % confidence counts, not the part that was seen: 5 of 2,000 may be 0.53 %, and 1 of 900 may be; none of them is no more than can be known.
    [Theory]
    [InlineData(1_996, 4, true)]
    [InlineData(1_995, 5, false)]
    [InlineData(949, 1, true)]
    [InlineData(899, 1, false)]
    [InlineData(100, 0, true)]
    public void As_much_of_the_victims_own_as_may_be_touched_and_not_more(int untouched, int touched, bool made)
    {
        var attack = Enumerable.Range(0, 200).Select(i => Sample(17, 389, 4_000, 1_400, (uint)i));
        var own = Enumerable.Range(0, untouched + touched).Select(i => i < touched ? Sample(17, 389, 4_000, 1_400, 9) : Sample(6, 443, 40_000, 1_500, 4, 0x10));
        Assert.Equal(made, Make(attack, own).Rules.Count == 1);
    }

    [Theory]
    [InlineData(594, 0, 0, true)]
    [InlineData(593, 0, 0, false)]
    [InlineData(950, 1, 0, true)]
    [InlineData(593, 0, 10, true)] // watched for long: what was not seen is hardly there
    [InlineData(0, 0, 10, true)] // the same, of nothing at all
    [InlineData(0, 0, 9, false)]
    [InlineData(50, 0, 0, false)]
    public void Rules_go_out_by_themselves_when_it_is_known_that_they_spare_the_victim(int own, int touched, int watchedMinutes, bool good)
    {
        var attack = Enumerable.Range(0, 200).Select(i => Sample(17, 389, 4_000, 1_400, (uint)i)).ToList();
        var usual = Enumerable.Range(0, own).Select(i => i < touched ? Sample(17, 389, 4_000, 1_400, 9) : Sample(6, 443, 40_000, 1_500, 4, 0x10)).ToList();
        var proposal = RuleSynthesis.Make(new SynthesisInput(Victim, attack, usual, TimeSpan.FromMinutes(watchedMinutes), BySource: false), Options);
        Assert.Single(proposal.Rules);
        Assert.Equal("", proposal.WhyNot);
        Assert.True(good == proposal.IsGood && good == (proposal.WhyAsk.Length == 0), proposal.ToString());
        Assert.Equal(good || own > 0, proposal.WhyAsk.Length == 0 || proposal.CollateralBound < 1);
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(5, 2)]
    public void A_group_of_too_few_samples_makes_no_rule_of_its_own(int few, int rules)
    {
        var attack = Enumerable.Range(0, 40).Select(i => Sample(1, 0, 0, 1_400, (uint)i)).Concat(Enumerable.Range(0, few).Select(i => Sample(1, 0, 0, 84, (uint)i) with { IcmpType = 3 }));
        Assert.Equal(rules, Make(attack, []).Rules.Count);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Many_reflectors_fit_into_the_rules_there_may_be(int reflectors)
    {
        ushort[] ports = [17, 19, 389, 11211, 161];
        var attack = Enumerable.Range(0, 500).Select(i => Sample(17, ports[i % reflectors], (ushort)(3_000 + i), 1_000, (uint)i));
        var proposal = Make(attack, []);
        Assert.Equal(reflectors <= 4 ? 4 : 1, proposal.Rules.Count);
        Assert.Equal(1, proposal.Cover);
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(5, false)]
    public void An_attack_that_needs_more_rules_than_there_may_be_is_said_to_be_stopped_in_part(int kinds, bool good)
    {
        byte[] types = [0, 3, 8, 11, 13];
        var attack = Enumerable.Range(0, 500).Select(i => Sample(1, 0, 0, (ushort)(100 + (i % kinds * 100)), (uint)i) with { IcmpType = types[i % kinds] });
        var proposal = Make(attack, []);
        Assert.Equal(4, proposal.Rules.Count);
        Assert.Equal(good, proposal.IsGood);
    }

    [Fact]
    public void A_few_robots_are_matched_by_who_they_are()
    {
        var attack = Enumerable.Range(0, 300).Select(i => Sample(6, (ushort)(1_024 + i), 443, (ushort)(52 + (i % 400)), (uint)(i % 3), 0x18)).ToList();
        var own = Enumerable.Range(0, 300).Select(i => Sample(6, 5_000, 443, 52, (uint)(100 + i), 0x10)).ToList();
        var proposal = RuleSynthesis.Make(new SynthesisInput(Victim, attack, own, LongWatched, BySource: true), Options);
        Assert.Equal(3, proposal.Rules.Count);
        Assert.All(proposal.Rules, static rule => Assert.Contains("src 203.0.113.", rule.Rule, StringComparison.Ordinal));
        Assert.True(proposal.IsGood);
    }

    /// <summary>Whatever the samples hold, a rule has the target as its destination, can match something, passes the guards, and is read back to the same.</summary>
    [Fact]
    public void Never_a_forbidden_or_an_impossible_rule()
    {
        var random = new Random(20_261_126);
        var guards = new MitigationGuards(new DdosOptions(), [IPNetwork.Parse("192.0.2.128/25")]);
        var table = new ProtectionTable([new Protection
        {
            Subscription = "s", TenantId = "t", TenantPath = "t/", Prefixes = [BgpPrefix.Parse("192.0.2.0/24"), BgpPrefix.Parse("2001:db8::/48")], Host = new Limits(1, 0, 0), Prefix = new Limits(1, 0, 0),
            Quiet = TimeSpan.Zero, Series = new(),
        }]);
        var made = 0;
        for (var round = 0; round < 500; round++)
        {
            var target = BgpPrefix.Parse((round % 4) switch { 0 => "192.0.2.0/25", 1 => "2001:db8::7/128", _ => $"192.0.2.{random.Next(128)}/32" });
            var attack = Enumerable.Range(0, random.Next(0, 80)).Select(_ => Anything(random, target)).ToList();
            var own = Enumerable.Range(0, random.Next(0, 80)).Select(_ => Anything(random, target)).ToList();
            var proposal = RuleSynthesis.Make(new SynthesisInput(target, attack, own, LongWatched, random.Next(8) == 0), Options);
            Assert.True(proposal.Rules.Count <= Options.MaxRulesPerIncident && proposal.Collateral <= 0.005, $"round {round}: {proposal}");
            foreach (var each in proposal.Rules)
            {
                made++;
                var checkedRule = guards.Check(new MitigationRequest { Rule = each.Rule, Reason = "a test" }, table.Holding);
                Assert.True(checkedRule.Ok, $"round {round}: {each.Rule}: {checkedRule.Refusal?.Message}");
                Assert.True(FlowSpecText.TryParse(each.Rule, out var statement, out var error), error);
                Assert.Equal(target, statement!.Rule.Find(FlowSpecType.Destination)!.Prefix);
                Assert.Equal(each.Rule, statement.ToString());
                Assert.Contains(attack, sample => { var record = sample.ToRecord(); return statement.Rule.Matches(in record); });
            }
        }

        Assert.True(made > 150, $"{made} rules");
    }

    /// <summary>Recorded attacks on an address that also gets what people really get: each packet is known to be the one or the other.</summary>
    [Theory]
    [InlineData("amp.UDP.isakmp.pcap")]
    [InlineData("amp.UDP.snmp.src161.pcapng")]
    [InlineData("pkt.TCP.synflood.spoofed.pcap")]
    [InlineData("CIC-DDoS-2019-WebDDoS.pcap")]
    public void Recorded_attacks_are_stopped_and_recorded_people_are_not(string file)
    {
        var folder = SharedFiles.Find("data/flows/benign-ndpi");
        Assert.SkipWhen(folder is null, "the shared data is not here");
        var people = Directory.GetFiles(folder!, "*.pcap*").Order(StringComparer.Ordinal).SelectMany(Read).Where(static record => record.Destination.IsIPv4).ToList();
        var recorded = Read(SharedFiles.Find("data/flows/attacks/" + file)!);
        var victim = recorded.GroupBy(static record => record.Destination).MaxBy(static group => group.Count())!.Key;
        recorded = [.. recorded.Where(record => record.Destination == victim)];
        const long start = 1_782_864_000_000_000;
        using var replay = new CaptureReplay(
            new ProtectionSettings { Prefixes = [$"{victim}/32"], HostPacketsPerSecond = 0, HostBitsPerSecond = 0, PrefixPacketsPerSecond = 0, PrefixBitsPerSecond = 0, QuietSeconds = 5 }, new DdosOptions(), start);
        var (attack, own) = (new List<FlowRecord>(), new List<FlowRecord>());
        for (var ms = 0; ms < 24_000; ms++)
        {
            var mine = people[ms % people.Count];
            mine.Destination = victim;
            own.Add(mine);
            replay.Count(in mine, start + (ms * 1_000L));
            for (var i = 0; ms >= 20_000 && i < 6; i++)
            {
                var theirs = recorded[attack.Count % recorded.Count];
                attack.Add(theirs);
                replay.Count(in theirs, start + (ms * 1_000L) + (i * 150));
            }
        }

        replay.GoTo(start + 24_000_000);
        var proposal = Assert.Single(replay.Told.Values).Proposal!;
        var rules = proposal.Rules.Select(static each => FlowSpecText.TryParse(each.Rule, out var statement, out _) ? statement!.Rule : null!).ToList();
        double Part(List<FlowRecord> records) => (double)records.Count(record => rules.Exists(rule => rule.Matches(in record))) / records.Count;
        Assert.InRange(rules.Count, 1, 4);
        Assert.True(Part(attack) >= 0.95, $"{Part(attack)} of the attack: {string.Join(" ; ", proposal.Rules.Select(static each => each.Rule))}");
        Assert.True(Part(own) <= 0.005, $"{Part(own)} of the victim's own: {string.Join(" ; ", proposal.Rules.Select(static each => each.Rule))}");
    }

    private static List<FlowRecord> Read(string path)
    {
        using var file = File.OpenRead(path);
        var reader = new PcapReader(file);
        var records = new List<FlowRecord>();
        while (reader.Read(out var packet) == PcapStatus.Packet)
        {
            var record = new FlowRecord { Packets = 1, SamplingRate = 1, SamplingSource = SamplingSource.Sample, Origin = FlowOrigin.Packet };
            if (PacketReader.TryRead(packet.Octets, PacketLinks.FromLinkType(packet.LinkType), FlowLimits.Default.PacketHeaders, PacketTunnels.None, ref record))
            {
                record.Packets = 1;
                records.Add(record);
            }
        }

        return records;
    }

    private static Proposal Make(IEnumerable<TrafficSample> attack, IEnumerable<TrafficSample> own) =>
        RuleSynthesis.Make(new SynthesisInput(Victim, [.. attack], [.. own], LongWatched, BySource: false), Options);

    private static TrafficSample Sample(byte protocol, ushort from, ushort to, ushort octets, uint source, ushort flags = 0)
    {
        var record = new FlowRecord
        {
            Source = FlowAddress.FromIPv4(0xCB00_7100 + source), Destination = Victim.Address, Protocol = protocol, SourcePort = from, DestinationPort = to, Octets = octets, Packets = 1, TcpFlags = flags,
            Origin = FlowOrigin.Packet, IpVersion = 4,
        };
        return TrafficSample.Of(in record, TrafficKind.Of(in record), 1);
    }

    private static TrafficSample Anything(Random random, BgpPrefix target)
    {
        int[] ports = [0, 53, 80, 123, 389, 443, 11211, 65_535, random.Next(65_536)];
        byte[] protocols = [0, 1, 6, 17, 47, 50, 58, 132, 255];
        int[] lengths = [20, 28, 40, 52, 60, 576, 1_500, random.Next(20, 9_216)];
        var record = new FlowRecord
        {
            Source = target.IsIPv6 ? new FlowAddress(0x2001_0DB8_FFFF_0000, (ulong)random.Next(5)) : FlowAddress.FromIPv4((uint)random.Next(0x0B00_0000, 0x0B00_0005)), Destination = target.Address,
            Protocol = protocols[random.Next(protocols.Length)], SourcePort = (ushort)ports[random.Next(ports.Length)], DestinationPort = (ushort)ports[random.Next(ports.Length)],
            Octets = (ulong)Math.Max(target.IsIPv6 ? 40 : 20, lengths[random.Next(lengths.Length)]), Packets = (ulong)random.Next(1, 3), TcpFlags = (ushort)random.Next(0x200),
            FragmentOffset = (ushort)(random.Next(6) == 0 ? random.Next(1, 8_191) : 0), FragmentFlags = (byte)(random.Next(4) << 5), IcmpType = (byte)random.Next(256), IcmpCode = (byte)random.Next(256),
            Origin = FlowOrigin.Packet, IpVersion = (byte)(target.IsIPv6 ? 6 : 4),
        };
        return TrafficSample.Of(in record, TrafficKind.Of(in record), (ulong)random.Next(1, 100_000));
    }
}
