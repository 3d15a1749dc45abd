using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Store;

namespace Tsunagi.Core.Events;

/// <summary>
/// Moves events from the control store's outbox to the feed, on the one node that holds the lease: (1) read the oldest rows, (2) append them to the feed,
/// which leaves those it has already as they are, (3) delete them from the outbox, (4) tell the feed's readers on every node. A crash between (2) and (3)
/// repeats (2) without effect. A holder that was stopped past its lease finds a newer epoch at (2) or (3), and nothing of that transaction is kept.
/// </summary>
public sealed partial class OutboxProjector(
    Stores stores, EventCatalogue catalogue, ILeases leases, OutboxSignal signal, EventSignal readers, TimeProvider time, ILogger<OutboxProjector> log) : BackgroundService
{
    /// <summary>The lease, as the operator reads it.</summary>
    public const string LeaseName = "events.outbox";

    private const string FeedChannel = "event_feed";
    private const int BatchSize = 200;
    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(leases.HoldAsync(LeaseName, FollowAsync, stoppingToken), TellReadersAsync(stoppingToken));

    /// <summary>Moves one batch and returns how many events it held.</summary>
    /// <exception cref="StaleLeaseException">Another node moves them now.</exception>
    internal async ValueTask<int> MoveAsync(ILease lease, CancellationToken cancellationToken)
    {
        // (1)
        var rows = await stores.Control.ReadAsync(
            static reader => reader.QueryAsync<OutboxRow>($"SELECT position, event FROM outbox ORDER BY position LIMIT {BatchSize}"), cancellationToken);
        if (rows.Count == 0)
        {
            return 0;
        }

        var events = rows.Select(static row => JsonSerializer.Deserialize<Event>(row.Event)!).ToList();

        // (2) The feed's lock comes first, so that the guard looks at what is true after the wait for it.
        await stores.Projections.WriteAsync(
            async transaction =>
            {
                await EventWriter.LockFeedAsync(transaction);
                await lease.GuardAsync(transaction);
                await EventWriter.AppendAsync(transaction, events, catalogue);
                return true;
            },
            cancellationToken);
        await stores.Projections.MakeDurableAsync(cancellationToken);

        // (3)
        await stores.Control.WriteAsync(
            async transaction =>
            {
                await lease.GuardAsync(transaction);
                foreach (var row in rows)
                {
                    await transaction.ExecuteAsync("DELETE FROM outbox WHERE position = @Position", new { row.Position });
                }

                return true;
            },
            cancellationToken);

        // (4)
        stores.Projections.Hints.Raise(FeedChannel);
        return rows.Count;
    }

    private async Task FollowAsync(ILease lease, CancellationToken lost)
    {
        using var more = signal.Listen();
        while (!lost.IsCancellationRequested)
        {
            try
            {
                if (await MoveAsync(lease, lost) < BatchSize)
                {
                    await more.WaitAsync(PollEvery, lost);
                }
            }
            catch (StoreUnavailableException e)
            {
                LogStoreAway(log, e);
                await Task.Delay(PollEvery, time, lost);
            }
            catch (Exception e) when (e is not (OperationCanceledException or StaleLeaseException))
            {
                // What cannot be moved now must not stop the program: the rows stay, the log says why.
                LogFailed(log, e);
                await Task.Delay(PollEvery, time, lost);
            }
        }
    }

    /// <summary>Whichever node moved the events, this one's readers hear of it.</summary>
    private async Task TellReadersAsync(CancellationToken stoppingToken)
    {
        using var moved = stores.Projections.Hints.Listen(FeedChannel);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await moved.WaitAsync(Timeout.InfiniteTimeSpan, stoppingToken))
                {
                    readers.Pulse();
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private sealed record OutboxRow(long Position, string Event);

    [LoggerMessage(1101, LogLevel.Warning, "the store is away; events wait in the outbox")]
    private static partial void LogStoreAway(ILogger log, Exception exception);

    [LoggerMessage(1102, LogLevel.Error, "moving events from the outbox failed; they wait and are tried again")]
    private static partial void LogFailed(ILogger log, Exception exception);
}
