using Tsunagi.Core.Disk;
using Tsunagi.Tests.Testing.CrashDisks;

namespace Tsunagi.Tests.Connectivity.Radius;

/// <summary>The short form of the claim <c>radius.power-loss</c>.</summary>
public class Accounting_under_crashes
{
    private const int Lives = 12;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Loses_nothing_that_was_acknowledged_and_counts_nothing_twice()
    {
        await using var world = await ConnectivityWorld.OpenAsync();
        var (acknowledged, crashes) = (0, 0);
        await Parallel.ForAsync(1, Lives + 1, new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = Cancel }, async (seed, _) =>
        {
            var life = await AccountingCrashLife.RunAsync(seed, world, cancellationToken: Cancel);
            Assert.Null(life.Broken);
            Interlocked.Add(ref acknowledged, life.Acknowledged);
            Interlocked.Add(ref crashes, life.Crashes);
        });
        Assert.True(acknowledged > Lives * 10 && crashes == Lives * 3, $"{acknowledged} acknowledged, {crashes} crashes");
    }

    [Fact]
    public async Task Would_lose_records_without_the_fsync_before_the_answer()
    {
        await using var world = await ConnectivityWorld.OpenAsync();
        var lost = 0;
        for (var seed = 1; seed <= 12 && lost == 0; seed++)
        {
            lost += (await AccountingCrashLife.RunAsync(seed, world, SyncPoints.Batch, Cancel)).Lost;
        }

        Assert.True(lost > 0, "the harness saw nothing lost although no batch was synced");
    }

    [Fact]
    public async Task Slow_to_sync_is_not_acknowledged_early_and_authentication_goes_on()
    {
        var held = new HeldDisk(new RealDisk());
        await using var world = await RadiusWorld.OpenAsync(disk: held);
        world.Set(world.Line("joe", "secret"), world.Line("ann", "secret"));
        held.Hold();
        var record = world.AskAsync(world.AccountsAt, world.Report(3, "a", 60, 100, 10, user: "ann"), seconds: 20);
        await held.HoldsOneAsync();
        Assert.StartsWith("AccessAccept", await world.AccessAsync(world.Pap("joe", "secret")), StringComparison.Ordinal);
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
        Assert.False(record.IsCompleted);
        held.LetGo();
        Assert.NotNull(await record);
        await world.ProjectAsync();
        Assert.Equal(100, Assert.Single(await world.SessionsAsync()).OctetsIn);
    }
}
