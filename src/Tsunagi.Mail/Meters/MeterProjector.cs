using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Meters;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Meters;

/// <summary>
/// Counts what is billed, from the spool's accept records, exactly once: (1) read records and add them up per subscription, meter and minute of
/// acceptance, (2) once a minute append the sums as one delta record together with the position behind what they hold. What was added up and not yet
/// appended is read again after a crash.
/// </summary>
internal sealed partial class MeterProjector(Stores stores, MailSpool spool, Node node, TimeProvider time, ILogger<MeterProjector> log) : BackgroundService
{
    private const int BatchRecords = 1_000;
    private const long MinuteMicros = 60 * UnixMicros.PerSecond;
    private static readonly TimeSpan ReadWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FlushEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetryWait = TimeSpan.FromSeconds(1);

    private readonly Dictionary<(string Subscription, long Minute), Sum> _sums = [];
    private LogPosition _read;
    private LogPosition _flushed;
    private long _sequence;
    private long _flushedAt;
    private Delta? _pending;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        SpoolConsumer? consumer = null;
        try
        {
            await FromStoreAsync(stoppingToken);

            // What the last run had counted and not appended is appended as soon as all of it has been read again.
            var (opening, first) = (0, true);
            _flushedAt = time.GetTimestamp();
            while (!stoppingToken.IsCancellationRequested)
            {
                if (consumer is null || opening != spool.Openings)
                {
                    consumer?.Dispose();
                    opening = spool.Openings;
                    consumer = spool.TryOpenConsumer(MailSpool.MeterConsumer, _read);
                }

                if (consumer is null)
                {
                    await Task.Delay(RetryWait, time, stoppingToken);
                    continue;
                }

                // (1)
                var batch = await consumer.ReadAsync(BatchRecords, ReadWait, stoppingToken);
                Count(batch);
                if (time.GetElapsedTime(_flushedAt) >= FlushEvery || (first && batch.Records.Count == 0))
                {
                    first = false;
                    await FlushAsync(consumer, stoppingToken);
                }

                if (batch.Records.Count is > 0 and < BatchRecords)
                {
                    await Task.Delay(Gather, time, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // It stops while it waits, or else in the midst of reading.
        }
        finally
        {
            await FlushAtStopAsync(consumer);
            consumer?.Dispose();
        }
    }

    private void Count(SpoolBatch batch)
    {
        foreach (var record in batch.Records)
        {
            if (record.Kind != SpoolRecordKind.Accept || !AcceptFacts.TryReadBilled(record.Facts.Span, out var billed))
            {
                continue;
            }

            var key = (billed.Subscription, billed.AcceptedMicros - (billed.AcceptedMicros % MinuteMicros));
            _sums[key] = _sums.TryGetValue(key, out var sum)
                ? sum with { Messages = sum.Messages + 1, Bytes = sum.Bytes + billed.SizeBytes }
                : new Sum(billed.TenantPath, 1, billed.SizeBytes);
        }

        _read = batch.End;
    }

    // (2)
    private async ValueTask FlushAsync(SpoolConsumer consumer, CancellationToken cancellationToken)
    {
        _flushedAt = time.GetTimestamp();
        if (_read == _flushed && _pending is null)
        {
            return;
        }

        var delta = _pending ??= TakeSums();
        try
        {
            await stores.Control.WriteAsync(transaction => AppendAsync(transaction, delta), cancellationToken);
        }
        catch (StoreUnavailableException away)
        {
            // Whether it was kept is not always known: the same delta is tried again, and the position says whether it is there.
            LogStoreAway(log, away);
            return;
        }

        _pending = null;
        _sequence = delta.Sequence;
        _flushed = delta.End;
        await stores.Control.MakeDurableAsync(cancellationToken);
        consumer.Commit(delta.End);
    }

    private Delta TakeSums()
    {
        var rows = new List<MeterDelta>(_sums.Count * 2);
        foreach (var ((subscription, minute), sum) in _sums)
        {
            rows.Add(new MeterDelta(sum.TenantPath, subscription, MailMeters.Messages, minute, sum.Messages));
            rows.Add(new MeterDelta(sum.TenantPath, subscription, MailMeters.Bytes, minute, sum.Bytes));
        }

        _sums.Clear();
        return new Delta(rows, _read, _sequence + (rows.Count > 0 ? 1 : 0));
    }

    private async ValueTask<bool> AppendAsync(ISqlTransaction transaction, Delta delta)
    {
        var there = await ConsumerPosition.ReadAsync(transaction, node.Name, MailSpool.MeterConsumer);
        if (there is not null && there.Position >= delta.End.Value)
        {
            return false;
        }

        await MeterDeltas.AppendAsync(transaction, node.Name, node.Boot, delta.Sequence, delta.Rows, time.NowMicros());
        await new ConsumerPosition(0, delta.End.Value, delta.Sequence).WriteAsync(transaction, node.Name, MailSpool.MeterConsumer);
        return true;
    }

    private async ValueTask FlushAtStopAsync(SpoolConsumer? consumer)
    {
        if (consumer is null)
        {
            return;
        }

        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(5), time);
        try
        {
            await FlushAsync(consumer, deadline.Token);
        }
        catch (OperationCanceledException)
        {
            // Read again at the next start.
        }
    }

    private async ValueTask FromStoreAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var position = await stores.Control.ReadAsync(
                    reader => ConsumerPosition.ReadAsync(reader, node.Name, MailSpool.MeterConsumer), cancellationToken);
                _read = _flushed = new LogPosition(position?.Position ?? 0);
                _sequence = position?.Sequence ?? 0;
                return;
            }
            catch (StoreUnavailableException away)
            {
                LogStoreAway(log, away);
                await Task.Delay(RetryWait, time, cancellationToken);
            }
        }
    }

    private sealed record Delta(IReadOnlyList<MeterDelta> Rows, LogPosition End, long Sequence);

    private sealed record Sum(string TenantPath, long Messages, long Bytes);

    [LoggerMessage(2401, LogLevel.Warning, "the store is away; the meters wait in the spool")]
    private static partial void LogStoreAway(ILogger log, Exception exception);
}
