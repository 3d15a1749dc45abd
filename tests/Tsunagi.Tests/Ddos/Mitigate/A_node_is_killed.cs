using System.Globalization;
using Tsunagi.Tests.Routing;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.Mitigate;

/// <summary>
/// kill -9 of a whole node in mid-attack, with rules released by itself and rules made by hand: with graceful restart the router keeps them all meanwhile, and within ten seconds of the program's being back its table is the
/// ledger, nothing withdrawn in between and nothing twice.
/// </summary>
public sealed class A_node_is_killed
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task In_mid_attack_and_the_router_keeps_what_the_ledger_holds()
    {
        Assert.SkipUnless(File.Exists(Path.Combine(AppContext.BaseDirectory, "tsunagi-host")), "the program is not beside the tests");
        await using var router = LiveRouter.Gobgp();
        await using var node = await DdosProcess.StartAsync(router);
        for (var i = 100; i < 105; i++)
        {
            var by = string.Create(CultureInfo.InvariantCulture, $"192.0.2.{i}/32");
            await node.Operator.PostAsync("/ddos/mitigations", i % 2 == 0 ? new { blackhole = by, rule = "", reason = "a test" } : new { blackhole = "", rule = $"dst {by} then discard", reason = "a test" });
        }

        await DdosNode.UntilAsync(async () =>
        {
            node.Attack();
            return (await GobgpTable.DestinationsAsync(router)) is { Count: > 5 } shown && shown.SequenceEqual(await node.LedgerAsync());
        });
        var before = await GobgpTable.DestinationsAsync(router);
        using var changes = new GobgpChanges(router);
        node.Attack();
        await node.KillAsync();
        Assert.Equal(before, await GobgpTable.DestinationsAsync(router));

        await node.StartAsync();
        var started = TimeProvider.System.GetTimestamp();
        IReadOnlyList<string> shown, ledger;
        do
        {
            node.Attack();
            (shown, ledger) = (await GobgpTable.DestinationsAsync(router), await node.LedgerAsync());
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Within, $"it shows {string.Join(' ', shown)}, and the ledger holds {string.Join(' ', ledger)}: {node.Log()}");
        }
        while (!shown.SequenceEqual(ledger));

        Assert.Superset(before.ToHashSet(), ledger.ToHashSet());
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Empty(changes.Withdrawn);
        Assert.Equal(before, (await GobgpTable.DestinationsAsync(router)).Distinct());
    }
}
