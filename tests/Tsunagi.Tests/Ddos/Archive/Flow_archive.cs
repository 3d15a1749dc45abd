using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Nodes;
using Tsunagi.Ddos;
using Tsunagi.Ddos.Archive;
using Tsunagi.Ddos.Archive.Rollups;
using Tsunagi.Ddos.Collect;
using Tsunagi.Ddos.Meters;
using Tsunagi.Protocols.Flow;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.CrashDisks;

namespace Tsunagi.Tests.Ddos.Archive;

/// <summary>Records that are kept: what is asked of them is what was told; what is not kept is counted, and stops nobody.</summary>
public sealed class Flow_archive : IDisposable
{
    private const long Start = 1_782_864_000_000;
    private static readonly TimeSpan Enough = TimeSpan.FromMinutes(1);

    private readonly CrashDisk _disk = new();
    private readonly ManualTime _time = new(DateTimeOffset.FromUnixTimeMilliseconds(Start));
    private readonly DdosMetrics _metrics = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public async Task Who_has_most_is_what_the_records_say_by_every_dimension_and_filter()
    {
        using var archive = Archive();
        var records = Fill(archive, 6_000, seed: 1);
        archive.Write();
        using var search = new FlowSearch(archive.Segments, new ArchiveOptions());
        foreach (var by in Enum.GetValues<FlowDimension>().Where(static by => by < FlowDimension.Service))
        {
            foreach (var where in (string[])["", "dst=198.51.100.0/22", "src=2600::/12 proto=udp", "port=53", "sport=443 proto=6", "dport=443 exporter=192.0.2.2", "proto=icmp"])
            {
                Assert.True(FlowFilter.TryParse(where, out var filter, out _));
                var order = (FlowOrder)((int)by % 3);
                var answer = await search.TopAsync(new FlowQuestion(by, order, 0, long.MaxValue, filter, null, 5), Enough, Cancel);
                var wanted = records.Where(each => Holds(filter, each)).GroupBy(each => KeyOf(by, each))
                    .Select(group => (group.Key, Sums: group.Aggregate(default(FlowSums), static (sums, each) => sums with { Octets = sums.Octets + each.Record.ScaledOctets, Packets = sums.Packets + each.Record.ScaledPackets, Flows = sums.Flows + 1 }))).ToList();
                Assert.True(wanted.Count == answer.Keys && answer is { Error: 0, IsWhole: true, Unread: 0 }, $"{by} {where}: {answer} and not {wanted.Count}");
                Assert.Equal((ulong)wanted.Sum(each => (long)each.Sums.Octets), answer.Total.Octets);
                Assert.Equal(wanted.OrderByDescending(each => each.Sums.By(order)).Take(5).Select(each => each.Sums.By(order)), answer.Items.Select(item => item.Sums.By(order)));
                var byKey = wanted.ToDictionary(static each => each.Key, static each => each.Sums);
                Assert.All(answer.Items, item => Assert.Equal(byKey[item.Key], item.Sums));
            }
        }
    }

    [Fact]
    public async Task Only_what_came_in_the_time_that_is_asked_about_and_to_ones_own_counts()
    {
        using var archive = Archive();
        var records = Fill(archive, 20_000, seed: 2);
        archive.Write();
        using var search = new FlowSearch(archive.Segments, new ArchiveOptions());
        var (from, to) = (Start + 700, Start + 1_300);
        var part = await search.TopAsync(new FlowQuestion(FlowDimension.Protocol, FlowOrder.Flows, from, to, FlowFilter.None, null, 9), Enough, Cancel);
        Assert.Equal(records.Count(each => each.At >= from && each.At < to), (int)part.Total.Flows);
        var mine = await search.TopAsync(new FlowQuestion(FlowDimension.Destination, FlowOrder.Flows, 0, long.MaxValue, FlowFilter.None, new HashSet<string> { "s_1" }, 9), Enough, Cancel);
        Assert.Equal(records.Count(static each => each.Owner == "s_1"), (int)mine.Total.Flows);
        var nobodys = await search.TopAsync(new FlowQuestion(FlowDimension.Destination, FlowOrder.Flows, 0, long.MaxValue, FlowFilter.None, new HashSet<string>(), 9), Enough, Cancel);
        Assert.Empty(nobodys.Items);
    }

    [Fact]
    public void A_writer_that_is_behind_loses_records_and_they_are_counted()
    {
        using var archive = Archive();
        for (var blocks = 1; blocks <= 3; blocks++)
        {
            Fill(archive, 10, blocks);
        }

        Assert.Equal(0, archive.Lost);
        Fill(archive, 10, seed: 4);
        Assert.Equal(10, archive.Lost);
        archive.Write();
        Fill(archive, 10, seed: 5);
        archive.Write();
        Assert.Equal((40L, 10L), (archive.Kept, archive.Lost));
    }

