namespace Tsunagi.Core.Logs;

/// <summary>
/// A named reader that the log waits for. It reads batches of synced records, applies each in one transaction of its own store together with
/// <see cref="LogBatch.End"/>, and reports that position with <see cref="Commit"/> once the transaction is durable: so every record takes effect
/// exactly once. For one reader at a time.
/// </summary>
public sealed class LogConsumer : IDisposable
{
    private readonly LogStream _stream;
    private readonly LogReader _reader;
    private readonly LogBatch _batch = new();
    private long _committed;
    private volatile bool _dropped;

    internal LogConsumer(LogStream stream, LogConsumerOptions options, LogPosition from)
    {
        _stream = stream;
        Options = options;
        _committed = from.Value;
        _reader = stream.Log.OpenReader(from);
    }

    public LogConsumerOptions Options { get; }

    public string Name => Options.Name;

    /// <summary>Everything before it has taken effect durably.</summary>
    public LogPosition Committed => new(Volatile.Read(ref _committed));

    /// <summary>True once its lag limit made the log drop it; then reading throws.</summary>
    public bool IsDropped => _dropped;

    /// <summary>
    /// The next records, at least one, or none when nothing came within <paramref name="wait"/>. The batch and its memory belong to the consumer
    /// and hold until the next call.
    /// </summary>
    /// <exception cref="LogConsumerDroppedException">It lagged too far behind.</exception>
    public async ValueTask<LogBatch> ReadAsync(int maxRecords, TimeSpan wait, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Fill(maxRecords);
        if (_batch.Count == 0 && wait > TimeSpan.Zero)
        {
            try
            {
                await _stream.Log.WaitForMoreAsync(_reader.Position, wait, cancellationToken);
            }
            catch (TimeoutException)
            {
                return _batch;
            }

            Fill(maxRecords);
        }

        return _batch;
    }

    /// <summary>Tells the log that everything before this position has taken effect durably.</summary>
    public void Commit(LogPosition position)
    {
        if (position > Committed)
        {
            Volatile.Write(ref _committed, position.Value);
            _stream.LookAtConsumers();
        }
    }

    public void Dispose() => _reader.Dispose();

    internal void Drop() => _dropped = true;

    private void Fill(int maxRecords)
    {
        if (_dropped)
        {
            throw new LogConsumerDroppedException($"consumer {Name} was dropped: it lagged more than {Options.LagLimitBytes} bytes behind");
        }

        _batch.Reset(_reader.Position);
        while (_batch.Count < maxRecords && !_batch.IsFull && _reader.TryRead(out var record))
        {
            _batch.Add(record);
        }

        _batch.End = _reader.Position;
    }
}
