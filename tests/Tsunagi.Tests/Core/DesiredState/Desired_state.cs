using System.Text.Json;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.DesiredState;

public sealed class Desired_state : IAsyncLifetime
{
    private TestProvider _provider = null!;
    private Tenant _customer = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _provider = await TestProvider.OpenAsync();
        _customer = await _provider.AddTenantAsync("Customer");
        await _provider.AddPlanAsync("line", "JPY", new FlatPrice("Line", 1));
    }

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    /// <summary>Whatever is ordered, held, changed, ended, and whatever fails on the way: when the faults are gone, running equals wanted.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Running_becomes_wanted_after_random_changes_and_faults(int seed)
    {
        var random = new Random(seed);
        var reconciler = _provider.NewReconciler();
        var lines = new List<string>();
        for (var step = 0; step < 40; step++)
        {
            await StepAsync(random, lines, step);
            _provider.Time.Advance(TimeSpan.FromMilliseconds(random.Next(0, 3000)));
            if (random.Next(3) == 0)
            {
                await reconciler.PassAsync(Cancel);
            }

            if (random.Next(12) == 0)
            {
                // The node starts again: engines are empty, the wishes are not.
                _provider.Line.Running.Clear();
                reconciler = _provider.NewReconciler();
            }
        }

        _provider.Line.Faults.Clear();
        _provider.Line.Throws = null;
        for (var i = 0; i < 3; i++)
        {
            await reconciler.PassAsync(Cancel);
            _provider.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(await WantedAsync(), _provider.Line.Running.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => (r.Key, r.Value)));
        foreach (var line in lines)
        {
            var running = await _provider.Book.RunningAsync(_provider.Operator, line, Cancel);
            Assert.Equal(_provider.Line.Running.ContainsKey(line) ? 1 : 0, running.Count);
            Assert.All(running, state => Assert.Null(state.WhyNotYet));
        }
    }

    [Fact]
    public async Task Wish_that_cannot_run_says_why_and_is_tried_again_with_growing_pauses()
    {
        var line = await _provider.TakeAsync(_customer, "line");
        _provider.Line.Faults[line.Id] = "the box is not there yet";
        var reconciler = _provider.NewReconciler();
        var tries = new List<double>();
        var started = _provider.Time.GetUtcNow();
        for (var second = 0; second <= 300; second++)
        {
            var before = _provider.Line.Calls.Count(c => c.Contains(line.Id));
            await reconciler.PassAsync(Cancel);
            if (_provider.Line.Calls.Count(c => c.Contains(line.Id)) > before)
            {
                tries.Add((_provider.Time.GetUtcNow() - started).TotalSeconds);
            }

            _provider.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([0, 1, 3, 7, 15, 31, 63, 123, 183, 243], tries);
        Assert.Equal("the box is not there yet", (await _provider.Book.RunningAsync(_provider.Operator, line.Id, Cancel)).Single().WhyNotYet);

        _provider.Line.Faults.Clear();
        TestProvider.Value(await _provider.Orders.ChangeAsync(_provider.Operator, line.Id, new SubscriptionChange(Name: "now"), null, Cancel));
        await reconciler.PassAsync(Cancel);
        Assert.Null((await _provider.Book.RunningAsync(_provider.Operator, line.Id, Cancel)).Single().WhyNotYet);
    }

    [Fact]
    public async Task Module_that_throws_is_tried_again_and_the_others_are_served()
    {
        var line = await _provider.TakeAsync(_customer, "line");
        _provider.Line.Throws = new InvalidDataException("a fault of ours");
        var reconciler = _provider.NewReconciler();
        await reconciler.PassAsync(Cancel);
        Assert.Contains("failed", (await _provider.Book.RunningAsync(_provider.Operator, line.Id, Cancel)).Single().WhyNotYet!, StringComparison.Ordinal);
        _provider.Line.Throws = new OperationCanceledException("its own deadline");
        _provider.Time.Advance(TimeSpan.FromSeconds(1));
        await reconciler.PassAsync(Cancel);
        _provider.Line.Throws = null;
        _provider.Time.Advance(TimeSpan.FromSeconds(2));
        await reconciler.PassAsync(Cancel);
        Assert.Contains(line.Id, _provider.Line.Running.Keys);
        Assert.Null((await _provider.Book.RunningAsync(_provider.Operator, line.Id, Cancel)).Single().WhyNotYet);
    }

    [Fact]
    public async Task Withdrawn_wish_is_let_go_and_its_status_goes_when_the_engine_has()
    {
        var line = await _provider.TakeAsync(_customer, "line");
        var reconciler = _provider.NewReconciler();
        await reconciler.PassAsync(Cancel);
        TestProvider.Value(await _provider.Orders.EndAsync(_provider.Operator, line.Id, null, Cancel));
        _provider.Line.Faults[line.Id] = "two sessions are still open";
        await reconciler.PassAsync(Cancel);
        Assert.Equal("two sessions are still open", (await _provider.Book.RunningAsync(_provider.Operator, line.Id, Cancel)).Single().WhyNotYet);
        _provider.Line.Faults.Clear();
        _provider.Time.Advance(TimeSpan.FromSeconds(1));
        await reconciler.PassAsync(Cancel);
        Assert.Empty(await _provider.Book.RunningAsync(_provider.Operator, line.Id, Cancel));
        Assert.Empty(_provider.Line.Running);
    }

    [Fact]
    public async Task Wish_with_a_time_to_live_ends_by_itself()
    {
        var records = new DesiredRecords(_provider.Signal);
        var expires = _provider.Time.NowMicros() + (10 * UnixMicros.PerSecond);
        var wish = new DesiredRecord("noun:1", "line.access", _customer.Id, _customer.TenantPath, "test", 0, "{\"place\":\"hall\"}", [], expires, 0);
        await _provider.Stores.Control.WriteAsync(
            async transaction =>
            {
                await records.PutAsync(transaction, wish, "line");
                return true;
            },
            Cancel);
        var reconciler = _provider.NewReconciler();
        await reconciler.PassAsync(Cancel);
        Assert.Contains("noun:1", _provider.Line.Running.Keys);
        _provider.Time.Advance(TimeSpan.FromSeconds(10));
        await reconciler.PassAsync(Cancel);
        Assert.Empty(_provider.Line.Running);
        _provider.Line.Running["noun:1"] = "left over";
        await _provider.NewReconciler().PassAsync(Cancel);
        Assert.Empty(_provider.Line.Running);
    }

    /// <summary>The engine did its part, but the status could not be kept: it is kept by a later pass, not lost.</summary>
    [Fact]
    public async Task Status_outlives_a_store_that_goes_away()
    {
        var line = await _provider.TakeAsync(_customer, "line");
        var failing = new FailingStore(_provider.Stores.Control);
        var reconciler = _provider.NewReconciler(_provider.Stores with { Control = failing });
        failing.WritesFail = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => reconciler.PassAsync(Cancel).AsTask());
        failing.WritesFail = false;
        await reconciler.PassAsync(Cancel);
        Assert.Null((await _provider.Book.RunningAsync(_provider.Operator, line.Id, Cancel)).Single().WhyNotYet);
    }

    [Fact]
    public async Task Pass_without_a_change_asks_nothing_of_the_module()
    {
        await _provider.TakeAsync(_customer, "line");
        var reconciler = _provider.NewReconciler();
        await reconciler.PassAsync(Cancel);
        var calls = _provider.Line.Calls.Count;
        _provider.Time.Advance(TimeSpan.FromHours(1));
        await reconciler.PassAsync(Cancel);
        Assert.Equal(calls, _provider.Line.Calls.Count);
    }

    private async Task StepAsync(Random random, List<string> lines, int step)
    {
        var line = lines.Count == 0 ? null : lines[random.Next(lines.Count)];
        switch (random.Next(8))
        {
            case 0 or 1 when lines.Count < 6:
                lines.Add((await _provider.TakeAsync(_customer, "line", "place-" + step)).Id);
                break;
            case 2 when line is not null:
                await _provider.Orders.ChangeAsync(_provider.Operator, line, new SubscriptionChange(Settings: TestProvider.Settings("moved-" + step)), null, Cancel);
                break;
            case 3 when line is not null:
                await _provider.Orders.PlaceHoldAsync(_provider.Operator, line, new NewHold(HoldKind.All[random.Next(4)], "x"), Cancel);
                break;
            case 4 when line is not null:
                var holds = await _provider.Book.HoldsAsync(_provider.Operator, line, Cancel);
                if (holds.Count > 0)
                {
                    await _provider.Orders.LiftHoldAsync(_provider.Operator, line, holds[random.Next(holds.Count)].Id, Cancel);
                }

                break;
            case 5 when line is not null && random.Next(3) == 0:
                await _provider.Orders.EndAsync(_provider.Operator, line, null, Cancel);
                break;
            case 6 when line is not null:
                _ = _provider.Line.Faults.Remove(line) || _provider.Line.Faults.TryAdd(line, "a fault");
                break;
            case 7:
                _provider.Line.Throws = _provider.Line.Throws is null ? new InvalidDataException("x") : null;
                break;
        }
    }

    private async Task<IEnumerable<(string, string)>> WantedAsync()
    {
        var rows = await _provider.Stores.Control.ReadAsync(
            reader => reader.QueryAsync<(string Key, string Settings, string Holds)>("SELECT key, settings, holds FROM desired_record WHERE withdrawn = 0 ORDER BY key"), Cancel);
        return rows.Select(r => (r.Key, $"{r.Settings} holds={string.Join(",", JsonSerializer.Deserialize<string[]>(r.Holds)!)}"));
    }
}