    [Fact]
    public void A_full_disk_loses_records_until_there_is_room_again_and_what_was_kept_before_stays()
    {
        using var archive = Archive();
        Fill(archive, 5_000, seed: 1);
        archive.Write();
        _disk.CapacityBytes = archive.Segments.Bytes + 4_096;
        Fill(archive, 5_000, seed: 2);
        archive.Write();
        Assert.Equal((5_000L, 5_000L), (archive.Kept, archive.Lost));
        Assert.NotEqual("", archive.Failure);
        _disk.CapacityBytes = long.MaxValue / 2;
        Fill(archive, 5_000, seed: 3);
        archive.Write();
        Assert.Equal((10_000L, 5_000L, ""), (archive.Kept, archive.Lost, archive.Failure));
        Assert.Equal(10_000, archive.Segments.All.Sum(static segment => segment.Records));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void Below_the_free_space_that_must_stay_nothing_is_kept(int less, int kept)
    {
        _disk.CapacityBytes = (64L << 20) - less;
        using var archive = Archive(new ArchiveOptions { LeastFreeBytes = 64L << 20 });
        Fill(archive, 1, seed: 1);
        archive.Write();
        Assert.Equal(kept, archive.Kept);
    }

    [Fact]
    public void What_is_too_old_or_too_much_is_deleted_the_oldest_first()
    {
        using var archive = Archive(new ArchiveOptions { Keep = TimeSpan.FromMinutes(90) });
        for (var hour = 0; hour < 4; hour++)
        {
            Fill(archive, 1_000, hour);
            archive.Write();
            _time.Advance(TimeSpan.FromMinutes(40));
        }

        using var rollups = new FlowRollups(archive, new DdosOptions(), _metrics, _time, NullLogger<FlowRollups>.Instance);
        archive.Write();
        while (rollups.Step())
        {
            _time.Advance(TimeSpan.FromSeconds(30));
        }

        archive.Write();
        Assert.Equal([Start + 4_800_000, Start + 7_200_000], archive.Segments.All.Select(static segment => segment.First));
        archive.Segments.Delete(0, archive.Segments.Bytes);
        Assert.Equal(2, archive.Segments.All.Count);
        archive.Segments.Delete(0, archive.Segments.Bytes - 1);
        Assert.Equal(Start + 7_200_000, Assert.Single(archive.Segments.All).First);
        Assert.Single(_disk.Boot().List("/data/flows"));
    }

    [Fact]
    public async Task After_a_kill_whole_blocks_are_there_and_what_is_torn_behind_them_is_not()
    {
        using (var archive = Archive())
        {
            archive.Segments.Start();
            Append(archive.Segments, 1_000, 1);
            Append(archive.Segments, 1_000, 2);
        }

        var boot = _disk.Boot();
        var path = "/data/flows/" + Assert.Single(boot.List("/data/flows"));
        using (var file = boot.Open(path, forWriting: true))
        {
            file.Truncate(file.Length - 1);
        }

        var segments = new FlowSegments(boot, "/data/flows");
        segments.Start();
        Assert.Equal((1_000L, false), (Assert.Single(segments.All).Records, segments.All[0].Path.EndsWith(".open", StringComparison.Ordinal)));
        using var search = new FlowSearch(segments, new ArchiveOptions());
        Assert.Equal(1_000UL, (await search.TopAsync(new FlowQuestion(FlowDimension.Source, FlowOrder.Octets, 0, long.MaxValue, FlowFilter.None, null, 1), Enough, Cancel)).Total.Flows);
        Append(segments, 5, 3);
        segments.Seal();
        Assert.Equal([1L, 2L], segments.All.Select(static segment => segment.Number));
    }

    [Fact]
    public async Task A_damaged_block_is_left_out_and_said()
    {
        using var archive = Archive();
        Fill(archive, 1_000, seed: 1);
        archive.Write();
        var boot = _disk.Boot();
        var segments = new FlowSegments(boot, "/data/flows");
        segments.Start();
        using (var file = boot.Open(segments.All[0].Path, forWriting: true))
        {
            file.Write(2_000, "damaged"u8);
        }

        using var search = new FlowSearch(segments, new ArchiveOptions());
        var unread = 0;
        foreach (var by in Enum.GetValues<FlowDimension>())
        {
            unread += (await search.TopAsync(new FlowQuestion(by, FlowOrder.Octets, 0, long.MaxValue, FlowFilter.None, null, 1), Enough, Cancel)).Unread;
        }

        Assert.True(unread > 0);
    }

    [Theory]
    [InlineData(1_000, 0)]
    [InlineData(1_001, 1)]
    public void With_more_keys_than_there_is_room_for_the_heavy_ones_are_right_within_what_is_said(int keys, ulong least)
    {
        var table = new KeyTable(1_000, FlowOrder.Octets);
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < keys; i++)
            {
                table.Add(new FlowAddress(0, (ulong)i), new FlowSums(i == 7 ? 1_000UL : 1, 1, 1));
            }
        }

