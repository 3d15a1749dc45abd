using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Lease;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Lease;

/// <summary>Leases by rows: each candidate has its own clock, so one can be stopped while the other runs on.</summary>
public abstract class Row_lease_contract : Lease_contract
{
    private readonly ManualTime _oneClock = new();
    private readonly ManualTime _twoClock = new();

    private protected override async Task<(ILeases One, ILeases Two)> TwoAsync() =>
        (new StoreLeases(Stores, "node-1", Options, _oneClock, NullLogger.Instance),
         new StoreLeases(await OpenStoresAsync(), "node-2", Options, _twoClock, NullLogger.Instance));

    private protected override async Task PassAsync(Task awaited)
    {
        for (var i = 0; i < 100 && !awaited.IsCompleted; i++)
        {
            await StepAsync(_oneClock, Options.Beat);
        }

        await awaited.WaitAsync(TimeSpan.FromSeconds(1), Cancel);
    }

    // Renewals run beside the clock: give them a moment of real time after each step.
    private static async Task StepAsync(ManualTime clock, TimeSpan by)
    {
        clock.Advance(by);
        await Task.Delay(TimeSpan.FromMilliseconds(30), TimeProvider.System, Cancel);
    }

    private async Task UntilAsync(Func<ValueTask<bool>> condition)
    {
        for (var i = 0; i < 200 && !await condition(); i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Cancel);
        }

        Assert.True(await condition());
    }

    private ValueTask<long> BeatAsync() => Stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>("SELECT beat FROM lease"), Cancel);

    [Fact]
    public async Task A_renewing_holder_keeps_its_lease()
    {
        var (one, two) = await TwoAsync();
        await using var held = await one.TryAcquireAsync("feed", Cancel);
        for (var i = 0; i < 24; i++)
        {
            var before = await BeatAsync();
            _oneClock.Advance(Options.Beat);
            _twoClock.Advance(Options.Beat);
            await UntilAsync(async () => await BeatAsync() > before);
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancel);
            Assert.Null(await two.TryAcquireAsync("feed", Cancel));
            Assert.True(held!.IsSafe);
        }

        Assert.False(held!.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_frozen_holder_is_replaced_after_the_time_to_live_and_none_of_its_writes_count_then()
    {
        // As SIGSTOP would: the holder's clock and timers stand still, the other's run.
        var (one, two) = await TwoAsync();
        await using var frozen = await one.TryAcquireAsync("feed", Cancel);
        Assert.Null(await two.TryAcquireAsync("feed", Cancel));
        _twoClock.Advance(Options.TimeToLive - TimeSpan.FromMilliseconds(1));
        Assert.Null(await two.TryAcquireAsync("feed", Cancel));
        await GuardedAsync(Stores.Control, frozen!);
        _twoClock.Advance(TimeSpan.FromMilliseconds(1));
        await using var next = await two.TryAcquireAsync("feed", Cancel);
        Assert.NotNull(next);

        // The frozen holder still believes in itself; the stores do not believe in it.
        Assert.True(frozen!.IsSafe);
        await Assert.ThrowsAsync<StaleLeaseException>(() => GuardedAsync(Stores.Control, frozen));
        await Assert.ThrowsAsync<StaleLeaseException>(() => GuardedAsync(Stores.Projections, frozen));
        Assert.Equal([frozen.Epoch], await EffectsAsync(Stores.Control));
        Assert.Empty(await EffectsAsync(Stores.Projections));
        _oneClock.Advance(Options.Beat);
        await UntilAsync(() => ValueTask.FromResult(frozen.Lost.IsCancellationRequested));
    }

    [Fact]
    public async Task External_effects_stop_at_half_the_time_to_live_when_no_renewal_gets_through()
    {
        var (one, _) = await TwoAsync();
        var held = await one.TryAcquireAsync("feed", Cancel);
        await Stores.Control.DisposeAsync();
        _oneClock.Advance((Options.TimeToLive / 2) - TimeSpan.FromMilliseconds(1));
        Assert.True(held!.IsSafe);
        Assert.False(held.Lost.IsCancellationRequested);
        _oneClock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(held.IsSafe);
        Assert.True(held.Lost.IsCancellationRequested);
    }
}
