using Tsunagi.Core.Disk;

namespace Tsunagi.Tests.Connectivity.Dhcp;

/// <summary>Power losses, kills and failing disks while clients ask, renew and give back.</summary>
public sealed class Leases_under_crashes
{
    private const int Lives = 8;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(6, Lives)]
    [InlineData(4, 4)]
    public async Task Nothing_acknowledged_is_lost_and_nobody_is_given_anothers(int version, int lives)
    {
        var family = Family(version);
        await using var world = await ConnectivityWorld.OpenAsync();
        await family.PlanAsync(world);
        var (acknowledged, crashes) = (0, 0);
        await Parallel.ForAsync(1, lives + 1, new ParallelOptions { MaxDegreeOfParallelism = 5, CancellationToken = Cancel }, async (seed, _) =>
        {
            var life = await LeaseCrashLife.RunAsync(family, seed, world, null, Cancel);
            Assert.Null(life.Broken);
            Interlocked.Add(ref acknowledged, life.Acknowledged);
            Interlocked.Add(ref crashes, life.Crashes);
        });
        Assert.True(acknowledged > lives * 20 && crashes == lives * 3, $"{acknowledged} acknowledged, {crashes} crashes");
    }

    [Theory]
    [InlineData(6)]
    [InlineData(4)]
    public async Task Would_lose_leases_without_the_fsync_before_the_answer(int version)
    {
        var family = Family(version);
        await using var world = await ConnectivityWorld.OpenAsync();
        await family.PlanAsync(world);
        var lost = 0;
        for (var seed = 1; seed <= 12 && lost == 0; seed++)
        {
            var life = await LeaseCrashLife.RunAsync(family, seed, world, SyncPoints.Batch, Cancel);
            lost += life.Lost + life.Shared;
        }

        Assert.True(lost > 0, "the harness saw nothing lost although no batch was synced");
    }

    private static LeaseLifeFamily Family(int version) => version == 6 ? LeaseLifeFamily.V6 : LeaseLifeFamily.V4;
}
