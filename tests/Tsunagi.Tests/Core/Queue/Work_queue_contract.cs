using Tsunagi.Core.Queue;
using Tsunagi.Core.Store;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Queue;

/// <summary>What every work queue promises.</summary>
public abstract class Work_queue_contract : IAsyncLifetime
{
    private static readonly WorkQueueOptions Options = new() { MaxAttempts = 3 };

    private readonly ManualTime _time = new();
    private TestDatabase _database = null!;
    private Stores _node = null!;
    private IWorkQueue _queue = null!;
    private IWorkQueue _other = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = NewDatabase();
        _node = await _database.OpenNodeAsync(WorkQueueSchema.Part);
        _queue = WorkQueue.For(_node.Control, Options, _time);
        _other = WorkQueue.For((await _database.OpenNodeAsync(WorkQueueSchema.Part)).Control, Options, _time);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected abstract TestDatabase NewDatabase();

    private ValueTask<bool> AddAsync(string payload, string tenant = "t_1/", string? key = null, string kind = "k") =>
        _queue.EnqueueAsync(new NewWork(kind, tenant, payload, key), Cancel);

    private static ValueTask<IReadOnlyList<WorkItem>> TakeAsync(IWorkQueue queue, int atMost = 10, params string[] kinds) =>
        queue.TakeAsync(kinds.Length == 0 ? ["k"] : kinds, atMost, Cancel);

