using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Sla;

/// <summary>
/// Makes outages of sessions that were lost together: every few seconds (1) it reads the sessions that ended lately without their users' wish, (2) takes those of an access server and minute that are many
/// (as <c>connectivity.account.manyLost</c> says: one lost session is a router switched off), (3) enters an outage for each line that has no other session, from the session's end to the line's next one,
/// and (4) ends those that last when the line connects again or is ended. An outage's id is that of its session, so any node may do it, and again.
/// </summary>
internal sealed partial class IncidentWatch(Stores stores, ConnectivityOptions options, TimeProvider time, ILogger<IncidentWatch> log) : BackgroundService
{
    private const int AtATime = 100;
    private const int MostRead = 50_000;
    private const int MostRemembered = 200_000;
    private const long MinuteMicros = 60 * UnixMicros.PerSecond;
    private const long LatelyMicros = 15 * MinuteMicros;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private readonly HashSet<string> _entered = new(StringComparer.Ordinal);

    /// <summary>One look.</summary>
    internal async ValueTask LookAsync(CancellationToken cancellationToken)
    {
        // (1)
        var lost = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<Lost>(
                """
                SELECT id, nas_id, ended_at FROM connectivity_session WHERE updated_at > @Since AND ended_at IS NOT NULL AND line_id <> '' AND subscription_id <> ''
                  AND cause IN ('Lost-Carrier', 'Lost-Service', 'Admin-Reboot', 'Port-Error', 'NAS-Error', 'NAS-Reboot', 'Lost-Power', 'Service-Unavailable') ORDER BY updated_at, id LIMIT @Limit
                """,
                new { Since = time.NowMicros() - LatelyMicros, Limit = (long)MostRead }),
            cancellationToken);

        // (2)
        var together = lost.GroupBy(static each => (each.NasId, Minute: each.EndedAt / MinuteMicros)).Where(group => group.Count() >= options.Account.ManyLost).SelectMany(static group => group)
            .Where(each => !_entered.Contains(each.Id)).ToList();

        // (3)
        foreach (var part in together.Chunk(AtATime))
        {
            await stores.Control.WriteAsync(
                async transaction =>
                {
                    foreach (var each in part)
                    {
                        await EnterAsync(transaction, each);
                    }

                    return true;
                },
                cancellationToken);
            _entered.UnionWith(part.Select(static each => each.Id));
        }

        if (_entered.Count > MostRemembered)
        {
            _entered.Clear();
        }

        // (4)
        await stores.Control.WriteAsync(EndAsync, cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Looks.RunAsync("sessions that were lost together", Every, LookAsync, away => LogAway(log, away), time, log, stoppingToken);

    private static ValueTask<int> EnterAsync(ISqlTransaction transaction, Lost lost) => transaction.ExecuteAsync(
        """
        INSERT INTO connectivity_outage (id, tenant_path, tenant_id, line_id, subscription_id, source, source_id, cause, note, from_at, to_at, version)
        SELECT @Id, s.tenant_path, s.tenant_id, s.line_id, s.subscription_id, 'session', s.id, '', s.nas_name, s.ended_at,
          (SELECT min(n.started_at) FROM connectivity_session n WHERE n.line_id = s.line_id AND n.id <> s.id AND n.started_at >= s.ended_at), 1
        FROM connectivity_session s
        WHERE s.id = @Session AND s.ended_at IS NOT NULL AND NOT EXISTS
          (SELECT 1 FROM connectivity_session o WHERE o.line_id = s.line_id AND o.id <> s.id AND o.started_at < s.ended_at AND (o.ended_at IS NULL OR o.ended_at > s.ended_at))
        ON CONFLICT DO NOTHING
        """,
        new { Id = Id.Format("og", lost.EndedAt / 1_000, SHA256.HashData(Encoding.UTF8.GetBytes(lost.Id)).AsSpan(0, 10)), Session = lost.Id });

    private static async ValueTask<bool> EndAsync(ISqlTransaction transaction)
    {
        await transaction.ExecuteAsync(
            """
            UPDATE connectivity_outage SET version = version + 1,
              to_at = (SELECT min(n.started_at) FROM connectivity_session n WHERE n.line_id = connectivity_outage.line_id AND n.id <> connectivity_outage.source_id AND n.started_at >= connectivity_outage.from_at)
            WHERE source = 'session' AND to_at IS NULL AND EXISTS
              (SELECT 1 FROM connectivity_session n WHERE n.line_id = connectivity_outage.line_id AND n.id <> connectivity_outage.source_id AND n.started_at >= connectivity_outage.from_at)
            """);
        await transaction.ExecuteAsync(
            """
            UPDATE connectivity_outage SET version = version + 1, to_at = (SELECT l.ended_at FROM connectivity_line l WHERE l.id = connectivity_outage.line_id)
            WHERE source = 'session' AND to_at IS NULL AND EXISTS (SELECT 1 FROM connectivity_line l WHERE l.id = connectivity_outage.line_id AND l.ended_at IS NOT NULL)
            """);
        return true;
    }

    private sealed record Lost(string Id, string NasId, long EndedAt);

    [LoggerMessage(5331, LogLevel.Warning, "the store is away; sessions that were lost together become outages when it is back")]
    private static partial void LogAway(ILogger log, Exception exception);
}
