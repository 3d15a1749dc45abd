using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Tests.Host;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Time;

public sealed class Looks_that_go_on
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    /// <summary>Looks fail in turn: (1) the store is away twice and told once, (2) it is back, (3) an error of ours is told, (4) the store is away again and told again.</summary>
    [Fact]
    public async Task Whatever_goes_wrong_in_a_look_is_told_and_the_next_one_goes_on()
    {
        var time = new ManualTime();
        using var faults = new NodeFaults();
        using var stop = new CancellationTokenSource();
        var (looks, away) = (0, new List<int>());
        Exception?[] plan = [new StoreUnavailableException("1"), new StoreUnavailableException("1"), null, new InvalidOperationException("3"), new StoreUnavailableException("4")];
        var loop = Looks.RunAsync(
            "the sky", Every,
            _ => plan[looks++] is { } failure ? ValueTask.FromException(failure) : ValueTask.CompletedTask,
            _ => away.Add(looks), time, faults.CreateLogger(""), stop.Token);
        while (looks < plan.Length)
        {
            var before = looks;
            time.Advance(Every);
            await Eventually.HoldsAsync(() => looks == before + 1);
        }

        await stop.CancelAsync();
        await loop;
        Assert.Equal([1, 5], away);
        Assert.Contains("a look at the sky failed; the next one goes on", Assert.Single(faults.Take().Split('\n'), static line => line.Contains("the sky", StringComparison.Ordinal)), StringComparison.Ordinal);
    }
}
