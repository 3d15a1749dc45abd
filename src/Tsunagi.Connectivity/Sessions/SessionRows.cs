using System.Text.Json;
using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Sessions;

/// <summary>Reads and writes many sessions by one statement, for whoever makes them: the projection of accounting and the sweep of the silent.</summary>
internal static class SessionRows
{
    private static readonly RowStatement Upsert = RowStatement.Insert(
        "connectivity_session",
        [
            RowColumn.Text("id"), RowColumn.Text("session_key"), RowColumn.Text("tenant_path"), RowColumn.Text("tenant_id"), RowColumn.Text("line_id"), RowColumn.Text("subscription_id"), RowColumn.Text("nas_id"),
            RowColumn.Text("nas_name"), RowColumn.Text("nas_session_id"), RowColumn.Text("user_name"), RowColumn.Text("station"), RowColumn.Text("called"), RowColumn.Text("port"), RowColumn.Text("source"),
            RowColumn.Text("v4"), RowColumn.Text("v6"), RowColumn.Text("link_prefix"), RowColumn.Text("delegated_prefix"), RowColumn.Number("started_at"), RowColumn.Number("last_event_at"),
            RowColumn.Number("last_seen_at"), RowColumn.Number("seconds"), RowColumn.Number("octets_in"), RowColumn.Number("octets_out"), RowColumn.Text("counters"), RowColumn.Number("interim_seconds"),
            RowColumn.Number("ended_at"), RowColumn.Text("cause"), RowColumn.Text("node"), RowColumn.Number("updated_at"),
        ],
        """
        ON CONFLICT (id) DO UPDATE SET station = excluded.station, called = excluded.called, port = excluded.port, source = excluded.source, v4 = excluded.v4, v6 = excluded.v6, link_prefix = excluded.link_prefix,
          delegated_prefix = excluded.delegated_prefix, started_at = excluded.started_at, last_event_at = excluded.last_event_at, last_seen_at = excluded.last_seen_at, seconds = excluded.seconds,
          octets_in = excluded.octets_in, octets_out = excluded.octets_out, counters = excluded.counters, ended_at = excluded.ended_at, cause = excluded.cause, node = excluded.node, updated_at = excluded.updated_at
        """);

    // The keys come as one JSON list: a parameter for each would be looked up by its name.
    private const string NewestOnSqlite = $"""
        SELECT {SessionStore.Columns} FROM connectivity_session WHERE id IN
        (SELECT (SELECT n.id FROM connectivity_session AS n WHERE n.session_key = wanted.value ORDER BY n.started_at DESC, n.id DESC LIMIT 1) FROM json_each(@Keys) AS wanted) ORDER BY id
        """;

    // LATERAL keeps it to the index: a join that read the whole table would conflict with every other node that writes sessions.
    private const string NewestOnPostgres = $"""
        SELECT {SessionStore.Columns} FROM jsonb_array_elements_text(@Keys::jsonb) AS wanted (value)
        JOIN LATERAL (SELECT * FROM connectivity_session AS n WHERE n.session_key = wanted.value ORDER BY n.started_at DESC, n.id DESC LIMIT 1) AS s ON TRUE ORDER BY s.id
        """;

    /// <summary>The newest session of each key, where there is one.</summary>
    public static async ValueTask<IReadOnlyList<SessionRow>> NewestOfAsync(ISqlReader reader, IReadOnlyCollection<string> keys) => keys.Count == 0
        ? []
        : await reader.QueryAsync<SessionRow>(reader.Dialect == SqlDialect.Sqlite ? NewestOnSqlite : NewestOnPostgres, new { Keys = JsonSerializer.Serialize(keys) });

    /// <summary>Writes them as they are now, each once; in the order of their ids, which writers on several nodes share.</summary>
    public static async ValueTask WriteAsync(ISqlTransaction transaction, IEnumerable<SessionRow> rows) => await transaction.WriteRowsAsync(
        Upsert,
        [
            .. rows.OrderBy(static row => row.Id, StringComparer.Ordinal).Select(static row => (object?[])
            [
                row.Id, row.SessionKey, row.TenantPath, row.TenantId, row.LineId, row.SubscriptionId, row.NasId, row.NasName, row.NasSessionId, row.UserName, row.Station, row.Called, row.Port, row.Source, row.V4,
                row.V6, row.LinkPrefix, row.DelegatedPrefix, row.StartedAt, row.LastEventAt, row.LastSeenAt, row.Seconds, row.OctetsIn, row.OctetsOut, row.Counters, row.InterimSeconds, row.EndedAt, row.Cause,
                row.Node, row.UpdatedAt,
            ]),
        ]);
}
