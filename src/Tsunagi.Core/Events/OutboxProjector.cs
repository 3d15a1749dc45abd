using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;

namespace Tsunagi.Core.Events;

/// <summary>
/// Moves events from the control store's outbox to the feed: (1) read the oldest rows, (2) append them to the feed, which leaves those it has
/// already as they are, (3) delete them from the outbox, (4) tell the feed's readers. A crash between (2) and (3) repeats (2) without effect.
/// </summary>
public sealed partial class OutboxProjector(
    Stores stores, EventCatalogue catalogue, OutboxSignal signal, EventSignal readers, TimeProvider time, ILogger<OutboxProjector> log) : BackgroundService
{
    private const int BatchSize = 200;
    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await MoveAsync(stoppingToken) < BatchSize)
                {
                    await signal.WaitAsync(PollEvery, time, stoppingToken);
                }
            }
            catch (StoreUnavailableException e)
            {
                LogStoreAway(log, e);
                await Task.Delay(PollEvery, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // What cannot be moved now must not stop the program: the rows stay, the log says why.
                LogFailed(log, e);
                await Task.Delay(PollEvery, time, stoppingToken);
            }
        }
    }

    /// <summary>Moves one batch and returns how many events it held.</summary>
    internal async ValueTask<int> MoveAsync(CancellationToken cancellationToken)
    {
        // (1)
        var rows = await stores.Control.ReadAsync(
            static reader => reader.QueryAsync<OutboxRow>($"SELECT position, event FROM outbox ORDER BY position LIMIT {BatchSize}"), cancellationToken);
        if (rows.Count == 0)
        {
            return 0;
        }

        var events = rows.Select(static row => JsonSerializer.Deserialize<Event>(row.Event)!).ToList();

        // (2)
        await stores.Projections.WriteAsync(
            async transaction =>
            {
                await EventWriter.LockFeedAsync(transaction);
                await EventWriter.AppendAsync(transaction, events, catalogue);
                return true;
            },
            cancellationToken);
        await stores.Projections.MakeDurableAsync(cancellationToken);

        // (3)
        await stores.Control.WriteAsync(
            async transaction =>
            {
                foreach (var row in rows)
                {
                    await transaction.ExecuteAsync("DELETE FROM outbox WHERE position = @Position", new { row.Position });
                }

                return true;
            },
            cancellationToken);

        // (4)
        readers.Pulse();
        return rows.Count;
    }

    private sealed record OutboxRow(long Position, string Event);

    [LoggerMessage(1101, LogLevel.Warning, "the store is away; events wait in the outbox")]
    private static partial void LogStoreAway(ILogger log, Exception exception);

    [LoggerMessage(1102, LogLevel.Error, "moving events from the outbox failed; they wait and are tried again")]
    private static partial void LogFailed(ILogger log, Exception exception);
}
