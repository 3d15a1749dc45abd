using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Store;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Lease;

/// <summary>What every kind of lease promises.</summary>
public abstract class Lease_contract : IAsyncLifetime
{
    private protected static readonly LeaseOptions Options = new() { TimeToLive = TimeSpan.FromSeconds(8), Beat = TimeSpan.FromSeconds(1) };

    private protected TestDatabase Database { get; private set; } = null!;

    private protected Stores Stores { get; private set; } = null!;

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Database = NewDatabase();
        Stores = await OpenStoresAsync();
        foreach (var store in (IStore[])[Stores.Control, Stores.Projections])
        {
            await store.WriteAsync(transaction => transaction.ExecuteAsync("CREATE TABLE effect (epoch BIGINT NOT NULL)"), Cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected abstract TestDatabase NewDatabase();

    /// <summary>The leases as two candidates see them.</summary>
    private protected abstract Task<(ILeases One, ILeases Two)> TwoAsync();

    private protected async Task<Stores> OpenStoresAsync() => await Database.OpenNodeAsync(LeaseSchema.Control, LeaseSchema.Projections);

    private protected static Task<int> GuardedAsync(IStore store, ILease lease) =>
        store.WriteAsync(
            async transaction =>
            {
                await lease.GuardAsync(transaction);
                return await transaction.ExecuteAsync("INSERT INTO effect VALUES (@Epoch)", new { lease.Epoch });
            },
            Cancel).AsTask();

    private protected async Task<IReadOnlyList<long>> EffectsAsync(IStore store) =>
        await store.ReadAsync(reader => reader.QueryAsync<long>("SELECT epoch FROM effect ORDER BY epoch"), Cancel);

    [Fact]
    public async Task One_holds_and_the_other_waits_until_it_is_given_back()
    {
        var (one, two) = await TwoAsync();
        var held = await one.TryAcquireAsync("feed", Cancel);
        Assert.NotNull(held);
        Assert.True(held.IsSafe);
        Assert.Null(await two.TryAcquireAsync("feed", Cancel));
        await using (var unrelated = await two.TryAcquireAsync("routes", Cancel))
        {
            Assert.NotNull(unrelated);
        }

        await held.DisposeAsync();
        Assert.False(held.IsSafe);
        Assert.True(held.Lost.IsCancellationRequested);
        await using var next = await two.TryAcquireAsync("feed", Cancel);
        Assert.Equal(held.Epoch + 1, next!.Epoch);
    }

    [Fact]
    public async Task Guarded_writes_pass_in_both_stores_and_stale_ones_in_none()
    {
        var (one, two) = await TwoAsync();
        var held = await one.TryAcquireAsync("feed", Cancel);
        Assert.Equal(1, await GuardedAsync(Stores.Control, held!));
        Assert.Equal(1, await GuardedAsync(Stores.Projections, held!));
        await held!.DisposeAsync();
        await using var next = await two.TryAcquireAsync("feed", Cancel);
        await Assert.ThrowsAsync<StaleLeaseException>(() => GuardedAsync(Stores.Control, held));
        await Assert.ThrowsAsync<StaleLeaseException>(() => GuardedAsync(Stores.Projections, held));
        Assert.Equal(1, await GuardedAsync(Stores.Projections, next!));
        Assert.Equal([held.Epoch], await EffectsAsync(Stores.Control));
        Assert.Equal([held.Epoch, next!.Epoch], await EffectsAsync(Stores.Projections));
    }

    [Fact]
    public async Task Of_many_racing_candidates_one_wins_each_round()
    {
        var (one, two) = await TwoAsync();
        long last = 0;
        for (var round = 0; round < 5; round++)
        {
            var tries = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => (i % 2 == 0 ? one : two).TryAcquireAsync("feed", Cancel).AsTask())));
            var winner = Assert.Single(tries, static lease => lease is not null);
            Assert.True(winner!.Epoch > last);
            last = winner.Epoch;
            await winner.DisposeAsync();
        }
    }

    [Fact]
    public async Task Held_work_runs_on_one_node_and_is_run_again_when_it_fails()
    {
        var (one, _) = await TwoAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var runs = 0;
        var second = new TaskCompletionSource();
        var holding = one.HoldAsync(
            "feed",
            async (lease, lost) =>
            {
                if (Interlocked.Increment(ref runs) == 1)
                {
                    throw new InvalidDataException("first run fails");
                }

                second.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, lost);
            },
            stop.Token);
        await PassAsync(second.Task);
        Assert.Null(await one.TryAcquireAsync("feed", Cancel));
        await stop.CancelAsync();
        await holding.WaitAsync(TimeSpan.FromSeconds(5), Cancel);
        await using var free = await one.TryAcquireAsync("feed", Cancel);
        Assert.NotNull(free);
    }

    /// <summary>Lets the clock of the candidates run until the task is done.</summary>
    private protected abstract Task PassAsync(Task awaited);
}

public sealed class In_process_lease : Lease_contract
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task The_epoch_grows_over_a_restart_and_the_dead_process_left_nothing_held()
    {
        var before = await New(Stores).TryAcquireAsync("feed", Cancel);
        var after = await New(Stores).TryAcquireAsync("feed", Cancel);
        Assert.Equal(before!.Epoch + 1, after!.Epoch);
    }

    private protected override TestDatabase NewDatabase() => TestDatabase.Sqlite();

    private protected override Task<(ILeases One, ILeases Two)> TwoAsync()
    {
        var leases = New(Stores);
        return Task.FromResult<(ILeases, ILeases)>((leases, leases));
    }

    private protected override async Task PassAsync(Task awaited)
    {
        for (var i = 0; i < 100 && !awaited.IsCompleted; i++)
        {
            _time.Advance(Options.Beat);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }

        await awaited.WaitAsync(TimeSpan.FromSeconds(1), Cancel);
    }

    private InProcessLeases New(Stores stores) => new(stores, "node-1", Options, _time, NullLogger.Instance);
}

public sealed class Postgres_lease : Row_lease_contract
{
    private protected override TestDatabase NewDatabase() => TestDatabase.Postgres();
}

/// <summary>The same rows on SQLite: nothing of the row lease leans on PostgreSQL.</summary>
public sealed class Sqlite_row_lease : Row_lease_contract
{
    private protected override TestDatabase NewDatabase() => TestDatabase.Sqlite();
}
