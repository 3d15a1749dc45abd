using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Logs;

namespace Tsunagi.Connectivity.Journals;

/// <summary>
/// A log of this node that requests are written to before they are answered: one fsync for as many as came meanwhile. Opened before the sockets, closed after them. When the disk fails nothing is
/// acknowledged any more until the log has been opened again, which is tried once a second; who asked asks again, here or another node.
/// </summary>
/// <param name="what">"accounting": what the program's log calls it by.</param>
internal abstract partial class Journal(string what, string directory, int segmentBytes, string consumer, IDisk disk, TimeProvider time, ILogger log) : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private bool _disposed;
    private LogStream? _stream;
    private Task _keeping = Task.CompletedTask;
    private int _openings;

    /// <summary>Grows with each opening, so that readers know when theirs is of an earlier one.</summary>
    public int Openings => Volatile.Read(ref _openings);

    /// <summary>Null between two openings.</summary>
    public LogStream? Stream => Volatile.Read(ref _stream) is { Log.IsHealthy: true } stream ? stream : null;

    /// <summary>How long a batch of it waits for more; see <see cref="SegmentLogOptions.GatherFor"/>.</summary>
    protected virtual TimeSpan GatherFor => TimeSpan.Zero;

    /// <summary>False for a log that nobody writes to and that holds nothing: it is not opened.</summary>
    protected virtual bool IsWanted => true;

    /// <summary>True when an earlier start has left something.</summary>
    protected bool HasFiles => disk.List(directory).Count > 0;

    /// <summary>Appends a record; completes when it is on the disk.</summary>
    /// <exception cref="IOException">It is not: the log is closed, full, or failed.</exception>
    protected ValueTask<LogPosition> AppendAsync(byte kind, ReadOnlyMemory<byte> record) =>
        (Stream ?? throw new LogPoisonedException($"the {what} log is not open")).AppendAsync(kind, record, CancellationToken.None);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (IsWanted)
        {
            Open();
            _keeping = KeepOpenAsync();
        }

        return Task.CompletedTask;
    }

    /// <summary>Nothing happens when it is disposed already: a host that failed to start is stopped behind that.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Volatile.Read(ref _disposed) ? Task.CompletedTask : CloseAsync();

    private async Task CloseAsync()
    {
        await _stopping.CancelAsync();
        await _keeping;
        if (Interlocked.Exchange(ref _stream, null) is { } stream)
        {
            await stream.DisposeAsync();
        }
    }

    /// <summary>May be called twice: the container disposes it as itself and as what it hosts.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        await CloseAsync();
        _stopping.Dispose();
    }

    private void Open()
    {
        var stream = LogStream.Open(
            disk, directory,
            new LogStreamOptions { Segments = new SegmentLogOptions { SegmentBytes = segmentBytes, MaxBatchBytes = Math.Min(16 << 20, segmentBytes / 2), MaxRecordBytes = 64 << 10, GatherFor = GatherFor }, Consumers = [new LogConsumerOptions(consumer)] },
            time, log, LogNotices.None);
        Volatile.Write(ref _stream, stream);
        Interlocked.Increment(ref _openings);
    }

    private async Task KeepOpenAsync()
    {
        try
        {
            using var timer = new PeriodicTimer(LookEvery, time);
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                if (Stream is null)
                {
                    await ReopenAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The program stops.
        }
    }

    private async Task ReopenAsync()
    {
        try
        {
            if (Interlocked.Exchange(ref _stream, null) is { } failed)
            {
                LogFailed(log, what, directory);
                await failed.DisposeAsync();
            }

            Open();
            LogOpenAgain(log, what, directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogStillClosed(log, e, what, directory);
        }
    }

    [LoggerMessage(5121, LogLevel.Error, "the {What} log in {Directory} failed; nothing of it is acknowledged until it has been opened again")]
    private static partial void LogFailed(ILogger log, string what, string directory);

    [LoggerMessage(5122, LogLevel.Warning, "the {What} log in {Directory} is open again")]
    private static partial void LogOpenAgain(ILogger log, string what, string directory);

    [LoggerMessage(5123, LogLevel.Error, "opening the {What} log in {Directory} failed; it is tried again")]
    private static partial void LogStillClosed(ILogger log, Exception exception, string what, string directory);
}
