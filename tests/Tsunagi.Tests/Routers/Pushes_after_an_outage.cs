using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Events;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Routers;
using Tsunagi.Routers.Arms;
using Tsunagi.Routers.Devices;
using Tsunagi.Routers.Meters;
using Tsunagi.Routers.Push;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Routers;

/// <summary>While the store is away nobody hears boxes: they are not told as silent for that, and none is waited for again and again.</summary>
public sealed class Pushes_after_an_outage
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Boxes_under_way_are_waited_for_anew()
    {
        await using var provider = await TestProvider.OpenAsync();
        await Schema.ApplyAsync(provider.Stores, [RoutersSchema.Control], provider.Time, Cancel);
        var failing = new FailingStore(provider.Stores.Control);
        var stores = new Stores(failing, provider.Stores.Projections);
        var options = new RoutersOptions();
        using var metrics = new RouterMetrics();
        var signal = new PushSignal();

        // No box is asked and none is late: neither their book nor their configurations are looked at.
        var outcomes = new PushOutcomes(stores, null!, options, metrics, signal, provider.Time);
        var outbox = new Outbox(new EventCatalogue(RouterEvents.All), new OutboxSignal(provider.Stores.Control.Hints));
        using var runner = new PushRunner(stores, new ArmsTunnels(), null!, outcomes, outbox, options, signal, provider.Time, NullLogger<PushRunner>.Instance);
        var now = provider.Time.NowMicros();
        await provider.Stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync($"INSERT INTO router_push ({RouterPush.Columns}) VALUES ({RouterPush.Values})", new RouterPush("rp_1", "t/", PushStates.Running, "", "1", 0, now, 0, 1, "u", now, now, 0, ""));
                return await transaction.ExecuteAsync(
                    $"INSERT INTO router_push_box ({PushBox.Columns}) VALUES ({PushBox.Values})", new PushBox("rb_1", "t/", "rp_1", "l_1", "a site", "rd_1", "arms:1", 0, 2, 1, PushBoxStates.Accepted, 1, now, 0, 1, ""));
            },
            Cancel);
        var confirmation = (long)options.Arms.PushConfirmation.TotalMicroseconds;
        var anew = confirmation + (long)(options.Arms.RetryMax * options.Arms.RetryInterval).TotalMicroseconds;

        // At the start, and not at each look.
        await AskedAsync();
        await runner.LookAsync(Cancel);
        Assert.Equal(now + anew, await DueAsync());
        await AskedAsync();
        await runner.LookAsync(Cancel);
        Assert.Equal(now + confirmation, await DueAsync());

        failing.WritesFail = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => runner.LookAsync(Cancel).AsTask());
        failing.WritesFail = false;
        await runner.LookAsync(Cancel);
        Assert.Equal(now + anew, await DueAsync());

        // Away again before it was asked again: once is enough.
        failing.WritesFail = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => runner.LookAsync(Cancel).AsTask());
        failing.WritesFail = false;
        provider.Time.Advance(TimeSpan.FromSeconds(1));
        await runner.LookAsync(Cancel);
        Assert.Equal(now + anew, await DueAsync());

        ValueTask<int> AskedAsync() => provider.Stores.Control.WriteAsync(
            transaction => transaction.ExecuteAsync("UPDATE router_push_box SET asked_at = @Now, due_at = @Due", new { Now = now, Due = outcomes.DueAt(now) }), Cancel);

        ValueTask<long> DueAsync() => provider.Stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT due_at FROM router_push_box"), Cancel);
    }
}
