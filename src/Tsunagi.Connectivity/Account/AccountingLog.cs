using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Nodes;

namespace Tsunagi.Connectivity.Account;

/// <summary>
/// The node's accounting: one log, one fsync for as many requests as came meanwhile. Opened before the sockets, closed after them. When the disk fails nothing is acknowledged any more
/// until it has been opened again; the NASes keep their records and send them to another node or later.
/// </summary>
internal sealed partial class AccountingLog(ConnectivityOptions options, Node node, IDisk disk, TimeProvider time, ILogger<AccountingLog> log) : IHostedService, IAsyncDisposable
{
    public const string Consumer = "connectivity.sessions";

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

    private string Directory => Path.Combine(node.DataDirectory, options.Account.Directory);

    /// <summary>Appends a record; completes when it is on the disk.</summary>
    /// <exception cref="IOException">It is not: the log is closed, full, or failed.</exception>
    public ValueTask<LogPosition> AppendAsync(ReadOnlyMemory<byte> record) =>
        (Stream ?? throw new LogPoisonedException("the accounting log is not open")).AppendAsync(AccountingRecord.Kind, record, CancellationToken.None);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Open();
        _keeping = KeepOpenAsync();
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
            disk, Directory,
            new LogStreamOptions { Segments = new SegmentLogOptions { SegmentBytes = options.Account.SegmentBytes, MaxBatchBytes = Math.Min(16 << 20, options.Account.SegmentBytes / 2), MaxRecordBytes = 64 << 10 }, Consumers = [new LogConsumerOptions(Consumer)] },
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
                LogFailed(log, Directory);
                await failed.DisposeAsync();
            }

            Open();
            LogOpenAgain(log, Directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogStillClosed(log, e, Directory);
        }
    }

    [LoggerMessage(5121, LogLevel.Error, "the accounting log in {Directory} failed; no accounting is acknowledged until it has been opened again")]
    private static partial void LogFailed(ILogger log, string directory);

    [LoggerMessage(5122, LogLevel.Warning, "the accounting log in {Directory} is open again")]
    private static partial void LogOpenAgain(ILogger log, string directory);

    [LoggerMessage(5123, LogLevel.Error, "opening the accounting log in {Directory} failed; it is tried again")]
    private static partial void LogStillClosed(ILogger log, Exception exception, string directory);
}
