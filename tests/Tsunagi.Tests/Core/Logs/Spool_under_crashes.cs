using System.Collections.Concurrent;
using Tsunagi.Core.Disk;

namespace Tsunagi.Tests.Core.Logs;

public sealed class Spool_under_crashes
{
    /// <summary>The claim log.power-loss lives thousands.</summary>
    private const int Lives = 60;

    public static TheoryData<string> SyncPointNames => [.. SyncPoints.OfLogs.Select(point => point.Name)];

    [Fact]
    public async Task No_promise_is_broken_by_power_losses_kills_and_disk_errors()
    {
        var broken = new ConcurrentQueue<string>();
        await Parallel.ForAsync(0, Lives, TestContext.Current.CancellationToken, async (seed, _) =>
        {
            if (await SpoolCrashProgram.RunAsync(seed, ignored: null) is { } promise)
            {
                broken.Enqueue(promise);
            }
        });
        Assert.True(broken.IsEmpty, $"{broken.Count} lives of {Lives}: {string.Join('\n', broken.Take(5))}");
    }

    [Theory]
    [MemberData(nameof(SyncPointNames))]
    public async Task Without_any_one_fsync_a_promise_is_broken(string name)
    {
        var ignored = SyncPoints.OfLogs.Single(point => point.Name == name);
        string? broken = null;
        using var found = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        try
        {
            await Parallel.ForAsync(0, 1000, found.Token, async (seed, _) =>
            {
                if (await SpoolCrashProgram.RunAsync(seed, ignored) is { } promise)
                {
                    Interlocked.CompareExchange(ref broken, promise, null);
                    await found.CancelAsync();
                }
            });
        }
        catch (OperationCanceledException) when (broken is not null)
        {
            TestContext.Current.SendDiagnosticMessage($"{name}: {broken}");
            return;
        }

        Assert.Fail($"in 1,000 lives nothing broke without the fsync '{name}': {ignored.Promise}");
    }
}
