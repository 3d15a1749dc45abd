using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Events;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Events;

/// <summary>From a change's outbox to the feed: exactly once, in the order of commits. One class derives for each database.</summary>
public abstract class Event_feed(SqlDialect dialect) : IAsyncLifetime
{
    private TestProvider _provider = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _provider = await TestProvider.OpenAsync(dialect: dialect);

    public async ValueTask DisposeAsync()
    {
        if (_provider is not null)
        {
            await _provider.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData("before the feed is written")]
    [InlineData("after the feed is written, before the outbox is emptied")]
    [InlineData("after the outbox is emptied")]
    public async Task Crash_between_any_two_steps_leaves_each_event_once(string moment)
    {
        var control = new FailingStore(_provider.Stores.Control);
        var projections = new FailingStore(_provider.Stores.Projections);
        (projections.WritesFail, control.WritesFail) = (moment.StartsWith("before", StringComparison.Ordinal), moment.Contains("before the outbox", StringComparison.Ordinal));
        for (var round = 0; round < 5; round++)
        {
            await _provider.AddTenantAsync("Customer " + round);
            if (projections.WritesFail || control.WritesFail)
            {
                await Assert.ThrowsAsync<StoreUnavailableException>(() => _provider.MoveOutboxAsync(new Stores(control, projections)).AsTask());
            }
            else
            {
                await _provider.MoveOutboxAsync();
            }
        }

        await _provider.MoveOutboxAsync();
        await EachOnceInOrderOfTheAuditAsync(6);
        Assert.Equal(0, await _provider.MoveOutboxAsync());
    }

    /// <summary>Many changes at once, two projectors racing, a reader that follows: nothing below what it has seen ever appears.</summary>
    [Fact]
    public async Task Two_projectors_racing_leave_each_event_once_in_the_order_of_commits()
    {
        const int Writers = 4;
        const int Each = 12;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var projectors = Enumerable.Range(0, 2).Select(_ => Task.Run(() => ProjectAsync(stop.Token), Cancel)).ToArray();
        var seen = new List<FeedEvent>();
        var reader = Task.Run(() => FollowAsync(seen, stop.Token), Cancel);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => AddManyAsync(writer, Each), Cancel)));
        while (await OutboxAsync() > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancel);
        }

        await stop.CancelAsync();
        await Task.WhenAll([.. projectors, reader]);
        seen.AddRange(await new EventFeed(_provider.Stores).AfterAsync(_provider.Operator, seen.Count == 0 ? 0 : seen[^1].Position, 1000, Cancel));
        await EachOnceInOrderOfTheAuditAsync((Writers * Each) + 1);
        Assert.Equal(await FeedAsync(), seen.Select(e => (e.Subject, e.Type)));
    }

    /// <summary>A holder that was stopped and replaced: before it appends, or between appending and emptying the outbox.</summary>
    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public async Task Stale_holder_writes_nothing_more(bool beforeAppending, int inFeed)
    {
        var leases = Leases.For(_provider.Stores, "node-1", new LeaseOptions(), _provider.Time, NullLogger<Leases>.Instance);
        await using var lease = await leases.TryAcquireAsync(OutboxProjector.LeaseName, Cancel);
        var replaced = beforeAppending ? (IStore[])[_provider.Stores.Projections, _provider.Stores.Control] : [_provider.Stores.Control];
        foreach (var store in replaced)
        {
            await store.WriteAsync(transaction => LeaseFence.RaiseAsync(transaction, lease!.Name, lease.Epoch + 1), Cancel);
        }

        var projector = new OutboxProjector(
            _provider.Stores, _provider.Events, leases, new OutboxSignal(_provider.Stores.Control.Hints), new EventSignal(), _provider.Time, NullLogger<OutboxProjector>.Instance);
        await Assert.ThrowsAsync<StaleLeaseException>(() => projector.MoveAsync(lease!, Cancel).AsTask());
        Assert.Equal(inFeed, (await FeedAsync()).Count);
        Assert.Equal(1, await OutboxAsync());
    }

    [Fact]
    public async Task Change_that_fails_leaves_no_event()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => _provider.Stores.Control.WriteAsync<bool>(
            async transaction =>
            {
                await _provider.Changes.RecordAsync(transaction, _provider.Operator, "tenant.changed", _provider.Root.Id, _provider.Root.TenantPath, null, new { });
                throw new InvalidDataException("no");
            },
            Cancel).AsTask());
        await _provider.MoveOutboxAsync();
        await EachOnceInOrderOfTheAuditAsync(1);
    }

    [Fact]
    public async Task Type_that_no_module_declares_is_not_written() => await Assert.ThrowsAsync<ArgumentException>(() => _provider.Stores.Control.WriteAsync(
        async transaction =>
        {
            await _provider.Changes.RecordAsync(transaction, _provider.Operator, "tenant.sneezed", "x", _provider.Root.TenantPath, null, null);
            return true;
        },
        Cancel).AsTask());

    [Fact]
    public async Task Tenant_reads_its_own_part_of_the_feed()
    {
        var mine = await _provider.AddTenantAsync("Mine");
        await _provider.AddTenantAsync("Sibling");
        await _provider.MoveOutboxAsync();
        var feed = new EventFeed(_provider.Stores);
        var caller = TestProvider.CallerOf(mine);
        var own = Assert.Single(await feed.AfterAsync(caller, 0, 100, Cancel));
        Assert.Equal(mine.Id, own.Subject);
        Assert.Single(await feed.PageAsync(caller, long.MaxValue, 100, EventSeverity.Info, null, Cancel));
        Assert.Equal((await feed.AfterAsync(_provider.Operator, 0, 100, Cancel))[^1].Position, await feed.LastPositionAsync(Cancel));
        var foreign = (await feed.AfterAsync(_provider.Operator, 0, 100, Cancel)).First(e => e.Id != own.Id);
        Assert.Null(await feed.FindAsync(caller, foreign.Id, Cancel));
        Assert.Empty(await feed.OfSubjectAsync(caller, foreign.Subject, 100, Cancel));
    }

    private async Task AddManyAsync(int writer, int count)
    {
        for (var i = 0; i < count; i++)
        {
            TestProvider.Value(await _provider.Tenants.AddAsync(_provider.Operator, new NewTenant(null, "customer", $"c {writer} {i}"), Cancel));
        }
    }

    private async Task FollowAsync(List<FeedEvent> seen, CancellationToken stop)
    {
        var feed = new EventFeed(_provider.Stores);
        while (!stop.IsCancellationRequested)
        {
            seen.AddRange(await feed.AfterAsync(_provider.Operator, seen.Count == 0 ? 0 : seen[^1].Position, 7, CancellationToken.None));
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, CancellationToken.None);
        }
    }

    private async Task ProjectAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await _provider.MoveOutboxAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, CancellationToken.None);
        }
    }

    private async Task EachOnceInOrderOfTheAuditAsync(int expected)
    {
        var audit = await _provider.Audit.ListAsync(_provider.Operator, new(), long.MaxValue, 1000, Cancel);
        var feed = await FeedAsync();
        Assert.Equal(audit.Reverse().Select(a => (a.Subject, a.Act + "@1")), feed);
        Assert.Equal(expected, feed.Count);
    }

    private async Task<List<(string Subject, string Type)>> FeedAsync() =>
        [.. (await new EventFeed(_provider.Stores).AfterAsync(_provider.Operator, 0, 1000, Cancel)).Select(e => (e.Subject, e.Type))];

    private ValueTask<long> OutboxAsync() => _provider.Stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM outbox"), Cancel);
}

public sealed class Event_feed_on_sqlite() : Event_feed(SqlDialect.Sqlite);

public sealed class Event_feed_on_postgres() : Event_feed(SqlDialect.Postgres);
