using Tsunagi.Ddos;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Detect;
using Tsunagi.Ddos.Traffic;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Tests.Ddos.Detect;

/// <summary>With one of a hundred packets seen a figure is an estimate: what chance alone would make of everyday traffic is no attack.</summary>
public sealed class Estimates_under_sampling
{
    private const long Start = 1_782_864_000_000_000;
    private const int Sampling = 100;

    private static readonly ProtectionSettings Settings = new()
    {
        Prefixes = ["192.0.2.0/24"], HostPacketsPerSecond = 0, HostBitsPerSecond = 0, PrefixPacketsPerSecond = 0, PrefixBitsPerSecond = 0, QuietSeconds = 5,
    };

    // From 500 packets a second on a reflection is told: in ten seconds 70 samples may be 500 by chance, 80 are not.
    [Theory]
    [InlineData(700, 3, 0)]
    [InlineData(800, 3, 1)]
    [InlineData(700, 0, 1)]
    [InlineData(480, 0, 0)]
    public void What_may_be_chance_is_taken_off_before_it_is_held_against_the_floor(int perSecond, int deviations, int incidents)
    {
        using var replay = new CaptureReplay(Settings, new DdosOptions { Detect = new DetectOptions { Deviations = deviations } }, Start);
        Play(replay, perSecond, 15, static i => Packet(389, 40_000, i));
        Assert.Equal(incidents, replay.Told.Count);
    }

    [Theory]
    [InlineData(1_100, 0)] // 110 samples in a second: 110,000 ± 31,000
    [InlineData(1_500, 1)]
    public void And_before_it_is_held_against_a_limit(int samplesPerSecond, int incidents)
    {
        using var replay = new CaptureReplay(Settings with { HostPacketsPerSecond = 100_000, AttackPacketsPerSecond = 0 }, new DdosOptions(), Start);
        Play(replay, samplesPerSecond * Sampling, 3, static i => Packet(443, 40_000, i) with { Protocol = 6, TcpFlags = 0x10, Octets = 1_500 }, sampling: Sampling * 10);
        Assert.Equal(incidents, replay.Told.Count);
    }

    [Theory]
    [InlineData(40, false, 0)] // media from many: each flow comes again
    [InlineData(40, true, 1)] // the same sources with ports that never come again
    [InlineData(20_000, false, 1)]
    public void Flows_that_go_on_are_no_flood(int flows, bool newPorts, int incidents)
    {
        using var replay = new CaptureReplay(Settings, new DdosOptions(), Start);
        Play(replay, 3_500, 15, i => Packet(newPorts ? 1_100 + (i * 7 % 60_000) : 6_000, 20_000 + (i * 31 % flows), i * 31 % flows));
        Assert.True(incidents == replay.Told.Count, string.Join(" | ", replay.Told.Values.Select(static i => i.Rule)));
    }

    [Fact]
    public void The_part_of_new_flows_says_nothing_of_too_few_and_forgets_flows_that_are_over()
    {
        var returns = new FlowReturns();
        for (var i = 0; i < FlowReturns.Enough - 1; i++)
        {
            returns.Add(Hash(i), 100);
        }

        Assert.True(double.IsNaN(returns.NewPart));
        returns.Add(Hash(1_000), 100);
        Assert.Equal(1, returns.NewPart, 0.05);
        for (var slot = 110; slot < 190; slot++)
        {
            for (var i = 0; i < 10; i++)
            {
                returns.Add(Hash(i), slot);
            }
        }

        Assert.Equal(0, returns.NewPart, 0.01);
        for (var i = 0; i < 100; i++)
        {
            returns.Add(Hash(i % 10), 500);
        }

        Assert.Equal(0.1, returns.NewPart, 0.02);
    }

    // A flood of new flows fills no bitmap, however long: what is followed is halved.
    [Fact]
    public void Under_a_flood_new_flows_are_still_told_from_old_ones()
    {
        var returns = new FlowReturns();
        for (var i = 0; i < 200_000; i++)
        {
            returns.Add(Hash(i), 20 + (i / 500));
            Assert.True(i < 1_000 || double.IsNaN(returns.NewPart) || returns.NewPart > 0.6, $"{returns.NewPart} after {i}");
        }
    }

    [Fact]
    public void The_port_that_most_go_to_is_known_by_the_newest_alone()
    {
        var ports = new RecentPorts();
        Assert.Equal(0, ports.Most.Part);
        for (var i = 0; i < 1_000; i++)
        {
            ports.Add((ushort)(i % 50));
            Assert.True(i < RecentPorts.Kept || ports.Most.Part <= 0.05, $"{ports.Most} after {i}");
        }

        for (var i = 0; i < RecentPorts.Kept / 2; i++)
        {
            ports.Add(443);
        }

        Assert.Equal((443, 0.5), (ports.Most.Port, ports.Most.Part));
    }

