using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Queue;
using Tsunagi.Core.Store;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Queue;

public sealed class Work_loop : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private Stores _stores = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = TestDatabase.Sqlite();
        _stores = await _database.OpenNodeAsync(WorkQueueSchema.Part);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Work_is_handled_retried_buried_and_completed()
    {
        var options = new WorkQueueOptions { FirstRetry = TimeSpan.FromMilliseconds(1), MaxAttempts = 2, Concurrency = 3 };
        var queue = WorkQueue.For(_stores.Control, options, TimeProvider.System);
        var handler = new Handler(item => item.Payload switch
        {
            "good" => WorkOutcome.Done,
            "second time" => item.Attempt == 2 ? WorkOutcome.Done : throw new InvalidDataException("not yet"),
            "never" => WorkOutcome.Never("no"),
            _ => WorkOutcome.Later("no answer"),
        });
        using var loop = new WorkLoop(queue, _stores.Control, [handler], options, TimeProvider.System, NullLogger<WorkLoop>.Instance);
        await loop.StartAsync(Cancel);
        foreach (var payload in (string[])["good", "second time", "never", "always later"])
        {
            await queue.EnqueueAsync(new NewWork("k", "t_1/", payload), Cancel);
        }

        await UntilAsync(async () => await CountAsync("work_item") == 0);
        await loop.StopAsync(Cancel);
        Assert.Equal(["always later", "always later", "good", "never", "second time", "second time"], handler.Seen.Order());
        Assert.Equal(
            [("always later", "no answer"), ("never", "no")],
            await _stores.Control.ReadAsync(reader => reader.QueryAsync<(string, string)>("SELECT payload, last_error FROM work_dead ORDER BY payload"), Cancel));
    }

    [Fact]
    public async Task A_long_handler_keeps_its_item_by_heartbeat_and_one_that_lost_it_is_cancelled()
    {
        var options = new WorkQueueOptions { Visibility = TimeSpan.FromMilliseconds(600), Concurrency = 2 };
        var queue = WorkQueue.For(_stores.Control, options, TimeProvider.System);
        var begun = new TaskCompletionSource<WorkItem>();
        var cancelled = new TaskCompletionSource();
        var handler = new AsyncHandler(async (item, lost) =>
        {
            begun.TrySetResult(item);
            using (lost.Register(() => cancelled.TrySetResult()))
            {
                await cancelled.Task;
            }

            lost.ThrowIfCancellationRequested();
            return WorkOutcome.Done;
        });
        using var loop = new WorkLoop(queue, _stores.Control, [handler], options, TimeProvider.System, NullLogger<WorkLoop>.Instance);
        await queue.EnqueueAsync(new NewWork("k", "t_1/", "long"), Cancel);
        await loop.StartAsync(Cancel);
        var item = await begun.Task.WaitAsync(TimeSpan.FromSeconds(5), Cancel);
        await Task.Delay(options.Visibility * 2, TimeProvider.System, Cancel);
        Assert.False(cancelled.Task.IsCompleted);
        Assert.Empty(await queue.TakeAsync(["k"], 1, Cancel));

        await _stores.Control.WriteAsync(transaction => transaction.ExecuteAsync("UPDATE work_item SET attempts = attempts + 1 WHERE id = @Id", new { item.Id }), Cancel);
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(5), Cancel);
        await loop.StopAsync(Cancel);
    }

    private async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var i = 0; i < 400; i++)
        {
            if (await condition())
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }

        Assert.Fail("it did not come to pass within 8 s");
    }

    private async Task<long> CountAsync(string table) =>
        await _stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>($"SELECT count(*) FROM {table}"), Cancel);

    private sealed class Handler(Func<WorkItem, WorkOutcome> handle) : IWorkHandler
    {
        public ConcurrentBag<string> Seen { get; } = [];

        public string Kind => "k";

        public ValueTask<WorkOutcome> HandleAsync(WorkItem item, CancellationToken lost)
        {
            Seen.Add(item.Payload);
            return ValueTask.FromResult(handle(item));
        }
    }

    private sealed class AsyncHandler(Func<WorkItem, CancellationToken, Task<WorkOutcome>> handle) : IWorkHandler
    {
        public string Kind => "k";

        public async ValueTask<WorkOutcome> HandleAsync(WorkItem item, CancellationToken lost) => await handle(item, lost);
    }
}
