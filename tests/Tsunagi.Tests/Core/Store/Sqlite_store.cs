using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Store;
using Tsunagi.Core.Store.Sqlite;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Store;

public sealed class Sqlite_store : Store_contract
{
    private readonly TemporaryDirectory _directory = new();

    private string File => Path.Combine(_directory.Path, "control.db");

    [Fact]
    public async Task A_write_inside_a_write_is_refused_at_once()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Store.WriteAsync(async _ => await AddThingAsync("a", "t_1/"), Cancel).AsTask());
    }

    [Fact]
    public async Task A_lock_of_another_process_past_the_deadline_is_unavailable_and_passes()
    {
        await using var hasty = OpenFile(new SqliteStoreOptions { Path = File, Name = "hasty", Deadline = TimeSpan.FromMilliseconds(200) });
        var held = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        var holder = Store.WriteAsync(
            async transaction =>
            {
                held.SetResult();
                await release.Task;
                return 0;
            },
            Cancel).AsTask();
        await held.Task;
        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => hasty.WriteAsync(transaction => transaction.ExecuteAsync("DELETE FROM thing"), Cancel).AsTask());
        Assert.Contains("hasty", fault.Message, StringComparison.Ordinal);
        release.SetResult();
        await holder;
        Assert.Equal(0, await hasty.WriteAsync(transaction => transaction.ExecuteAsync("DELETE FROM thing"), Cancel));
    }

    [Fact]
    public async Task A_write_given_up_in_the_queue_never_runs()
    {
        await using var hasty = OpenFile(new SqliteStoreOptions { Path = File, Name = "hasty", Deadline = TimeSpan.FromMilliseconds(100), QueuedWrites = 1 });
        var release = new TaskCompletionSource();
        var held = new TaskCompletionSource();
        var holder = hasty.WriteAsync(
            async transaction =>
            {
                held.TrySetResult();
                await release.Task;
                return 0;
            },
            Cancel).AsTask();
        await held.Task;
        ValueTask<int> Insert(string id) => hasty.WriteAsync(transaction => transaction.ExecuteAsync("INSERT INTO thing (id, tenant_path) VALUES (@id, 't_1/')", new { id }), Cancel);

        // The first takes the only place in the queue, the second waits for a place: both are given up.
        var queued = Insert("queued").AsTask();
        var beyond = Insert("beyond").AsTask();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => queued);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => beyond);
        release.SetResult();
        try
        {
            await holder;
        }
        catch (StoreUnavailableException)
        {
            // It held the writer past twice its deadline; its outcome is not the subject.
        }

        await Insert("last");
        Assert.Equal(["last"], await Store.ReadAsync(reader => reader.QueryAsync<string>("SELECT id FROM thing ORDER BY id"), Cancel));
    }

    [Fact]
    public async Task Readers_are_bounded_and_a_wait_given_up_takes_none_away()
    {
        await using var hasty = OpenFile(new SqliteStoreOptions { Path = File, Name = "hasty", Readers = 1, Deadline = TimeSpan.FromMilliseconds(100) });
        for (var round = 0; round < 3; round++)
        {
            await hasty.ReadAsync(
                async _ =>
                {
                    var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => hasty.ReadAsync(_ => ValueTask.FromResult(0), Cancel).AsTask());
                    Assert.Contains("free reader", fault.Message, StringComparison.Ordinal);
                    return 0;
                },
                Cancel);
        }
    }

    [Fact]
    public async Task A_full_disk_is_unavailable_with_a_clear_word_keeps_what_was_told_and_recovers()
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root to mount a small file system");
        var mounted = Path.Combine(_directory.Path, "small");
        Directory.CreateDirectory(mounted);
        await RunAsync("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", mounted);
        try
        {
            await using (var store = OpenFile(new SqliteStoreOptions { Path = Path.Combine(mounted, "small.db"), Name = "small" }))
            {
                await store.WriteAsync(transaction => transaction.ExecuteAsync("CREATE TABLE t (id INTEGER PRIMARY KEY, body BLOB)"), Cancel);
                var ballast = Path.Combine(mounted, "ballast");
                await System.IO.File.WriteAllBytesAsync(ballast, new byte[1024 * 1024], Cancel);
                var kept = 0;
                var body = new byte[40_000];
                ValueTask<int> Insert() => store.WriteAsync(transaction => transaction.ExecuteAsync("INSERT INTO t (body) VALUES (@body)", new { body }), Cancel);
                var fault = await Assert.ThrowsAsync<StoreUnavailableException>(async () =>
                {
                    while (kept < 1000)
                    {
                        await Insert();
                        kept++;
                    }
                });
                Assert.Contains("disk", fault.Message, StringComparison.Ordinal);
                Assert.InRange(kept, 1, 999);

                // Writers that share a commit with one that does not fit: the small ones are not harmed by more than their own truth.
                var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => await Record.ExceptionAsync(() => Insert().AsTask())));
                Assert.All(outcomes, static outcome => Assert.True(outcome is null or StoreUnavailableException));
                kept += outcomes.Count(static outcome => outcome is null);
                Assert.Equal(kept, await store.ReadAsync(reader => reader.FirstOrDefaultAsync<int>("SELECT count(*) FROM t"), Cancel));

                System.IO.File.Delete(ballast);
                await Insert();
                Assert.Equal(kept + 1, await store.ReadAsync(reader => reader.FirstOrDefaultAsync<int>("SELECT count(*) FROM t"), Cancel));
            }
        }
        finally
        {
            await RunAsync("umount", mounted);
        }
    }

    [Fact]
    public async Task Waiting_writes_share_a_commit()
    {
        var started = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => Task.Run(() => AddThingAsync($"{i}", "t_1/").AsTask())));
        Assert.Equal(2000, await FirstAsync<long>("SELECT count(*) FROM thing"));
        TestContext.Current.SendDiagnosticMessage($"2000 writes in {TimeProvider.System.GetElapsedTime(started).TotalMilliseconds:0} ms");
    }

    [Fact]
    public async Task A_store_of_normal_durability_passes_its_barrier_while_a_reader_holds_a_snapshot()
    {
        await using var projections = OpenFile(new SqliteStoreOptions { Path = Path.Combine(_directory.Path, "projections.db"), Name = "projections", Full = false });
        await projections.WriteAsync(transaction => transaction.ExecuteAsync("CREATE TABLE t (id INTEGER PRIMARY KEY)"), Cancel);
        await projections.ReadAsync(
            async reader =>
            {
                await reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM t");
                await projections.WriteAsync(transaction => transaction.ExecuteAsync("INSERT INTO t VALUES (1)"), Cancel);
                await projections.MakeDurableAsync(Cancel);
                return 0;
            },
            Cancel);
        Assert.Equal(1, await projections.ReadAsync(reader => reader.FirstOrDefaultAsync<long>("PRAGMA synchronous"), Cancel));
        Assert.Equal(1, await projections.ReadAsync(reader => reader.FirstOrDefaultAsync<long>("SELECT number FROM store_barrier"), Cancel));
    }

    [Fact]
    public async Task A_closed_store_says_so()
    {
        var store = OpenFile(new SqliteStoreOptions { Path = File, Name = "closed" });
        await store.DisposeAsync();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.WriteAsync(_ => ValueTask.FromResult(0), Cancel).AsTask());
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.ReadAsync(_ => ValueTask.FromResult(0), Cancel).AsTask());
    }

    private protected override ValueTask<IStore> OpenAsync() => ValueTask.FromResult<IStore>(OpenFile(new SqliteStoreOptions { Path = File, Name = "control" }));

    private protected override ValueTask CloseAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        await process.WaitForExitAsync(Cancel);
        Assert.Equal(0, process.ExitCode);
    }

    private static SqliteStore OpenFile(SqliteStoreOptions options) => SqliteStore.Open(options, TimeProvider.System, NullLogger<SqliteStore>.Instance);
}
