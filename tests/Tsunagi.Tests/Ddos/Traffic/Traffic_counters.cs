using System.Runtime.CompilerServices;
using Tsunagi.Ddos.Traffic;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Tests.Ddos.Traffic;

/// <summary>Counters of addresses in slots of 100 ms: exact, bounded, and forgotten in time.</summary>
public sealed class Traffic_counters
{
    private static readonly FlowAddress One = FlowAddress.FromIPv4(0xC0000201);

    [Fact]
    public void A_second_is_the_sum_of_its_ten_slots()
    {
        var row = new TrafficRow();
        for (var slot = 100; slot < 125; slot++)
        {
            row.Add(new TrafficSpread(slot, 1, (ulong)slot, (ulong)slot * 10));
        }

        Assert.Equal(new TrafficSums(Sum(115, 124), Sum(115, 124) * 10, 10), row.Sum(124));
        Assert.Equal(new TrafficSums(Sum(115, 120), Sum(115, 120) * 10, 6), row.Sum(120));
        Assert.Equal(default, row.Sum(114));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10)]
    public void What_a_record_tells_is_spread_over_its_time_and_nothing_is_lost(int span)
    {
        var row = new TrafficRow();
        row.Add(new TrafficSpread(200, span, 1_001, 77_777));
        Assert.Equal(1_001UL, row.Sum(200).Packets);
        Assert.Equal(77_777UL, row.Sum(200).Octets);
        Assert.InRange(row.Sum(199).Packets, 1_001UL * (uint)(span - 1) / (uint)span, (1_001UL * (uint)(span - 1) / (uint)span) + 1);
    }

    [Theory]
    [InlineData(1, 600)]
    [InlineData(599, 600)]
    [InlineData(6, 7)]
    public void Many_records_of_few_packets_told_at_once_are_no_burst(int packets, int span)
    {
        var row = new TrafficRow();
        const int Records = 6_000;
        for (var i = 0; i < Records; i++)
        {
            row.Add(new TrafficSpread(1_000, span, (ulong)packets, (ulong)packets * 100, (ulong)i));
        }

        var told = (double)packets * Records * Math.Min(span, TrafficSlots.Window) / span;
        Assert.InRange(row.Sum(1_000).Packets, told * 0.9, told * 1.1);
        Assert.InRange(row.Sum(1_000).Octets, told * 90, told * 110);
    }

    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(1_001, 37, 5)]
    [InlineData(3, 90, 71)]
    [InlineData(100_000_000_000, 36_000, 9)]
    public void However_a_record_is_cut_into_seconds_nothing_is_lost(long packets, int span, int mark)
    {
        var spread = new TrafficSpread(50_003, span, (ulong)packets, 0, (ulong)mark);
        var seconds = new ulong[(span / TrafficSlots.Window) + 2];
        var reached = spread.Seconds(seconds);
        Assert.Equal((50_003 / TrafficSlots.Window) - ((50_003 - span + 1) / TrafficSlots.Window) + 1, reached);
        Assert.Equal((ulong)packets, seconds.Aggregate(0UL, static (sum, each) => sum + each));
    }

    [Theory]
    [InlineData(1, 2, 1)]
    [InlineData(7, 3, 2)]
    [InlineData(999, 90, 71)]
    [InlineData(100_000_000_000, 36_000, 9)]
    public void Slots_and_seconds_get_their_part_of_one_rising_sum(long packets, int span, int mark)
    {
        const int Slot = 50_009;
        var spread = new TrafficSpread(Slot, span, (ulong)packets, (ulong)packets * 3, (ulong)mark);
        for (var age = 0; age < TrafficSlots.Window; age++)
        {
            var (from, to) = ((ulong)Math.Min(age, span), (ulong)Math.Min(age + 1, span));
            Assert.Equal(Upto((ulong)packets, to) - Upto((ulong)packets, from), spread.Packets[(Slot - age) % TrafficSlots.Window]);
            Assert.Equal(Upto((ulong)packets * 3, to) - Upto((ulong)packets * 3, from), spread.Octets[(Slot - age) % TrafficSlots.Window]);
        }

        // The slot is the last of its second.
        Span<ulong> seconds = stackalloc ulong[30];
        var reached = spread.Seconds(seconds);
        for (var second = 0; second < reached; second++)
        {
            var (from, to) = ((ulong)Math.Min(second * 10, span), (ulong)Math.Min((second + 1) * 10, span));
            Assert.Equal(Upto((ulong)packets, to) - Upto((ulong)packets, from), seconds[second]);
        }

        ulong Upto(ulong amount, ulong slots) => ((slots * amount) + (ulong)mark) / (ulong)span;
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100)]
    public void A_row_holds_what_each_record_alone_would_add(int records)
    {
        var random = new Random(records);
        var (row, expected) = (new TrafficRow(), new Dictionary<int, ulong>());
        var newest = 500;
        for (var i = 0; i < records; i++)
        {
            newest += random.Next(3) == 0 ? random.Next(4) : 0;
            var slot = newest - (random.Next(5) == 0 ? random.Next(14) : 0); // some are late, some too late
            var (span, packets) = (random.Next(1, 25), (ulong)random.Next(1, 500));
            row.Add(new TrafficSpread(slot, span, packets, packets, 0));
            for (var age = 0; age < Math.Min(span, TrafficSlots.Window); age++)
            {
                var part = (((ulong)age + 1) * packets / (ulong)span) - ((ulong)age * packets / (ulong)span);
                expected[slot - age] = expected.GetValueOrDefault(slot - age) + (slot - age > newest - TrafficSlots.Window ? part : 0);
            }
        }

        Assert.Equal(Enumerable.Range(newest - 9, 10).Aggregate(0UL, (sum, slot) => sum + expected.GetValueOrDefault(slot)), row.Sum(newest).Packets);
    }

    [Fact]
    public void A_flow_of_a_minute_is_no_burst()
    {
        var row = new TrafficRow();
        row.Add(new TrafficSpread(1_000, 600, 60_000, 60_000_000));
        Assert.Equal(1_000UL, row.Sum(1_000).Packets); // its rate, not its sum
    }

    [Fact]
    public void Late_records_go_to_their_own_slot_and_old_ones_nowhere()
    {
        var row = new TrafficRow();
        row.Add(new TrafficSpread(300, 1, 1, 1));
        row.Add(new TrafficSpread(295, 1, 10, 10));
        row.Add(new TrafficSpread(290, 1, 100, 100));
        Assert.Equal(11UL, row.Sum(300).Packets);
        Assert.Equal(10UL, row.Sum(299).Packets);
    }

    [Fact]
    public void Figures_stop_at_the_largest_number()
    {
        var row = new TrafficRow();
        row.Add(new TrafficSpread(300, 1, ulong.MaxValue / 2, ulong.MaxValue / 2));
        row.Add(new TrafficSpread(300, 1, ulong.MaxValue / 2, ulong.MaxValue / 2));
        Assert.Equal(uint.MaxValue, row.Sum(300).Packets);
    }

    [Fact]
    public void A_second_of_the_series_is_what_the_records_of_it_told_whatever_time_they_speak_of()
    {
        var series = new TrafficSeries();
        series.Add(1_000, 0, 6, 10, 1_000);
        series.Add(1_000, 4, 17, 10, 402); // 2, 2, 2, and what does not divide with the newest
        series.Add(1_000, 4, 17, 1, 1);
        series.Add(1_001, 600, 1, 120, 6_000); // over the last minute only
        series.Add(1_001, 0, 47, 1, 5);
        series.Settle();
        Assert.Equal("17: 1000 103 100 0", At(1_000));
        Assert.Equal("3: 0 0 100 5", At(1_001));
        Assert.Equal("4: 0 100 100 0", At(997));
        Assert.Equal("2: 0 0 100 0", At(942));
        Assert.Equal("0: 0 0 0 0", At(941));
        series.Add(1_000 + TrafficSeries.Seconds, 0, 6, 7, 70); // stands where 1,000 stood
        series.Settle();
        Assert.Equal("0: 0 0 0 0", At(1_000));
        Assert.Equal("7: 70 0 0 0", At(1_000 + TrafficSeries.Seconds));

        string At(long second)
        {
            var (packets, octets) = series.Read(second);
            return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{packets}: {string.Join(' ', octets)}");
        }
    }

    [Fact]
    public void A_row_is_small() => Assert.Equal(124, Unsafe.SizeOf<TrafficRow>());

    [Fact]
    public void The_second_that_ends_now_holds_what_the_one_before_it_misses()
    {
        var row = new TrafficRow();
        for (var slot = 100; slot < 120; slot++)
        {
            row.Add(new TrafficSpread(slot, 1, 10, 1_000));
        }

        // Ten slots are kept: of the second before the newest slot nine are left.
        Assert.Equal((90UL, 100UL), (row.Sum(118).Packets, row.Sum(119).Packets));
        Assert.Equal(new TrafficSums(100, 10_000, 10), TrafficSums.Larger(row.Sum(118), row.Sum(119)));
        Assert.Equal(new TrafficSums(7, 9, 8), TrafficSums.Larger(new TrafficSums(7, 2, 8), new TrafficSums(1, 9, 3)));
    }

    private static ulong Sum(int from, int to) => (ulong)Enumerable.Range(from, to - from + 1).Sum();
}
