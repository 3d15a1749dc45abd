using Tsunagi.Ddos.Archive;
using Tsunagi.Ddos.Archive.Rollups;
using Tsunagi.Protocols.Flow;
using Tsunagi.Tests.Testing.CrashDisks;

namespace Tsunagi.Tests.Ddos.Archive;

/// <summary>Sums of kept records: the same as those of the records, for as long as each level is kept, and records go only when their sums are there.</summary>
public sealed class Rolled_up_flows
{
    private const long Start = RolledWorld.Start;
    private const long Hour = 3_600_000;

    private static readonly FlowDimension[] Kept =
    [
        FlowDimension.Exporter, FlowDimension.Input, FlowDimension.Output, FlowDimension.Protocol, FlowDimension.SourceAs, FlowDimension.DestinationAs, FlowDimension.Service, FlowDimension.Vector, FlowDimension.Owner,
        FlowDimension.Interface, FlowDimension.Network,
    ];

    [Fact]
    public async Task Sums_of_whole_steps_are_those_of_the_records_by_whatever_is_kept()
    {
        const int seed = 1;
        using var world = ADay(seed);
        var random = new Random(seed);
        var list = world.Archive.Rolled.List;
        Assert.All(FlowLevels.Rolled, level => Assert.Contains(list.All, file => file.Level == level));
        foreach (var level in FlowLevels.Rolled)
        {
            foreach (var by in Kept.Where(by => level != FlowLevel.Hour || by != FlowDimension.Network))
            {
                string[] filters = by is FlowDimension.Network ? ["", "proto=udp"] : ["", random.Next(2) == 0 ? "proto=tcp service=443" : "exporter=192.0.2.2"];
                var from = Start + (random.Next(0, 20) * Hour) + (random.Next(0, 3_600_000 / (int)level.Milliseconds()) * level.Milliseconds());
                var to = from + (random.Next(1, 100) * level.Milliseconds());
                foreach (var where in filters)
                {
                    var owners = by == FlowDimension.Owner || random.Next(2) == 0 ? null : (string[])["s_1"];
                    var (raw, rolled) = (await world.TopAsync(by, FlowLevel.Raw, from, to, where, owners, 100_000), await world.TopAsync(by, level, from, to, where, owners, 100_000));
                    Assert.Equal((level, raw.Total, raw.Keys, true), (rolled.Level, rolled.Total, rolled.Keys, rolled.IsWhole));
                    Assert.Equal(raw.Items, rolled.Items);
                }
            }
        }

        // Of a network that is protected also by a filter.
        var net = (await world.TopAsync(FlowDimension.Network, FlowLevel.Raw, Start, Start + (24 * Hour))).Items[0].Key;
        var (one, other) = (await world.TopAsync(FlowDimension.Service, FlowLevel.Raw, Start, Start + (24 * Hour), $"dst={net}", ["s_1"]), await world.TopAsync(FlowDimension.Service, FlowLevel.FiveMinutes, Start, Start + (24 * Hour), $"dst={net}", ["s_1"]));
        Assert.NotEqual(0UL, one.Total.Octets);
        Assert.Equal((one.Total, FlowLevel.FiveMinutes), (other.Total, other.Level));
        Assert.Equal(one.Items, other.Items);
    }

    [Fact]
    public async Task Series_are_the_same_from_whatever_level_and_add_up_to_the_total()
    {
        using var world = ADay(3);
        var (from, to) = (Start + (2 * Hour), Start + (26 * Hour));
        foreach (var by in (FlowDimension[])[FlowDimension.Nothing, FlowDimension.Owner, FlowDimension.Interface])
        {
            var raw = await world.SeriesAsync(by, Hour, from, to, level: FlowLevel.Raw);
            Assert.Equal((FlowLevel.Raw, 24), (raw.Level, raw.Total.Count));
            foreach (var level in FlowLevels.Rolled)
            {
                var rolled = await world.SeriesAsync(by, Hour, from, to, level: level);
                Assert.Equal((level, Hour, true), (rolled.Level, rolled.Step, rolled.IsWhole));
                Assert.Equal(raw.Total, rolled.Total);
                Assert.Equal(raw.Lines.Select(static line => line.Key), rolled.Lines.Select(static line => line.Key));
                Assert.All(raw.Lines.Zip(rolled.Lines), static pair => Assert.Equal(pair.First.Sums, pair.Second.Sums));
            }

            var top = await world.TopAsync(FlowDimension.Protocol, FlowLevel.Raw, from, to);
            Assert.Equal(top.Total.Octets, (ulong)raw.Total.Sum(static each => (long)each.Octets));
        }
    }

