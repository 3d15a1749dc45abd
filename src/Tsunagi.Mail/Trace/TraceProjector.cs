using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Trace;

/// <summary>
/// Makes the trace and the events from the spool's records, exactly once each: (1) read a batch of synced records, (2) fold it by message,
/// (3) write its rows and events and the position behind it in one transaction, (4) let the spool's segments go when that is durable.
/// While the database is away mail goes on being accepted and delivered; the projection catches up when it is back.
/// </summary>
internal sealed partial class TraceProjector(
    Stores stores, MailSpool spool, EventCatalogue catalogue, EventSignal signal, Node node, TimeProvider time, ILogger<TraceProjector> log) : BackgroundService
{
    private const int BatchRecords = 500;
    private static readonly TimeSpan ReadWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan RetryWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DurableEvery = TimeSpan.FromSeconds(10);

    private LogPosition _position;
    private LogPosition _committed;
    private long _durableAt;

    /// <summary>Everything before it is in the trace.</summary>
    internal LogPosition Position => _position;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            _position = _committed = await FromStoreAsync(stoppingToken);
            while (!stoppingToken.IsCancellationRequested)
            {
                await ProjectOpeningAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The position is in the store: the next start goes on from there.
        }
    }

    /// <summary>Until the spool is closed, for good or to be opened again.</summary>
    private async ValueTask ProjectOpeningAsync(CancellationToken stoppingToken)
    {
        var opening = spool.Openings;
        if (spool.TryOpenConsumer(MailSpool.TraceConsumer, _position) is not { } opened)
        {
            await Task.Delay(RetryWait, time, stoppingToken);
            return;
        }

        using var consumer = opened;
        while (opening == spool.Openings)
        {
            // (1)
            var batch = await consumer.ReadAsync(BatchRecords, ReadWait, stoppingToken);
            if (batch.End > _position)
            {
                await ProjectAsync(batch, stoppingToken);
            }

            await LetGoAsync(consumer, stoppingToken);
            if (batch.Records.Count is > 0 and < BatchRecords)
            {
                // A transaction costs as much as ten messages: let a few gather.
                await Task.Delay(Gather, time, stoppingToken);
            }
        }
    }

    private async ValueTask<LogPosition> FromStoreAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var position = await stores.Projections.ReadAsync(
                    reader => ConsumerPosition.ReadAsync(reader, node.Name, MailSpool.TraceConsumer), cancellationToken);
                return new LogPosition(position?.Position ?? 0);
            }
            catch (StoreUnavailableException away)
            {
                LogStoreAway(log, away);
                await Task.Delay(RetryWait, time, cancellationToken);
            }
        }
    }

    private async ValueTask ProjectAsync(SpoolBatch records, CancellationToken cancellationToken)
    {
        // (2)
        var batch = TraceBatch.From(records.Records);
        if (batch.Unreadable > 0)
        {
            LogUnreadable(log, batch.Unreadable, records.End.ToString());
        }

        // (3)
        while (true)
        {
            try
            {
                await stores.Projections.WriteAsync(transaction => WriteAsync(transaction, batch, records.End), cancellationToken);
                break;
            }
            catch (StoreUnavailableException away)
            {
                LogStoreAway(log, away);
                await Task.Delay(RetryWait, time, cancellationToken);
            }
        }

        _position = records.End;
        signal.Pulse();
    }

    private async ValueTask<bool> WriteAsync(ISqlTransaction transaction, TraceBatch batch, LogPosition end)
    {
        await EventWriter.LockFeedAsync(transaction);
        await TraceWriter.WriteAsync(transaction, batch);
        await EventWriter.AppendAsync(transaction, batch.Events, catalogue);
        await new ConsumerPosition(0, end.Value, 0).WriteAsync(transaction, node.Name, MailSpool.TraceConsumer);
        return true;
    }

    // (4)
    private async ValueTask LetGoAsync(SpoolConsumer consumer, CancellationToken cancellationToken)
    {
        if (_committed == _position || (_durableAt != 0 && time.GetElapsedTime(_durableAt) < DurableEvery))
        {
            return;
        }

        var position = _position;
        try
        {
            await stores.Projections.MakeDurableAsync(cancellationToken);
            consumer.Commit(position);
            _committed = position;
        }
        catch (StoreUnavailableException away)
        {
            LogStoreAway(log, away);
        }

        _durableAt = time.GetTimestamp();
    }

    [LoggerMessage(2301, LogLevel.Warning, "the store is away; the trace waits in the spool")]
    private static partial void LogStoreAway(ILogger log, Exception exception);

    [LoggerMessage(2302, LogLevel.Error, "{Count} records before {Position} of the mail spool could not be read and are not in the trace")]
    private static partial void LogUnreadable(ILogger log, int count, string position);
}
