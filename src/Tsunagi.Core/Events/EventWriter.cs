using System.Data.Common;
using Tsunagi.Core.Store;

namespace Tsunagi.Core.Events;

/// <summary>
/// Appends events to the feed inside a transaction of the projections store. Positions are taken from the one-row table <c>event_feed</c>
/// under its lock, so a reader who has seen position N will never later see one below N appear: positions are in commit order.
/// An event whose id is in the feed already is left as it is.
/// </summary>
public static class EventWriter
{
    private const string Insert = """
        INSERT INTO event (position, id, type, severity, time_us, tenant_path, subject, data, evidence_hash)
        VALUES (@position, @id, @type, @severity, @time, @tenant, @subject, @data, @evidence) ON CONFLICT (id) DO NOTHING
        """;

    /// <summary>
    /// Takes the feed's lock. On PostgreSQL call it as the first statement of a transaction that appends: the snapshot is then taken after
    /// the wait and the transaction need not be repeated.
    /// </summary>
    public static async ValueTask LockFeedAsync(ISqlTransaction transaction)
    {
        if (transaction.Dialect == SqlDialect.Postgres)
        {
            await transaction.ExecuteAsync("LOCK TABLE event_feed IN EXCLUSIVE MODE");
        }
    }

    /// <summary>Appends a batch in its order. Hot path: one prepared command, no row mapping.</summary>
    public static async ValueTask AppendAsync(ISqlTransaction transaction, IReadOnlyList<Event> events, EventCatalogue catalogue)
    {
        if (events.Count == 0)
        {
            return;
        }

        var last = await transaction.FirstOrDefaultAsync<long>(
            "UPDATE event_feed SET last_position = last_position + @Count WHERE one = 1 RETURNING last_position", new { events.Count });
        var position = last - events.Count;
        var command = transaction.Prepare(Insert, AddParameters);
        foreach (var item in events)
        {
            position++;
            var values = command.Parameters;
            values[0].Value = position;
            values[1].Value = item.Id;
            values[2].Value = item.Type;
            values[3].Value = (long)catalogue.SeverityOf(item.Type);
            values[4].Value = item.TimeMicros;
            values[5].Value = item.TenantPath;
            values[6].Value = item.Subject;
            values[7].Value = item.Data;
            values[8].Value = (object?)item.EvidenceHash ?? DBNull.Value;
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    private static void AddParameters(DbCommand command)
    {
        foreach (var name in (ReadOnlySpan<string>)["position", "id", "type", "severity", "time", "tenant", "subject", "data", "evidence"])
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.DbType = name is "position" or "severity" or "time" ? System.Data.DbType.Int64 : System.Data.DbType.String;
            command.Parameters.Add(parameter);
        }
    }
}
