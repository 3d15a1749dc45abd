using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Shards;

namespace Tsunagi.Tests.Core.Shards;

public sealed class Shard_loops
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Posts_to_a_key_run_one_after_another_in_order()
    {
        await using var shards = New(new ShardOptions());
        var table = new ShardTable<string, List<int>>(shards, static _ => []);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(key => Task.Run(async () =>
        {
            for (var i = 0; i < 500; i++)
            {
                await table.PostAsync($"{key}", i, static (row, n) => row.Add(n), Cancel);
            }
        })));
        for (var key = 0; key < 40; key++)
        {
            Assert.Equal(Enumerable.Range(0, 500), await table.AskAsync($"{key}", static row => row.ToList(), Cancel));
        }
    }

    [Fact]
    public async Task A_full_shard_refuses_or_lets_wait_and_its_neighbours_go_on()
    {
        await using var shards = New(new ShardOptions { Queue = 4 });
        var table = new ShardTable<string, object>(shards, static _ => new object());
        using var gate = new ManualResetEventSlim();
        using var inside = new ManualResetEventSlim();
        Assert.True(table.TryPost("a", (gate, inside), static (_, gates) =>
        {
            gates.inside.Set();
            gates.gate.Wait(TimeSpan.FromSeconds(5), CancellationToken.None);
        }));
        Assert.True(inside.Wait(TimeSpan.FromSeconds(5), Cancel));
        for (var i = 0; i < 4; i++)
        {
            Assert.True(table.TryPost("a", 0, static (_, _) => { }));
        }

        Assert.False(table.TryPost("a", 0, static (_, _) => { }));
        var waiting = table.PostAsync("a", 0, static (_, _) => { }, Cancel).AsTask();
        Assert.False(waiting.IsCompleted);
        Assert.Equal(1, await table.AskAsync("b", static _ => 1, Cancel));
        gate.Set();
        await waiting.WaitAsync(TimeSpan.FromSeconds(5), Cancel);
    }

    [Fact]
    public async Task A_fault_of_one_key_stops_neither_its_shard_nor_its_asker()
    {
        await using var shards = New(new ShardOptions());
        var table = new ShardTable<string, object>(shards, static _ => new object());
        Assert.True(table.TryPost("a", 0, static (_, _) => throw new InvalidDataException("bad")));
        await Assert.ThrowsAsync<InvalidDataException>(() => table.AskAsync<int>("a", static _ => throw new InvalidDataException("bad"), Cancel).AsTask());
        Assert.Equal(1, await table.AskAsync("a", static _ => 1, Cancel));
    }

    [Fact]
    public async Task A_shard_cannot_wait_for_a_peer()
    {
        await using var shards = New(new ShardOptions());
        var table = new ShardTable<string, object>(shards, static _ => new object());
#pragma warning disable VSTHRD002 // Waiting is what the shard must refuse.
        var fault = await table.AskAsync("a", _ => Record.Exception(() => table.AskAsync("b", static _ => 1, Cancel).AsTask().GetAwaiter().GetResult()), Cancel);
#pragma warning restore VSTHRD002
        Assert.IsType<InvalidOperationException>(fault);
        Assert.True(await table.AskAsync("a", _ => table.TryPost("b", 0, static (_, _) => { }), Cancel));
    }

    [Fact]
    public async Task Rows_are_bounded_and_a_sweep_makes_room()
    {
        await using var shards = New(new ShardOptions { RowsPerShard = 1 });
        var table = new ShardTable<int, StrongInt>(shards, static _ => new StrongInt());
        var full = 0;
        for (var key = 0; key < 1000; key++)
        {
            full += await Record.ExceptionAsync(() => table.AskAsync(key, static row => row.Value = 1, Cancel).AsTask()) is InvalidOperationException ? 1 : 0;
        }

        Assert.InRange(1000 - full, 240, ShardLoops.Count);
        var seen = 0;
        await table.SweepAsync((_, row) => { Interlocked.Add(ref seen, row.Value); return false; }, Cancel);
        Assert.Equal(1000 - full, seen);
        Assert.Equal(0, await table.AskAsync(7, static row => row.Value, Cancel));
    }

    [Fact]
    public async Task Closing_does_what_was_posted_before()
    {
        var shards = New(new ShardOptions());
        var table = new ShardTable<int, StrongInt>(shards, static _ => new StrongInt());
        var done = 0;
        for (var key = 0; key < 500; key++)
        {
            Assert.True(table.TryPost(key, 0, (_, _) => Interlocked.Increment(ref done)));
        }

        await shards.DisposeAsync();
        Assert.Equal(500, done);
        Assert.False(table.TryPost(1, 0, static (_, _) => { }));
    }

    private static ShardLoops New(ShardOptions options) => new(options, NullLogger<ShardLoops>.Instance);

    private sealed class StrongInt
    {
        public int Value { get; set; }
    }
}
