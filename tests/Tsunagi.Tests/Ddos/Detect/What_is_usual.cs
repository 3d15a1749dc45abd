using System.Text.Json;
using Tsunagi.Ddos;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Detect;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Tests.Ddos.Detect;

/// <summary>Baselines: learned by the hour of the week, borrowed where nothing was learned, unmoved by one strange minute, and what they change in what is told.</summary>
public sealed class What_is_usual
{
    private const long Start = 1_782_864_000_000_000;
    private static readonly BgpPrefix Prefix = BgpPrefix.Parse("192.0.2.0/24");

    private static readonly ProtectionSettings Settings = new()
    {
        Prefixes = ["192.0.2.0/24"], HostPacketsPerSecond = 0, HostBitsPerSecond = 0, PrefixPacketsPerSecond = 0, PrefixBitsPerSecond = 0, QuietSeconds = 5,
    };

    [Theory]
    [InlineData(Baseline.LearnedMinutes - 1, false)]
    [InlineData(Baseline.LearnedMinutes, true)]
    public void Nothing_is_usual_before_enough_minutes_were_learned(int minutes, bool known)
    {
        var baseline = Learned(minutes, 1_000, hour: 5);
        Assert.Equal(known, baseline.IsLearned(5));
        Assert.Equal(known, baseline.Usual(TrafficKind.Icmp, 5) > 900);

        // Another hour borrows from all hours together.
        Assert.Equal(known, baseline.Usual(TrafficKind.Icmp, 100) > 900);
    }

    [Fact]
    public void Each_hour_of_the_week_has_its_own_figures()
    {
        var baseline = Learned(60, 100, hour: 3);
        Learn(baseline, 60, 10_000, hour: 20);
        Assert.InRange(baseline.Usual(TrafficKind.Icmp, 3), 90, 400);
        Assert.InRange(baseline.Usual(TrafficKind.Icmp, 20), 9_000, 40_000);
    }

    [Fact]
    public void One_strange_minute_moves_little()
    {
        var baseline = Learned(200, 1_000, hour: 0);
        var before = baseline.Usual(TrafficKind.Icmp, 0);
        Learn(baseline, 1, 1_000_000, hour: 0);
        Assert.InRange(baseline.Usual(TrafficKind.Icmp, 0), before, before * 1.5);
    }

    [Fact]
    public void What_goes_on_beyond_chance_lowers_what_is_still_usual_until_it_ends()
    {
        var baseline = Learned(60, 1_000, hour: 0);
        var before = baseline.Usual(TrafficKind.Icmp, 0);
        for (var second = 0; second < 20; second++)
        {
            baseline.Second(TrafficKind.Icmp, 4_000, 0);
        }

        Assert.True(baseline.Usual(TrafficKind.Icmp, 0) < before * 0.6, $"{baseline.Usual(TrafficKind.Icmp, 0)} of {before}");
        for (var second = 0; second < 30; second++)
        {
            baseline.Second(TrafficKind.Icmp, 1_000, 0);
        }

        Assert.Equal(before, baseline.Usual(TrafficKind.Icmp, 0), 3);
    }

    [Fact]
    public void It_is_written_and_read_and_what_has_another_shape_is_not_taken()
    {
        var baseline = Learned(30, 700, hour: 12);
        var state = JsonSerializer.Deserialize<BaselineState>(JsonSerializer.Serialize(baseline.Write()))!;
        var again = new Baseline();
        Assert.True(again.TryRead(state));
        Assert.Equal(baseline.Usual(TrafficKind.Icmp, 12), again.Usual(TrafficKind.Icmp, 12));
        Assert.False(new Baseline().TryRead(new BaselineState([state.Cells[0]! with { Medians = [1] }])));
        Assert.False(new Baseline().TryRead(new BaselineState([state.Cells[0]! with { Cell = Baseline.HoursOfWeek + 1 }])));
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 2)]
    public void As_many_prefixes_are_followed_as_the_limit_and_not_one_more(int prefixes, int followed)
    {
        var options = new DetectOptions { MaxBaselines = 2 };
        var baselines = new Baselines(options, TimeProvider.System);
        var table = new ProtectionTable([new Protection
        {
            Subscription = "s", TenantId = "t", TenantPath = "t/", Prefixes = [.. Enumerable.Range(0, prefixes).Select(static i => BgpPrefix.Parse($"198.51.{i}.0/24"))], Host = new Limits(1, 0, 0),
            Prefix = new Limits(1, 0, 0), Quiet = TimeSpan.Zero, Series = new(),
        }]);
        baselines.Look(100, new WatchList(options), static _ => false, table);
        Assert.Equal(followed, baselines.Count);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(3_000, 0)]
    public void What_is_usual_for_the_prefix_is_no_attack_on_one_of_its_addresses(int usual, int incidents)
    {
        using var replay = new CaptureReplay(Settings, new DdosOptions(), Start);
        var peaks = new ulong[TrafficKind.Count];
        peaks[TrafficKind.Icmp] = (ulong)usual;
        for (var minute = 0; minute < 30 && usual > 0; minute++)
        {
            replay.Baselines.Learn("replay", Prefix, peaks);
        }

        for (var i = 0; i < 10_000; i++)
        {
            var record = new FlowRecord
            {
                Source = FlowAddress.FromIPv4(0xC6336400 | (uint)(i % 50)), Destination = Prefix.Address with { Low = Prefix.Address.Low + 9 }, Protocol = 1, IcmpType = 8, Octets = 84, Packets = 1, SamplingRate = 1,
                Origin = FlowOrigin.Packet, IpVersion = 4,
            };
            replay.Count(in record, Start + (i * 400L)); // 2,500/s
        }

        replay.End();
        Assert.Equal(incidents, replay.Told.Count);
    }

    private static Baseline Learned(int minutes, ulong packets, int hour)
    {
        var baseline = new Baseline();
        Learn(baseline, minutes, packets, hour);
        return baseline;
    }

    private static void Learn(Baseline baseline, int minutes, ulong packets, int hour)
    {
        var peaks = new ulong[TrafficKind.Count];
        peaks[TrafficKind.Icmp] = packets;
        for (var minute = 0; minute < minutes; minute++)
        {
            baseline.Learn(peaks, hour);
        }
    }
}
