using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Tsunagi.Core.Shards;

/// <summary>
/// The 256 loops of a node in which per-key state lives (a device, an attacked prefix, a tenant's limiter). A key always meets the same loop, so its
/// state needs no lock, and a key that is idle costs a row, not a channel of its own. What runs in a loop is synchronous: a shard never awaits a
/// peer. Input and output are done outside and their results posted back.
/// </summary>
public sealed partial class ShardLoops : IAsyncDisposable
{
    public const int Count = 256;

    private static readonly Counter<long> Refused = CoreMetrics.Meter.CreateCounter<long>("tsunagi.shards.refused", "{post}", "posts refused because a shard was full");

    [ThreadStatic]
    private static bool t_inside;

    private readonly Channel<IShardWork>[] _queues = new Channel<IShardWork>[Count];
    private readonly Task[] _loops = new Task[Count];
    private readonly ILogger<ShardLoops> _logger;

    public ShardLoops(ShardOptions options, ILogger<ShardLoops> logger)
    {
        Options = options;
        _logger = logger;
        for (var i = 0; i < Count; i++)
        {
            _queues[i] = Channel.CreateBounded<IShardWork>(new BoundedChannelOptions(options.Queue) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
            _loops[i] = RunAsync(_queues[i].Reader);
        }
    }

    internal ShardOptions Options { get; }

    /// <summary>True on a thread that runs a shard's work: there nothing may be waited for.</summary>
    internal static bool IsInside => t_inside;

    /// <summary>What was posted before is still done.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var queue in _queues)
        {
            queue.Writer.TryComplete();
        }

        await Task.WhenAll(_loops);
    }

    internal bool TryPost(int shard, IShardWork work)
    {
        if (_queues[shard].Writer.TryWrite(work))
        {
            return true;
        }

        CountRefused();
        return false;
    }

    internal ValueTask PostAsync(int shard, IShardWork work, CancellationToken cancellationToken)
    {
        if (t_inside)
        {
            throw new InvalidOperationException("a shard must not wait for another: post with TryPost, or do the waiting outside");
        }

        return _queues[shard].Writer.WriteAsync(work, cancellationToken);
    }

    internal static void CountRefused() => Refused.Add(1);

    private async Task RunAsync(ChannelReader<IShardWork> queue)
    {
        while (await queue.WaitToReadAsync(CancellationToken.None))
        {
            t_inside = true;
            try
            {
                while (queue.TryRead(out var work))
                {
                    try
                    {
                        work.Run();
                    }
                    catch (Exception fault)
                    {
                        // One key's fault must not stop the loop of its neighbours.
                        LogWorkFailed(fault);
                    }
                }
            }
            finally
            {
                t_inside = false;
            }
        }
    }

    [LoggerMessage(140, LogLevel.Error, "work in a shard failed")]
    private partial void LogWorkFailed(Exception fault);
}

/// <summary>One post to a shard.</summary>
internal interface IShardWork
{
    void Run();
}
