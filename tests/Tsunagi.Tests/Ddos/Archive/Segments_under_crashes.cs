using Tsunagi.Core.Disk;
using Tsunagi.Ddos.Archive;
using Tsunagi.Tests.Testing.CrashDisks;

namespace Tsunagi.Tests.Ddos.Archive;

/// <summary>A sealed segment is there, whole, after any power loss.</summary>
public sealed class Segments_under_crashes
{
    private const int Lives = 40;

    public static TheoryData<string> SyncPointNames => [.. SyncPoints.OfFlows.Select(static point => point.Name)];

    [Fact]
    public void What_was_sealed_is_there_after_any_power_loss()
    {
        for (var seed = 0; seed < Lives; seed++)
        {
            Assert.Null(Live(seed, ignored: null));
        }
    }

    [Theory]
    [MemberData(nameof(SyncPointNames))]
    public void Without_any_one_fsync_it_is_not(string name)
    {
        var ignored = SyncPoints.OfFlows.Single(point => point.Name == name);
        Assert.Contains(Enumerable.Range(0, Lives), seed => Live(seed, ignored) is not null);
    }

    /// <summary>One life: segments are written and sealed until the power goes at a chosen change. Null when each that was sealed can be read.</summary>
    private static string? Live(int seed, SyncPoint? ignored)
    {
        var random = new Random(seed);
        var disk = new CrashDisk();
        var before = disk.Boot();
        before.CreateDirectory("/data");
        before.SyncDirectory("/", SyncPoints.LogDirectory);
        disk.Ignore(ignored);
        disk.OrderFault(disk.Changes + random.Next(3, 40), CrashDisk.Fault.PowerLoss);
        var whole = new Dictionary<long, long>();
        try
        {
            using var segments = new FlowSegments(disk.Boot(), "/data/flows");
            segments.Start();
            while (true)
            {
                for (var blocks = random.Next(1, 4); blocks > 0; blocks--)
                {
                    Flow_archive.Append(segments, 20, seed);
                }

                var (number, records) = (segments.Current!.Number, segments.Current.Records);
                segments.Seal();
                whole[number] = records;
            }
        }
        catch (IOException)
        {
            disk.LosePower(seed);
        }

        var boot = disk.Boot();
        var after = new FlowSegments(boot, "/data/flows");
        after.Start();
        foreach (var (number, records) in whole)
        {
            var segment = after.All.SingleOrDefault(each => each.Number == number);
            if (segment is null || Count(boot, segment) != records)
            {
                return $"segment {number} of {records} records is {segment}";
            }
        }

        return null;
    }

    private static long Count(IDisk disk, FlowSegment segment)
    {
        using var file = disk.Open(segment.Path, forWriting: false);
        var (reader, records) = (new BlockReader(), 0L);
        for (var at = 0L; reader.TryOpen(file, at, segment.Bytes) && reader.IsWhole; at += reader.Header.Length)
        {
            records += reader.Header.Records;
        }

        return records;
    }
}
