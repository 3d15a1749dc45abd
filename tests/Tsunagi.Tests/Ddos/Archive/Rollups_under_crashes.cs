using Tsunagi.Core.Disk;
using Tsunagi.Ddos.Archive;
using Tsunagi.Tests.Testing.CrashDisks;

namespace Tsunagi.Tests.Ddos.Archive;

/// <summary>Whenever the power goes, each sealed record is in the sums once: not lost with its segment, and not counted twice.</summary>
public sealed class Rollups_under_crashes
{
    private const int Lives = 24;

    public static TheoryData<string> SyncPointNames => [.. SyncPoints.OfRollups.Select(static point => point.Name)];

    [Fact]
    public async Task Each_sealed_record_is_summed_once_after_any_power_loss()
    {
        for (var seed = 0; seed < Lives; seed++)
        {
            Assert.Null(await LiveAsync(seed, ignored: null));
        }
    }

    [Theory]
    [MemberData(nameof(SyncPointNames))]
    public async Task Without_any_one_fsync_it_is_not(string name)
    {
        var ignored = SyncPoints.OfRollups.Single(point => point.Name == name);
        for (var seed = 0; seed < 5 * Lives; seed++)
        {
            if (await LiveAsync(seed, ignored) is not null)
            {
                return;
            }
        }

        Assert.Fail($"nothing was lost without {name}");
    }

    /// <summary>One life: segments are sealed, rolled up and deleted until the power goes at a chosen change; another goes on. Null when all that was sealed is in the sums, once.</summary>
    private static async Task<string?> LiveAsync(int seed, SyncPoint? ignored)
    {
        var random = new Random(seed);
        var disk = new CrashDisk();
        var before = disk.Boot();
        before.CreateDirectory("/data");
        before.SyncDirectory("/", SyncPoints.LogDirectory);

        // Every second one is a node of the version before, which has segments and knows no roll-ups.
        var old = seed % 2 == 0 ? 3UL : 0;
        using (var segments = new FlowSegments(before, "/data/flows"))
        {
            segments.Start();
            for (var i = 0UL; i < old; i++)
            {
                Flow_archive.Append(segments, 20, (int)i);
                segments.Seal();
            }
        }

        disk.Ignore(ignored);
        disk.OrderFault(disk.Changes + random.Next(old > 0 ? 15 : 3, old > 0 ? 45 : 150), CrashDisk.Fault.PowerLoss);
        var options = new ArchiveOptions { LeastFreeBytes = 0, Keep = TimeSpan.FromMinutes(10) };
        var (wanted, at, doubtful) = (old * 20, RolledWorld.Start + 3_600_000, 0UL);
        try
        {
            using var world = new RolledWorld(options, disk, at);
            world.Archive.Start();
            world.Roll();
            world.Archive.Write();
            for (var i = 0; i < 15; i++)
            {
                doubtful = 20;
                world.Segment(20, seed + i, TimeSpan.FromMinutes(20));
                if (world.Archive.Failure.Length > 0 || world.Archive.Lost > 0)
                {
                    break;
                }

                (wanted, doubtful, at) = (wanted + 20, 0, world.Now);
                world.Roll();
                world.Archive.Write();
            }
        }
        catch (IOException)
        {
            // The power is gone.
        }

        disk.LosePower(seed);
        disk.Ignore(null);
        using var after = new RolledWorld(options, disk, at + 7_200_000);
        after.Segment(5, seed, TimeSpan.FromMinutes(5));
        after.Roll();
        after.Archive.Write();
        after.Roll();
        // Each level of one in three: what is not rolled up to it comes from those below.
        var level = FlowLevels.Rolled[seed % FlowLevels.Rolled.Count];
        var found = (await after.TopAsync(FlowDimension.Protocol, level, 0, long.MaxValue / 2)).Total.Flows - 5;
        return found < wanted || found > wanted + doubtful ? $"{level}: {found} records of {wanted} are summed" : null;
    }
}