    [Fact]
    public async Task A_question_is_answered_by_the_finest_level_that_reaches_back_and_says_which()
    {
        using var world = ADay(4, new ArchiveOptions { LeastFreeBytes = 0, Keep = TimeSpan.FromHours(2), Rollups = new RollupOptions { KeepMinutes = TimeSpan.FromHours(6), KeepFiveMinutes = TimeSpan.FromHours(12) } });
        world.Time.Advance(TimeSpan.FromMinutes(1));
        world.Archive.Write();
        world.Roll();
        async Task<FlowLevel> By(FlowDimension by, double hours, string where = "", string[]? owners = null) => (await world.TopAsync(by, null, world.Now - (long)(hours * Hour), world.Now, where, owners)).Level;
        Assert.Equal(
            [FlowLevel.Raw, FlowLevel.Minute, FlowLevel.FiveMinutes, FlowLevel.Hour],
            [await By(FlowDimension.Protocol, 1), await By(FlowDimension.Protocol, 5), await By(FlowDimension.Protocol, 11), await By(FlowDimension.Protocol, 25)]);

        // What no roll-up keeps is asked of the records alone, and the answer says how far they reach.
        var addresses = await world.TopAsync(FlowDimension.Source, null, Start, world.Now);
        Assert.Equal(FlowLevel.Raw, addresses.Level);
        Assert.InRange(addresses.Since, world.Now - (3 * Hour), world.Now);
        Assert.Equal(FlowLevel.Raw, await By(FlowDimension.Protocol, 25, "port=443"));
        Assert.Equal(FlowLevel.Raw, await By(FlowDimension.Protocol, 5, "dst=198.51.0.0/16"));
        Assert.Equal(FlowLevel.Minute, await By(FlowDimension.Protocol, 5, "dst=198.51.0.0/16", ["s_1"]));

        // A series takes the coarsest whose steps make up its own, and longer steps where only such are left.
        Assert.Equal((FlowLevel.Raw, 1_000), await Series(1, 1_000));
        Assert.Equal((FlowLevel.Minute, 60_000), await Series(1, 60_000));
        Assert.Equal((FlowLevel.Hour, 2 * Hour), await Series(25, 2 * Hour));
        Assert.Equal((FlowLevel.Hour, Hour), await Series(25, 60_000));
        async Task<(FlowLevel, long)> Series(double hours, long step) => (await world.SeriesAsync(FlowDimension.Protocol, step, world.Now - (long)(hours * Hour), world.Now)) is var series ? (series.Level, series.Step) : default;
    }

    [Fact]
    public void Records_are_deleted_when_their_time_is_over_and_their_sums_are_there_and_not_before()
    {
        using var world = new RolledWorld(new ArchiveOptions { LeastFreeBytes = 0, Keep = TimeSpan.FromMinutes(10) });
        world.Segment(100, 1, TimeSpan.FromMinutes(5));
        world.Segment(100, 2, TimeSpan.FromMinutes(5));
        world.Time.Advance(TimeSpan.FromHours(1));
        world.Archive.Write();
        Assert.Equal(2, world.Archive.Segments.All.Count);
        Assert.True(world.Rollups.Step());
        world.Time.Advance(TimeSpan.FromMinutes(1));
        world.Archive.Write();
        Assert.Equal(2, Assert.Single(world.Archive.Segments.All).Number);
        world.Roll();
        world.Time.Advance(TimeSpan.FromMinutes(1));
        world.Archive.Write();
        Assert.Empty(world.Archive.Segments.All);
    }

    [Fact]
    public async Task Numbers_of_segments_that_are_gone_are_not_used_again_after_a_start()
    {
        var disk = new CrashDisk();
        using (var world = new RolledWorld(new ArchiveOptions { LeastFreeBytes = 0, Keep = TimeSpan.FromMinutes(10) }, disk))
        {
            world.Segment(100, 1, TimeSpan.FromMinutes(5));
            world.Roll();
            world.Time.Advance(TimeSpan.FromHours(1));
            world.Archive.Write();
            Assert.Empty(world.Archive.Segments.All);
        }

        using var after = new RolledWorld(disk: disk, at: Start + (2 * Hour));
        after.Segment(50, 2, TimeSpan.FromMinutes(5));
        after.Roll();
        Assert.Equal(150UL, (await after.TopAsync(FlowDimension.Protocol, FlowLevel.Minute, 0, long.MaxValue / 2)).Total.Flows);
    }

    [Theory]
    [InlineData(1_000, false)]
    [InlineData(999, true)]
    public async Task With_more_rows_than_may_be_the_lightest_are_the_rest_and_nothing_is_lost(int mostRows, bool isFolded)
    {
        using var world = new RolledWorld(new ArchiveOptions { LeastFreeBytes = 0, Rollups = new RollupOptions { MostRows = mostRows } });
        for (var i = 0; i < 1_000; i++)
        {
            var record = new FlowRecord
            {
                Source = FlowAddress.FromIPv4(0x0A00_0001), Destination = FlowAddress.FromIPv4(0xC633_6401), Protocol = 17, SourcePort = (ushort)(20_000 + i), DestinationPort = 40_000,
                Packets = 1, Octets = (ulong)(1_000 + i), SamplingRate = 1,
            };
            world.Archive.Add(in record, "192.0.2.1", "", Start + i);
        }

        world.Archive.HandOver();
        world.Archive.Write();
        world.Archive.Segments.Seal();
        world.Roll();
        var services = await world.TopAsync(FlowDimension.Service, FlowLevel.Minute, 0, long.MaxValue / 2, count: 2_000);
        Assert.Equal((1_000UL, (ulong)Enumerable.Range(1_000, 1_000).Sum()), (services.Total.Flows, services.Total.Octets));
        Assert.Equal(isFolded ? 1_000UL : 0, services.Items.FirstOrDefault(static item => item.Key == "rest")?.Sums.Octets ?? 0);
        Assert.Equal(1_000UL, (await world.TopAsync(FlowDimension.Exporter, FlowLevel.Minute, 0, long.MaxValue / 2)).Items.Single(static item => item.Key == "192.0.2.1").Sums.Flows);
    }

