using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Sessions;

/// <summary>The tables of sessions and their usage: in the control store, since bills read meters that are counted in the same transaction. A step is never edited after a release.</summary>
internal static class SessionSchema
{
    public static readonly SchemaPart Control = new("connectivity.sessions", StoreKind.Control,
    [
        new SchemaStep(1, """
            CREATE TABLE connectivity_session (
              id TEXT PRIMARY KEY COLLATE_BINARY, session_key TEXT NOT NULL COLLATE_BINARY, tenant_path TEXT NOT NULL COLLATE_BINARY, tenant_id TEXT NOT NULL, line_id TEXT NOT NULL,
              subscription_id TEXT NOT NULL, nas_id TEXT NOT NULL, nas_name TEXT NOT NULL, nas_session_id TEXT NOT NULL, user_name TEXT NOT NULL, station TEXT NOT NULL, called TEXT NOT NULL,
              port TEXT NOT NULL, source TEXT NOT NULL, v4 TEXT NOT NULL, v6 TEXT NOT NULL, link_prefix TEXT NOT NULL, delegated_prefix TEXT NOT NULL, started_at INTEGER NOT NULL,
              last_event_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL, seconds INTEGER NOT NULL, octets_in INTEGER NOT NULL, octets_out INTEGER NOT NULL, counters TEXT NOT NULL,
              interim_seconds INTEGER NOT NULL, ended_at INTEGER, cause TEXT NOT NULL, node TEXT NOT NULL, updated_at INTEGER NOT NULL);
            CREATE INDEX connectivity_session_tenant ON connectivity_session (tenant_path, id);
            CREATE INDEX connectivity_session_key ON connectivity_session (session_key, started_at);
            CREATE INDEX connectivity_session_line ON connectivity_session (line_id, id);
            CREATE INDEX connectivity_session_open ON connectivity_session (nas_id, last_seen_at) WHERE ended_at IS NULL;
            CREATE INDEX connectivity_session_updated ON connectivity_session (updated_at, id);

            CREATE TABLE connectivity_usage (
              session_id TEXT NOT NULL COLLATE_BINARY, minute INTEGER NOT NULL, tenant_path TEXT NOT NULL COLLATE_BINARY, line_id TEXT NOT NULL, subscription_id TEXT NOT NULL,
              octets_in INTEGER NOT NULL, octets_out INTEGER NOT NULL, seconds INTEGER NOT NULL, PRIMARY KEY (session_id, minute));
            CREATE INDEX connectivity_usage_line ON connectivity_usage (line_id, minute);
            CREATE INDEX connectivity_usage_minute ON connectivity_usage (minute, subscription_id);

            CREATE TABLE connectivity_session_act (
              id TEXT PRIMARY KEY COLLATE_BINARY, tenant_path TEXT NOT NULL COLLATE_BINARY, session_id TEXT NOT NULL, line_id TEXT NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL,
              made_by TEXT NOT NULL, made_by_name TEXT NOT NULL, target TEXT NOT NULL, sent_at INTEGER NOT NULL, outcome TEXT NOT NULL, error_cause TEXT NOT NULL, answered_at INTEGER, tries INTEGER NOT NULL);
            CREATE INDEX connectivity_session_act_session ON connectivity_session_act (session_id, id);
            CREATE INDEX connectivity_session_act_tenant ON connectivity_session_act (tenant_path, id);
            """),
    ]);
}
