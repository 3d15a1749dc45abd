using Tsunagi.Core.Time;

namespace Tsunagi.Tests.Routing;

/// <summary>A router that starts again knows nothing: within ten seconds its table is what is wanted, whole, and nothing twice. The claim ddos.faults does so a hundred times.</summary>
public sealed class Routers_that_restart
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Are_told_everything_again_and_what_was_withdrawn_meanwhile_is_not_there()
    {
        await using var router = LiveRouter.Gobgp();
        await using var wishes = await TestWishes.StartAsync(TestWishes.To(router.Address, router.Port));
        for (var round = 0; round < 3; round++)
        {
            var wanted = Enumerable.Range(round * 10, 60).Select(static i => $"192.0.2.{i}/32").ToList();
            wishes.Want(wanted.Select(static (each, i) => i % 3 == 0 ? TestWishes.Blackhole(each) : TestWishes.FlowSpec($"dst {each} proto udp sport 53 then discard")));
            await router.RestartAsync();
            var started = TimeProvider.System.GetTimestamp();
            IReadOnlyList<string> shown = [];
            while (!(shown = await GobgpTable.DestinationsAsync(router)).SequenceEqual(wanted.Order(StringComparer.Ordinal)))
            {
                Assert.True(TimeProvider.System.GetElapsedTime(started) < Within, $"round {round}: it shows {shown.Count} of {wanted.Count} ({wishes.Speaker.Peers[0]}): {await router.ShowAsync()}");
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
            }
        }
    }
}
