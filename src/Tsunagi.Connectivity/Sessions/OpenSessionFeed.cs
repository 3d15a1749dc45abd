using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Sessions;

/// <summary>Brings the sessions that other nodes took, and at start all open ones, to <see cref="OpenSessions"/>: every few seconds it reads what changed since, with an overlap for transactions that committed late.</summary>
internal sealed partial class OpenSessionFeed(Stores stores, OpenSessions open, TimeProvider time, ILogger<OpenSessionFeed> log) : BackgroundService
{
    private const int AtATime = 5_000;
    private const long OverlapMicros = 30 * UnixMicros.PerSecond;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private long _since = -1;

    public static void Note(OpenSessions open, SessionRow row)
    {
        if (row.LineId.Length == 0)
        {
            return;
        }

        if (row.EndedAt is null)
        {
            open.Seen(row.LineId, row.NasId, row.NasSessionId, row.Station, row.LastEventAt, row.InterimSeconds * UnixMicros.PerSecond);
        }
        else
        {
            open.Ended(row.LineId, row.NasId, row.NasSessionId, row.LastEventAt);
        }
    }

    /// <summary>One look.</summary>
    internal async ValueTask FollowAsync(CancellationToken cancellationToken)
    {
        var started = time.NowMicros();
        var (since, after) = (_since, "");
        while (true)
        {
            var rows = await stores.Control.ReadAsync(
                reader => reader.QueryAsync<SessionRow>(_since < 0 ? SessionStore.AllOpen : SessionStore.ChangedSince, new { Since = since, After = after, Limit = (long)AtATime }), cancellationToken);
            foreach (var row in rows)
            {
                Note(open, row);
            }

            if (rows.Count < AtATime)
            {
                break;
            }

            (since, after) = (rows[^1].UpdatedAt, rows[^1].Id);
        }

        _since = started - OverlapMicros;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(stoppingToken);
                await Task.Delay(Every, time, stoppingToken);
            }
            catch (StoreUnavailableException away)
            {
                LogAway(log, away);
                await Task.Delay(Every, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    [LoggerMessage(5151, LogLevel.Warning, "the store is away; simultaneous use is counted by this node's own sessions until it is back")]
    private static partial void LogAway(ILogger log, Exception exception);
}