    private ValueTask<long> CountAsync(string table) =>
        _node.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>($"SELECT count(*) FROM {table}"), Cancel);

    [Fact]
    public async Task Taken_work_is_invisible_until_its_time_and_completed_work_is_gone()
    {
        await AddAsync("p");
        var item = Assert.Single(await TakeAsync(_queue));
        Assert.Equal(("k", "t_1/", "p", 1), (item.Kind, item.TenantPath, item.Payload, item.Attempt));
        Assert.Empty(await TakeAsync(_other));
        Assert.True(await _queue.CompleteAsync(item, Cancel));
        _time.Advance(Options.Visibility * 2);
        Assert.Empty(await TakeAsync(_other));
    }

    [Fact]
    public async Task Work_of_a_vanished_worker_comes_back_and_the_late_one_is_ignored()
    {
        await AddAsync("p");
        var first = Assert.Single(await TakeAsync(_queue));
        _time.Advance(Options.Visibility);
        var second = Assert.Single(await TakeAsync(_other));
        Assert.Equal(2, second.Attempt);
        Assert.False(await _queue.CompleteAsync(first, Cancel));
        Assert.Empty(await _queue.ExtendAsync([first], Cancel));
        await _queue.FailAsync(first, "late", atOnce: true, Cancel);
        Assert.Equal(0, await CountAsync("work_dead"));
        Assert.True(await _other.CompleteAsync(second, Cancel));
    }

    [Fact]
    public async Task A_heartbeat_keeps_work()
    {
        await AddAsync("p");
        var item = Assert.Single(await TakeAsync(_queue));
        for (var i = 0; i < 5; i++)
        {
            _time.Advance(Options.Visibility * 0.9);
            Assert.Equal([item], await _queue.ExtendAsync([item], Cancel));
            Assert.Empty(await TakeAsync(_other));
        }
    }

    [Fact]
    public async Task Failures_pause_longer_each_time_and_end_in_the_dead_letters_and_can_be_revived()
    {
        await AddAsync("p", key: "once");
        TimeSpan[] pauses = [Options.FirstRetry, Options.FirstRetry * 2];
        foreach (var pause in pauses)
        {
            var item = Assert.Single(await TakeAsync(_queue));
            await _queue.FailAsync(item, "no answer", atOnce: false, Cancel);
            _time.Advance(pause * 0.79);
            Assert.Empty(await TakeAsync(_queue));
            _time.Advance(pause * 0.42);
        }

        var last = Assert.Single(await TakeAsync(_queue));
        await _queue.FailAsync(last, "still no answer", atOnce: false, Cancel);
        Assert.Equal(("still no answer", 3L), await _node.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<(string, long)>("SELECT last_error, attempts FROM work_dead"), Cancel));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Empty(await TakeAsync(_queue));

        Assert.False(await AddAsync("p", key: "once"));
        Assert.True(await _queue.ReviveAsync(last.Id, Cancel));
        Assert.False(await _queue.ReviveAsync(last.Id, Cancel));
        Assert.Equal(1, Assert.Single(await TakeAsync(_queue)).Attempt);
    }

    [Fact]
    public async Task Work_that_kills_its_worker_ends_in_the_dead_letters_too()
    {
        await AddAsync("poison");
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            Assert.Equal(attempt, Assert.Single(await TakeAsync(_queue)).Attempt);
            _time.Advance(Options.Visibility);
        }

        Assert.Empty(await TakeAsync(_queue));
        Assert.Equal(1, await CountAsync("work_dead"));
    }

    [Fact]
    public async Task What_will_never_work_is_buried_at_once()
    {
        await AddAsync("p");
        await _queue.FailAsync(Assert.Single(await TakeAsync(_queue)), "no such customer", atOnce: true, Cancel);
        Assert.Equal((0, 1), (await CountAsync("work_item"), await CountAsync("work_dead")));
    }

    [Fact]
    public async Task A_key_is_taken_once_also_after_the_work_is_done_until_it_is_forgotten()
    {
        Assert.True(await AddAsync("p", key: "a"));
        Assert.False(await AddAsync("p", key: "a"));
        Assert.True(await AddAsync("p", key: "b"));
        foreach (var item in await TakeAsync(_queue))
        {
            await _queue.CompleteAsync(item, Cancel);
        }

        Assert.False(await AddAsync("p", key: "a"));
        _time.Advance(Options.KeyRetention + TimeSpan.FromSeconds(1));
        Assert.Equal(2, await _queue.ForgetKeysAsync(Cancel));
        Assert.True(await AddAsync("p", key: "a"));
    }

    [Fact]
    public async Task Tenants_take_turns()
    {
        for (var i = 0; i < 50; i++)
        {
            await AddAsync($"{i}", "t_busy/");
        }

        await AddAsync("x", "t_a/");
        await AddAsync("y", "t_z/");
        var taken = await TakeAsync(_queue, 6);
        Assert.Equal(["t_a/", "t_z/"], taken.Select(static item => item.TenantPath).Where(static path => path != "t_busy/").Order());

        // The places the small ones did not need are for the next call.
        Assert.Equal(3, taken.Count(static item => item.TenantPath == "t_busy/"));

        // One at a time: whoever comes new waits for one of the busy tenant's items at most.
        await AddAsync("x2", "t_a/");
        var next = new[] { (await TakeAsync(_queue, 1))[0].TenantPath, (await TakeAsync(_queue, 1))[0].TenantPath };
        Assert.Contains("t_a/", next);
    }

    [Fact]
    public async Task Work_of_other_kinds_does_not_stand_in_the_way()
    {
        for (var i = 0; i < 5; i++)
        {
            await AddAsync("other", $"t_{i}/", kind: "other");
        }

        await AddAsync("mine", "t_9/");
        var taken = new List<WorkItem>();
        for (var i = 0; i < 6; i++)
        {
            taken.AddRange(await TakeAsync(_queue, 1));
        }

        Assert.Equal("mine", Assert.Single(taken).Payload);
    }

    [Fact]
    public async Task Work_is_not_due_before_its_time()
    {
        await _queue.EnqueueAsync(new NewWork("k", "t_1/", "p", NotBeforeMicros: (_time.GetUtcNow().AddMinutes(5).UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10), Cancel);
        Assert.Empty(await TakeAsync(_queue));
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Single(await TakeAsync(_queue));
    }

    [Fact]
    public async Task Enqueue_and_complete_share_the_callers_transaction()
    {
        async ValueTask<int> AbandonedAsync(ISqlTransaction transaction)
        {
            await _queue.EnqueueAsync(transaction, new NewWork("k", "t_1/", "p", "key"));
            throw new InvalidDataException("changed my mind");
        }

        await Assert.ThrowsAsync<InvalidDataException>(() => _node.Control.WriteAsync(AbandonedAsync, Cancel).AsTask());
        Assert.True(await AddAsync("p", key: "key"));
        var item = Assert.Single(await TakeAsync(_queue));
        await Assert.ThrowsAsync<InvalidDataException>(() => _node.Control.WriteAsync<int>(
            async transaction =>
            {
                Assert.True(await _queue.CompleteAsync(transaction, item));
                throw new InvalidDataException("the effect failed");
            },
            Cancel).AsTask());
        Assert.True(await _queue.CompleteAsync(item, Cancel));
    }

    [Fact]
    public async Task Two_nodes_racing_take_each_item_once()
    {
        await _node.Control.WriteAsync(
            async transaction =>
            {
                for (var i = 0; i < 200; i++)
                {
                    await _queue.EnqueueAsync(transaction, new NewWork("k", $"t_{i % 7}/", $"{i}"));
                }

                return 0;
            },
            Cancel);
        async Task<List<string>> DrainAsync(IWorkQueue queue)
        {
            var all = new List<string>();
            while (await TakeAsync(queue, 9) is { Count: > 0 } taken)
            {
                foreach (var item in taken)
                {
                    all.Add(item.Payload);
                    Assert.True(await queue.CompleteAsync(item, Cancel));
                }
            }

            return all;
        }

        var drained = await Task.WhenAll(Task.Run(() => DrainAsync(_queue)), Task.Run(() => DrainAsync(_other)));
        var payloads = drained.SelectMany(static each => each).ToList();

        // A taker that met only locked rows may have stopped early; nothing may be lost or doubled.
        payloads.AddRange(await DrainAsync(_queue));
        Assert.Equal(200, payloads.Count);
        Assert.Equal(200, payloads.Distinct().Count());
    }

    [Fact]
    public async Task A_payload_at_the_limit_goes_in_and_one_beyond_it_does_not()
    {
        Assert.True(await AddAsync(new string('x', Options.MaxPayloadChars)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => AddAsync(new string('x', Options.MaxPayloadChars + 1)).AsTask());
    }
}

public sealed class Sqlite_work_queue : Work_queue_contract
{
    private protected override TestDatabase NewDatabase() => TestDatabase.Sqlite();
}

public sealed class Postgres_work_queue : Work_queue_contract
{
    private protected override TestDatabase NewDatabase() => TestDatabase.Postgres();
}
