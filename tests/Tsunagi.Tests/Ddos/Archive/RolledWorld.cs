using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Disk;
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

/// <summary>An archive and its roll-ups on a disk and a clock of the test's own.</summary>
internal sealed class RolledWorld : IDisposable
{
    /// <summary>The start of a day.</summary>
    public const long Start = 1_782_864_000_000;

    private readonly DdosMetrics _metrics = new();
    private readonly DdosOptions _options;

    public RolledWorld(ArchiveOptions? options = null, CrashDisk? disk = null, long at = Start)
    {
        Disk = disk ?? new CrashDisk();
        Time = new ManualTime(DateTimeOffset.FromUnixTimeMilliseconds(at));
        _options = new DdosOptions { Collect = new CollectOptions { Listen = ["127.0.0.1:0"] }, Archive = options ?? new ArchiveOptions { LeastFreeBytes = 0 } };
        IDisk boot = Disk.Boot();
        boot.CreateDirectory("/data");
        Archive = new FlowArchive(_options, boot, new Node("n", "b", "/data"), _metrics, Time, NullLogger<FlowArchive>.Instance);
        Rollups = new FlowRollups(Archive, _options, _metrics, Time, NullLogger<FlowRollups>.Instance);
        Search = new FlowSearch(Archive.Segments, _options.Archive, Archive.Rolled);
    }

    public CrashDisk Disk { get; }

    public ManualTime Time { get; }

    public FlowArchive Archive { get; }

    public FlowRollups Rollups { get; }

    public FlowSearch Search { get; }

    public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>A sealed segment of records received from now on over the time given; one of two is somebody's, every fifth sampled.</summary>
    public void Segment(int count, int seed, TimeSpan over)
    {
        var made = new MadeFlows(seed);
        var (from, step) = (Now, over / count);
        for (var i = 0; i < count; i++)
        {
            var at = from + (long)(i * step).TotalMilliseconds;
            var record = made.Next(at, out var exporter);
            record.SamplingRate = i % 5 == 0 ? 100u : 1;
            Archive.Add(in record, exporter, i % 4 == 0 ? "s_1" : i % 4 == 1 ? "s_2" : "", at);
        }

        Archive.HandOver();
        Archive.Write();
        Archive.Segments.Seal();
        Time.Advance(over);
    }

    /// <summary>All that there is to roll up now.</summary>
    public void Roll()
    {
        var steps = 0;
        while (Rollups.Step())
        {
            Assert.True(++steps < 1_000);
        }
    }

    public Task<FlowAnswer> TopAsync(FlowDimension by, FlowLevel? level, long from, long to, string where = "", string[]? owners = null, int count = 1_000)
    {
        Assert.True(FlowFilter.TryParse(where, out var filter, out _));
        return Search.TopAsync(
            new FlowQuestion(by, FlowOrder.Octets, from, to, filter, owners?.ToHashSet(StringComparer.Ordinal), count) { Level = level, IsProtected = owners is not null }, TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }

    public Task<FlowSeries> SeriesAsync(FlowDimension by, long step, long from, long to, string where = "", string[]? owners = null, FlowLevel? level = null)
    {
        Assert.True(FlowFilter.TryParse(where, out var filter, out _));
        return Search.SeriesAsync(
            new FlowQuestion(by, FlowOrder.Octets, from, to, filter, owners?.ToHashSet(StringComparer.Ordinal), 5) { Level = level, IsProtected = owners is not null }, step, TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        Search.Dispose();
        Rollups.Dispose();
        Archive.Dispose();
        _metrics.Dispose();
    }
}
