using Tsunagi.Core.Disk;

namespace Tsunagi.Tests.Connectivity.Dhcp;

/// <summary>Power losses, kills and failing disks while clients ask, renew and give back.</summary>
public sealed class Leases_under_crashes
{
    private const int Lives = 8;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_nobody_is_given_anothers()
    {
        await using var world = await ConnectivityWorld.OpenAsync();
        await Dhcp6World.PlanAsync(world);
        var (acknowledged, crashes) = (0, 0);
        await Parallel.ForAsync(1, Lives + 1, new ParallelOptions { MaxDegreeOfParallelism = 5, CancellationToken = Cancel }, async (seed, _) =>
        {
            var life = await LeaseCrashLife.RunAsync(seed, world, null, Cancel);
            Assert.Null(life.Broken);
            Interlocked.Add(ref acknowledged, life.Acknowledged);
            Interlocked.Add(ref crashes, life.Crashes);
        });
        Assert.True(acknowledged > Lives * 20 && crashes == Lives * 3, $"{acknowledged} acknowledged, {crashes} crashes");
    }

    [Fact]
    public async Task Would_lose_leases_without_the_fsync_before_the_answer()
    {
        await using var world = await ConnectivityWorld.OpenAsync();
        await Dhcp6World.PlanAsync(world);
        var lost = 0;
        for (var seed = 1; seed <= 12 && lost == 0; seed++)
        {
            var life = await LeaseCrashLife.RunAsync(seed, world, SyncPoints.Batch, Cancel);
            lost += life.Lost + life.Shared;
        }

        Assert.True(lost > 0, "the harness saw nothing lost although no batch was synced");
    }
}
