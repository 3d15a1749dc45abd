using Tsunagi.Core.Events;
using Tsunagi.Core.Store;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Events;

public sealed class Findings_of_watches
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Are_told_a_part_at_a_time_the_oldest_first_and_wait_while_the_store_is_away()
    {
        await using var provider = await TestProvider.OpenAsync();
        await provider.MoveOutboxAsync();
        var control = new FailingStore(provider.Stores.Control);
        var found = new Findings(new Stores(control, provider.Stores.Projections), new Outbox(provider.Events, new OutboxSignal(provider.Stores.Control.Hints)), provider.Time);
        for (var i = 0; i <= Findings.MostAtATime; i++)
        {
            found.Add("tenant.changed@1", $"t_{i:000}", null, "{}");
        }

        control.WritesFail = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => found.TellAsync(Cancel).AsTask());
        Assert.Equal(Findings.MostAtATime + 1, found.Count);

        control.WritesFail = false;
        await found.TellAsync(Cancel);
        Assert.Equal(1, found.Count);
        await found.TellAsync(Cancel);
        await found.TellAsync(Cancel);
        Assert.Equal(0, found.Count);
        var rows = await provider.Stores.Control.ReadAsync(static reader => reader.QueryAsync<string>("SELECT event FROM outbox ORDER BY position"), Cancel);
        Assert.Equal(Enumerable.Range(0, Findings.MostAtATime + 1).Select(static i => $"t_{i:000}"), rows.Select(static row => (string)System.Text.Json.Nodes.JsonNode.Parse(row)!["Subject"]!));
    }
}
