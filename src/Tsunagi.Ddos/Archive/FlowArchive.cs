using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Nodes;
using Tsunagi.Ddos.Archive.Rollups;
using Tsunagi.Ddos.Meters;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Archive;

/// <summary>
/// Keeps what routers told, on the node: (1) on the collector's turn a record is put into the open block, without an allocation; (2) a block that is full, or a few seconds old, is handed
/// to the writer, of whom nothing is ever waited for: when he has not taken the ones before, it is lost and counted; (3) the writer makes its octets and appends them
/// (<see cref="BlockWriter"/>, <see cref="FlowSegments"/>), (4) seals the segment when it is time, (5) and deletes what is too old or too much, once it is rolled up (<see cref="FlowRollups"/>). What a full or broken disk
/// does not take is lost and counted; detection goes on in any case.
/// </summary>
internal sealed partial class FlowArchive : IHostedService, IDisposable
{
    // In all: one is filled, one is written, and so many wait.
    private const int MostWaiting = 3;
    private const long MostAgeMilliseconds = 5_000;
    private const int LargestSegment = 64 * 1024 * 1024;
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan DeleteEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopIn = TimeSpan.FromSeconds(10);

    private readonly ArchiveOptions _options;
    private readonly DdosMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<FlowArchive> _log;
    private readonly bool _isUsed;
    private readonly BlockWriter _writer = new();
    private readonly Queue<FlowBlock> _waiting = new();
    private readonly Stack<FlowBlock> _spare = new();
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _handed = new(initialState: false);
    private FlowBlock? _open;
    private Thread? _thread;
    private long _sealedAt;
    private long _deletedAt;
    private int _blocks;
    private long _lost;
    private volatile bool _isStarted;
    private int _disposed;
    private bool _isFailing;
    private volatile bool _isStopping;

    public FlowArchive(DdosOptions options, IDisk disk, Node node, DdosMetrics metrics, TimeProvider time, ILogger<FlowArchive> log)
    {
        (_options, _metrics, _time, _log) = (options.Archive, metrics, time, log);
        _isUsed = options.Archive.IsKept && options.Collect.Listen.Count > 0;
        var directory = Path.Combine(node.DataDirectory, "flows");
        Segments = new FlowSegments(disk, directory);
        Rolled = new RollupFiles(disk, directory);
    }

    public FlowSegments Segments { get; }

    /// <summary>What was rolled up of them.</summary>
    public RollupFiles Rolled { get; }

    /// <summary>Records are kept, and the disk gave what is needed for it.</summary>
    public bool IsRunning => _isUsed && _isStarted;

    /// <summary>Records that were not kept since the start.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    public long Kept { get; private set; }

    /// <summary>Why nothing is kept just now; empty while all is well.</summary>
    public string Failure { get; private set; } = "";

    /// <summary>(1) and (2).</summary>
    /// <param name="owner">The subscription that protects the destination; empty when none does.</param>
    /// <param name="milliseconds">Unix time.</param>
    public void Add(in FlowRecord record, string exporter, string owner, long milliseconds)
    {
        if (!_isUsed || _isStopping)
        {
            return;
        }

        var block = _open ??= Take();
        if (block is null)
        {
            Lose(1);
            return;
        }

        block.Add(in record, exporter, owner, milliseconds);
        if (block.IsFull)
        {
            HandOver();
        }
    }

    /// <summary>(2) Once a look, on the collector's turn.</summary>
    public void Look(long milliseconds)
    {
        if (_open is { Count: > 0 } block && Math.Abs(milliseconds - block.First) >= MostAgeMilliseconds)
        {
            HandOver();
        }
    }

    /// <summary>(3) to (5): writes what waits. The writer's thread does nothing else; tests call it themselves.</summary>
    internal void Write()
    {
        while (Next() is { } block)
        {
            Write(block);
            block.Clear();
            lock (_gate)
            {
                _spare.Push(block);
            }
        }

        // (4)
        if (Segments.Current is { } current && (_time.GetElapsedTime(_sealedAt) >= _options.SealEvery || current.Bytes >= LargestSegment))
        {
            Try(Segments.Seal);
            _sealedAt = _time.GetTimestamp();
        }

        // (5)
        if (_deletedAt == 0 || _time.GetElapsedTime(_deletedAt) >= DeleteEvery)
        {
            _deletedAt = _time.GetTimestamp();
            var oldest = _time.GetUtcNow() - _options.Keep;
            Try(Segments.SealLeft);
            Try(() => Segments.Delete(oldest.ToUnixTimeMilliseconds(), _options.MostBytes, segment => Rolled.Holds(segment.Number)));
        }
    }

