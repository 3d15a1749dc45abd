namespace Tsunagi.Core.Logs;

/// <summary>
/// A named consumer of the spool: reads accepts, notes and removes in their order, applies them in one transaction of its own store together with
/// <see cref="SpoolBatch.End"/>, then reports that position. For one reader at a time.
/// </summary>
public sealed class SpoolConsumer : IDisposable
{
    private readonly LogConsumer _consumer;

    internal SpoolConsumer(LogConsumer consumer) => _consumer = consumer;

    public string Name => _consumer.Name;

    public LogPosition Committed => _consumer.Committed;

    public bool IsDropped => _consumer.IsDropped;

    /// <summary>
    /// The next records, or none when nothing came within <paramref name="wait"/>. A batch without records may still have moved
    /// <see cref="SpoolBatch.End"/>, past what consumers are not shown; commit that too.
    /// </summary>
    /// <exception cref="LogConsumerDroppedException">It lagged too far behind.</exception>
    public async ValueTask<SpoolBatch> ReadAsync(int maxRecords, TimeSpan wait, CancellationToken cancellationToken)
    {
        var batch = await _consumer.ReadAsync(maxRecords, wait, cancellationToken);
        var records = new List<SpoolRecord>(batch.Count);
        foreach (var entry in batch)
        {
            if (TryShow(entry, out var record))
            {
                records.Add(record);
            }
        }

        return new SpoolBatch(records, batch.End);
    }

    /// <inheritdoc cref="LogConsumer.Commit"/>
    public void Commit(LogPosition position) => _consumer.Commit(position);

    public void Dispose() => _consumer.Dispose();

    private static bool TryShow(in LogEntry entry, out SpoolRecord record)
    {
        record = default;
        var bytes = entry.Facts;
        switch (entry.Kind)
        {
            case Spool.AcceptKind:
                if (!SpoolRecordFormat.TryReadAccept(bytes.Span, entry.Position, out var accepted, out var body, out _))
                {
                    return false;
                }

                record = new SpoolRecord(
                    entry.Position, SpoolRecordKind.Accept, accepted, entry.TimeMicros, bytes[SpoolRecordFormat.AcceptPrefix..], body.Length);
                return true;
            case Spool.NoteKind or Spool.RemoveKind when bytes.Length >= SpoolRecordFormat.IdPrefix:
                record = new SpoolRecord(
                    entry.Position, (SpoolRecordKind)entry.Kind, SpoolId.Read(bytes.Span), entry.TimeMicros, bytes[SpoolRecordFormat.IdPrefix..], 0);
                return true;
            default:
                return false;
        }
    }
}

/// <summary>Records read together, and the position to commit with their effect.</summary>
public sealed record SpoolBatch(IReadOnlyList<SpoolRecord> Records, LogPosition End);