        Assert.True(table.Error >= least && (least > 0 || table.Error == 0));
        var heavy = table.All.Single(static each => each.Key.Low == 7).Sums.Octets;
        Assert.InRange(heavy, 3_000 - table.Error, 3_000UL);
        Assert.True(table.Count <= 1_000);
    }

    [Theory]
    [InlineData("dst=192.0.2.1 port=53", true)]
    [InlineData("proto=17 src=2001:db8::/32 sport=1 dport=65535 exporter=192.0.2.1", true)]
    [InlineData("dst=nowhere", false)]
    [InlineData("port=65536", false)]
    [InlineData("proto=256", false)]
    [InlineData("color=red", false)]
    [InlineData("dst", false)]
    public void A_filter_is_read_or_the_word_that_is_none_is_said(string text, bool good)
    {
        Assert.Equal(good, FlowFilter.TryParse(text, out _, out var wrong));
        Assert.Equal(good, wrong.Length == 0);
    }

    internal static void Append(FlowSegments segments, int count, int seed)
    {
        var (block, made) = (new FlowBlock(), new MadeFlows(seed));
        for (var i = 0; i < count; i++)
        {
            var record = made.Next(Start + i, out var exporter);
            block.Add(in record, exporter, "", Start + i);
        }

        segments.Append(new BlockWriter().Write(block).Span, block.First, block.Last, block.Count);
    }

    // One block of records, ten a millisecond; each third is somebody's.
    private List<(FlowRecord Record, string Exporter, string Owner, long At)> Fill(FlowArchive archive, int count, int seed)
    {
        var (made, records) = (new MadeFlows(seed), new List<(FlowRecord, string, string, long)>());
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        for (var i = 0; i < count; i++)
        {
            var at = now + (i / 10);
            var record = made.Next(at, out var exporter);
            record.SamplingRate = i % 5 == 0 ? 100u : 1;
            var owner = i % 3 == 0 ? "s_1" : i % 3 == 1 ? "s_2" : "";
            archive.Add(in record, exporter, owner, at);
            records.Add((record, exporter, owner, at / 100 * 100));
        }

        archive.HandOver();
        return records;
    }

    private FlowArchive Archive(ArchiveOptions? options = null)
    {
        var boot = _disk.Boot();
        boot.CreateDirectory("/data");
        return new FlowArchive(
            new DdosOptions { Collect = new CollectOptions { Listen = ["127.0.0.1:0"] }, Archive = options ?? new ArchiveOptions() }, boot, new Node("n", "b", "/data"), _metrics, _time, NullLogger<FlowArchive>.Instance);
    }

    private static ushort ToOf(in FlowRecord record) => record.Protocol is 1 or 58 ? (ushort)((record.IcmpType << 8) | record.IcmpCode) : record.DestinationPort;

    private static string KeyOf(FlowDimension by, (FlowRecord Record, string Exporter, string Owner, long At) each) => by switch
    {
        FlowDimension.Destination => each.Record.Destination.ToString(),
        FlowDimension.Source => each.Record.Source.ToString(),
        FlowDimension.SourcePort => $"{each.Record.SourcePort}",
        FlowDimension.DestinationPort => $"{ToOf(in each.Record)}",
        FlowDimension.Protocol => $"{each.Record.Protocol}",
        FlowDimension.Exporter => each.Exporter,
        FlowDimension.Input => $"{each.Record.InputInterface}",
        FlowDimension.Output => $"{each.Record.OutputInterface}",
        FlowDimension.SourceAs => $"{each.Record.SourceAs}",
        FlowDimension.Flow => new FlowTuple(each.Record.Source, each.Record.Destination, each.Record.SourcePort, (ushort)ToOf(in each.Record), each.Record.Protocol).ToString(),
        _ => $"{each.Record.DestinationAs}",
    };

    private static bool Holds(FlowFilter filter, (FlowRecord Record, string Exporter, string Owner, long At) each) =>
        (filter.Destination is not { } to || (each.Record.Destination.IsIPv4 != to.IsIPv6 && each.Record.Destination.Prefix(to.Length) == to.Address))
        && (filter.Source is not { } from || (each.Record.Source.IsIPv4 != from.IsIPv6 && each.Record.Source.Prefix(from.Length) == from.Address))
        && (filter.Port is not { } port || each.Record.SourcePort == port || ToOf(in each.Record) == port)
        && (filter.SourcePort is not { } source || each.Record.SourcePort == source) && (filter.DestinationPort is not { } destination || ToOf(in each.Record) == destination)
        && (filter.Protocol is not { } protocol || each.Record.Protocol == protocol) && (filter.Exporter is not { } exporter || each.Exporter == exporter);
}