    /// <summary>What is in the open block waits to be written too. On the collector's turn.</summary>
    internal void HandOver()
    {
        if (_open is not { Count: > 0 } block)
        {
            return;
        }

        _open = null;
        lock (_gate)
        {
            if (_waiting.Count < MostWaiting)
            {
                _waiting.Enqueue(block);
                _handed.Set();
                return;
            }

            // The writer is behind: this one is lost, and used again.
            Lose(block.Count);
            block.Clear();
            _spare.Push(block);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!_isUsed)
        {
            return Task.CompletedTask;
        }

        Try(Start);
        _sealedAt = _time.GetTimestamp();
        _thread = new Thread(Run) { IsBackground = true, Name = "flow archive", Priority = ThreadPriority.BelowNormal };
        _thread.Start();
        return Task.CompletedTask;
    }

    /// <summary>The collector has stopped: what it told is written and sealed.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        if (_thread is { } thread)
        {
            HandOver();
            _isStopping = true;
            _handed.Set();
            thread.Join(StopIn);
            _thread = null;
        }

        return Task.CompletedTask;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _isStopping = true;
        _handed.Set();
        _thread?.Join(StopIn);
        Segments.Dispose();
        _handed.Dispose();
    }

    private void Run()
    {
        while (!_isStopping)
        {
            _handed.WaitOne(Every);
            Write();
        }

        Write();
        Try(Segments.Seal);
    }

    // (3)
    private void Write(FlowBlock block)
    {
        try
        {
            Start();
            if (Segments.FreeBytes < _options.LeastFreeBytes)
            {
                throw new DiskFullException($"less than {_options.LeastFreeBytes:N0} bytes are free");
            }

            // What is not rolled up is never deleted: where that does not come after, new records are lost and not old ones.
            if (Segments.Bytes > 2 * _options.MostBytes)
            {
                throw new DiskFullException($"more than twice {_options.MostBytes:N0} bytes are kept and not yet rolled up");
            }

            Segments.Append(_writer.Write(block).Span, block.First, block.Last, block.Count);
            Kept += block.Count;
            _metrics.FlowsKept(block.Count);
            Failure = "";
            if (_isFailing)
            {
                _isFailing = false;
                LogKeptAgain(_log, Lost);
            }
        }
        catch (IOException failed)
        {
            Lose(block.Count);
            Fail(failed);
        }
    }

    /// <summary>What could not be opened at the start is tried again with each block.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    internal void Start()
    {
        if (!_isStarted)
        {
            Rolled.Start();
            Segments.Start(Rolled.LastNumber);
            _isStarted = true;
        }
    }

    private void Try(Action act)
    {
        try
        {
            act();
        }
        catch (IOException failed)
        {
            Fail(failed);
        }
    }

    // Told once until it is well again; how much was lost is told by what watches the collector.
    private void Fail(IOException failed)
    {
        Failure = failed.Message;
        if (!_isFailing)
        {
            _isFailing = true;
            LogNotKept(_log, failed);
        }
    }

    private void Lose(int records)
    {
        Interlocked.Add(ref _lost, records);
        _metrics.FlowsNotKept(records);
    }

    private FlowBlock? Take()
    {
        lock (_gate)
        {
            if (_spare.TryPop(out var spare))
            {
                return spare;
            }

            if (_blocks == MostWaiting + 2)
            {
                return null;
            }

            _blocks++;
            return new FlowBlock();
        }
    }

    private FlowBlock? Next()
    {
        lock (_gate)
        {
            return _waiting.TryDequeue(out var block) ? block : null;
        }
    }

    [LoggerMessage(3141, LogLevel.Error, "flow records are not kept: the disk does not take them; detection goes on")]
    private static partial void LogNotKept(ILogger log, Exception exception);

    [LoggerMessage(3142, LogLevel.Information, "flow records are kept again; {Lost} were not since the start")]
    private static partial void LogKeptAgain(ILogger log, long lost);
}
