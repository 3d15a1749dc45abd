using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Proxy;

/// <summary>Reports for home servers that were acknowledged here and are on their way: the provider's own, of no tenant. A step is never edited after a release.</summary>
internal static class RelaySchema
{
    public static readonly SchemaPart Control = new("connectivity.relay", StoreKind.Control,
    [
        new SchemaStep(1, """
            CREATE TABLE connectivity_relay (
              id TEXT PRIMARY KEY COLLATE_BINARY, node TEXT NOT NULL COLLATE_BINARY, realm TEXT NOT NULL, session_key TEXT NOT NULL COLLATE_BINARY, report_key TEXT NOT NULL COLLATE_BINARY, event_at INTEGER NOT NULL,
              position INTEGER NOT NULL, received_at INTEGER NOT NULL, packet TEXT NOT NULL, due_at INTEGER NOT NULL, tries INTEGER NOT NULL, done_at INTEGER, outcome TEXT NOT NULL);
            CREATE INDEX connectivity_relay_report ON connectivity_relay (report_key, event_at);
            CREATE INDEX connectivity_relay_session ON connectivity_relay (session_key, event_at) WHERE done_at IS NULL;
            CREATE INDEX connectivity_relay_due ON connectivity_relay (node, due_at) WHERE done_at IS NULL;
            CREATE INDEX connectivity_relay_done ON connectivity_relay (done_at) WHERE done_at IS NOT NULL;
            """),
    ]);
}