    [Fact]
    public void Heavy_keys_are_never_missed()
    {
        var keys = new HeavyKeys<int>(8);
        for (var i = 0; i < 8_000; i++)
        {
            keys.Add(i % 4 == 0 ? -1 : i, 1);
        }

        Assert.InRange(keys[-1], 2_000UL, 3_000UL);
        Assert.Equal(8, keys.All.Count());
        Assert.Equal(8_000, keys.All.Sum(static pair => (long)pair.Value));
        keys.Halve();
        Assert.InRange(keys[-1], 1_000UL, 1_500UL);
        var small = new HeavyKeys<int>(8);
        small.Add(1, 1);
        small.Add(2, 2);
        small.Halve();
        Assert.Equal([KeyValuePair.Create(2, 1UL)], small.All);
        small.Add(3, 5);
        Assert.Equal((0UL, 5UL), (small[1], small[3]));
    }

    [Fact]
    public void What_is_usual_is_taken_from_all_over_a_slot_and_not_while_something_is_wrong()
    {
        var usual = new UsualTraffic();
        void Offer(int slot, int records)
        {
            for (var i = 0; i < records; i++)
            {
                var record = Packet(443, 40_000, i);
                usual.Offer(in record, slot);
            }

            usual.Look(isPaused: slot >= 200);
        }

        for (var slot = 100; slot < 220; slot++)
        {
            Offer(slot, 40);
        }

        var all = usual.Until(int.MaxValue);
        Assert.Equal((4 * 101, TimeSpan.FromSeconds(10)), (all.Count, usual.Watched)); // of the first that is wrong too: it is not known to be yet
        Assert.Contains(all, static sample => sample.Source == Packet(443, 40_000, 30).Source);
        Assert.Equal(40, usual.Until(109).Count);
    }

    [Fact]
    public void What_is_usual_is_known_as_soon_from_an_exporter_that_speaks_once_a_second()
    {
        var usual = new UsualTraffic();
        for (var second = 0; second < 20; second++)
        {
            for (var i = 0; i < 400; i++)
            {
                var record = Packet(443, 40_000, i);
                usual.Offer(in record, 100 + (second * 10));
            }
        }

        // Forty of each second, from all over it; of the first nobody knows yet how long it took.
        var all = usual.Until(int.MaxValue);
        Assert.Equal(4 + (19 * 40), all.Count);
        Assert.Contains(all, static sample => sample.Source == Packet(443, 40_000, 390).Source);
    }

    [Fact]
    public void What_came_while_an_attack_was_not_known_yet_is_forgotten()
    {
        var usual = new UsualTraffic();
        for (var slot = 100; slot < 200; slot++)
        {
            var record = Packet(443, 40_000, slot);
            usual.Offer(in record, slot);
        }

        usual.Forget(170);
        Assert.Equal(71, usual.Until(int.MaxValue).Count);
    }

    [Fact]
    public void A_record_of_a_flow_is_as_many_packets_of_it()
    {
        var (flows, packets, ports) = (new SourceSpread(), new SourceSpread(), new RecentPorts());
        for (var i = 0; i < 60; i++)
        {
            var record = Packet(443, 40_000, i);
            packets.Add(in record, 20);
            record.Packets = 30;
            flows.Add(in record, 20);
            ports.Add((ushort)(i % 8 == 0 ? 80 : 1_000 + i), i % 8 == 0 ? 1_000u : 1u);
        }

        // Sixty packets of sixty flows hardly come twice; sixty flows of thirty packets each do.
        Assert.Equal(1, packets.FlowsPerPacket);
        Assert.InRange(flows.FlowsPerPacket, 0.03, 0.04);
        Assert.Equal(80, ports.Most.Port);
        Assert.True(ports.Most.Part > 0.5);
    }

    private static ulong Hash(int i)
    {
        var record = new FlowRecord { Source = FlowAddress.FromIPv4((uint)i) };
        return SourceSpread.FlowOf(in record);
    }

    private static void Play(CaptureReplay replay, int perSecond, int seconds, Func<int, FlowRecord> packet, int sampling = Sampling)
    {
        for (var i = 0; i < perSecond * seconds / sampling; i++)
        {
            var record = packet(i);
            record.SamplingRate = (uint)sampling;
            replay.Count(in record, Start + (i * 1_000_000L * sampling / perSecond));
        }

        replay.End();
    }

    private static FlowRecord Packet(int from, int port, int source) => new()
    {
        Source = FlowAddress.FromIPv4(0x0B00_0000u + ((uint)source * 2_654_435_761u % 0x6000_0000u)), Destination = FlowAddress.FromIPv4(0xC000_0201), Protocol = 17, SourcePort = (ushort)from,
        DestinationPort = (ushort)port, Packets = 1, Octets = 500, SamplingRate = 1, SamplingSource = SamplingSource.Sample, Origin = FlowOrigin.Packet, IpVersion = 4,
    };
}