    /// <summary>Forged flows may name interfaces without end.</summary>
    [Fact]
    public void With_interfaces_without_end_the_rows_have_one()
    {
        var table = new RollupTable(mostRows: 100);
        var total = new FlowSums();
        for (uint i = 0; i < 20_000; i++)
        {
            var sums = new FlowSums(i, 1, 1);
            table.Add(new RollupKey(1, 2, i, i + 1, 17, 53, i % 12, 64_500, 64_501, default, IsByNetwork: false), in sums);
            total.Add(in sums);
            Assert.InRange(table.Rows.Count, 1, 202);
        }

        table.Fold();
        Assert.InRange(table.Rows.Count, 1, 200);
        var kept = new FlowSums();
        foreach (var sums in table.Rows.Values)
        {
            kept.Add(in sums);
        }

        Assert.Equal(total, kept);
    }

    [Theory]
    [InlineData(new ulong[] { 1, 2 }, 3)]
    [InlineData(new[] { ulong.MaxValue, ulong.MaxValue }, long.MaxValue)]
    public void Sums_that_are_forged_beyond_a_number_are_the_largest(ulong[] figures, long sum) => Assert.Equal(sum, FlowSums.Figure(figures));

    [Fact]
    public async Task A_full_disk_stops_it_and_then_all_is_rolled_up_once()
    {
        using var world = new RolledWorld();
        world.Segment(3_000, 1, TimeSpan.FromMinutes(5));
        world.Disk.CapacityBytes = world.Archive.Segments.Bytes + 5_000;
        Assert.ThrowsAny<IOException>(() => world.Rollups.Step());
        Assert.Empty(world.Archive.Rolled.List.All);
        world.Disk.CapacityBytes = long.MaxValue / 2;
        world.Roll();
        Assert.Equal(3_000UL, (await world.TopAsync(FlowDimension.Protocol, FlowLevel.Minute, 0, long.MaxValue / 2)).Total.Flows);
        Assert.DoesNotContain(world.Disk.Boot().List("/data/flows/rolled"), static name => name.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public void Records_that_nobody_rolls_up_are_kept_to_twice_what_may_be_and_then_new_ones_are_lost_and_counted()
    {
        using var world = new RolledWorld(new ArchiveOptions { LeastFreeBytes = 0, MostBytes = 20_000 });
        var rounds = 0;
        while (world.Archive.Lost == 0 && rounds < 50)
        {
            world.Segment(500, ++rounds, TimeSpan.FromMinutes(5));
        }

        Assert.InRange(world.Archive.Segments.Bytes, 40_001, 60_000);
        Assert.Equal((500L * (rounds - 1), 500L), (world.Archive.Kept, world.Archive.Lost));
        Assert.Contains("not yet rolled up", world.Archive.Failure, StringComparison.Ordinal);

        world.Roll();
        world.Archive.Write();
        world.Segment(500, 99, TimeSpan.FromMinutes(5));
        Assert.Equal((500L * rounds, 500L, ""), (world.Archive.Kept, world.Archive.Lost, world.Archive.Failure));
    }

    [Fact]
    public void Roll_ups_that_are_too_much_go_the_oldest_of_the_finest_first_and_never_the_only_ones()
    {
        using var world = ADay(5);
        var bytes = world.Archive.Rolled.List.Bytes;
        var options = new ArchiveOptions { LeastFreeBytes = 0, Rollups = new RollupOptions { MostBytes = bytes - 1 } };
        using var less = new RolledWorld(options, world.Disk, world.Now);
        less.Archive.Write();
        less.Segment(10, 9, TimeSpan.FromMinutes(1));
        var first = less.Archive.Rolled.List.All.Where(static file => file.Level == FlowLevel.Minute).Min(static file => file.From);
        less.Roll();
        Assert.DoesNotContain(less.Archive.Rolled.List.All, file => file.Level == FlowLevel.Minute && file.From == first);
        Assert.Contains(less.Archive.Rolled.List.All, static file => file.Level == FlowLevel.Hour);
        Assert.True(less.Archive.Rolled.List.Bytes < bytes);
    }

    // Twenty-six hours, a segment each half of one, all rolled up.
    private static RolledWorld ADay(int seed, ArchiveOptions? options = null)
    {
        var world = new RolledWorld(options);
        for (var i = 0; i < 52; i++)
        {
            world.Segment(150, (seed * 100) + i, TimeSpan.FromMinutes(30));
            world.Roll();
        }

        return world;
    }
}
