using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity.Meters;
using Tsunagi.Connectivity.Sessions;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Account;

/// <summary>
/// Closes sessions of which nothing was heard any more: (1) open ones that are silent for longer than allowed and for three of their intervals, (2) each at the time it was last alive, its
/// usage as last reported and nothing added; (3) many of one NAS at once are one event. A report that comes later opens the session again. (4) Once an hour what is older than it is kept is
/// deleted. Any node may do it: a session that another closed is not closed twice.
/// </summary>
internal sealed partial class SessionSweeper(Stores stores, ConnectivityOptions options, Outbox outbox, ConnectivityMetrics metrics, OpenSessions open, TimeProvider time, ILogger<SessionSweeper> log) : BackgroundService
{
    private const int AtATime = 500;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DeleteEvery = TimeSpan.FromHours(1);

    private long _deletedAt;

    /// <summary>One look; returns how many were closed.</summary>
    internal async ValueTask<int> SweepAsync(CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        var closed = await stores.Control.WriteAsync(transaction => SweepAsync(transaction, now), cancellationToken);
        foreach (var row in closed)
        {
            OpenSessionFeed.Note(open, row);
        }

        metrics.SessionsLost(closed.Count);
        return closed.Count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            using var timer = new PeriodicTimer(Every, time);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    while (await SweepAsync(stoppingToken) == AtATime)
                    {
                        // There are more.
                    }

                    await DeleteAsync(stoppingToken);
                }
                catch (StoreUnavailableException away)
                {
                    LogAway(log, away);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    private async ValueTask<List<SessionRow>> SweepAsync(ISqlTransaction transaction, long now)
    {
        // (1)
        var rows = await transaction.QueryAsync<SessionRow>(
            $"""
            SELECT {SessionStore.Columns} FROM connectivity_session WHERE ended_at IS NULL AND last_seen_at < @Before AND last_seen_at + 3 * interim_seconds * 1000000 < @Now ORDER BY last_seen_at, id LIMIT @Limit
            """,
            new { Before = now - (long)options.Account.LostAfter.TotalMicroseconds, Now = now, Limit = (long)AtATime });
        // (2)
        var closed = rows.Select(row => row.Presume(SessionRow.LostInterim, now)).ToList();
        await SessionRows.WriteAsync(transaction, closed);
        await SessionHoldings.WriteAsync(transaction, rows.Zip(closed, static (row, over) => SessionHoldings.Between(row, over, over.EndedAt!.Value)).SelectMany(static steps => steps));

        // (3)
        var provider = closed.Count < options.Account.ManyLost
            ? null
            : await ProviderTenant.PathAsync(transaction);
        foreach (var lost in provider is null ? [] : closed.GroupBy(static row => row.NasId).Where(group => group.Count() >= options.Account.ManyLost))
        {
            await outbox.AppendAsync(transaction, new Event(
                Id.New("e", time), SessionEvents.SessionsLost, now, provider!, lost.Key, JsonSerializer.Serialize(new { nas = lost.First().NasName, sessions = lost.Count(), silent = true })));
        }

        return closed;
    }

    // (4)
    private async ValueTask DeleteAsync(CancellationToken cancellationToken)
    {
        if (_deletedAt != 0 && time.GetElapsedTime(_deletedAt) < DeleteEvery)
        {
            return;
        }

        _deletedAt = time.GetTimestamp();
        var before = time.NowMicros() - (long)options.Account.SessionsKept.TotalMicroseconds;
        var deleted = AtATime;
        while (deleted == AtATime)
        {
            deleted = await stores.Control.WriteAsync(
                async transaction =>
                {
                    var ids = await transaction.QueryAsync<string>("SELECT id FROM connectivity_session WHERE ended_at < @Before ORDER BY ended_at, id LIMIT @Limit", new { Before = before, Limit = (long)AtATime });
                    foreach (var id in ids)
                    {
                        await transaction.ExecuteAsync("DELETE FROM connectivity_usage WHERE session_id = @Id", new { Id = id });
                        await transaction.ExecuteAsync("DELETE FROM connectivity_session_act WHERE session_id = @Id", new { Id = id });
                        await transaction.ExecuteAsync("DELETE FROM connectivity_session WHERE id = @Id", new { Id = id });
                    }

                    return ids.Count;
                },
                cancellationToken);
        }
    }

    [LoggerMessage(5161, LogLevel.Warning, "the store is away; silent sessions are closed when it is back")]
    private static partial void LogAway(ILogger log, Exception exception);
}
