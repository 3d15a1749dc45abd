using Tsunagi.Core.Store;

namespace Tsunagi.Core.Outbound.Webhooks;

/// <summary>The tables of webhooks and of their latest deliveries, in the control store. The place in the feed is part of it: it moves in the transaction that queues the deliveries.</summary>
public static class WebhookSchema
{
    public static readonly SchemaPart Part = new("webhook", StoreKind.Control,
    [
        new SchemaStep(1, """
            CREATE TABLE webhook (
              id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, tenant_path TEXT NOT NULL COLLATE_BINARY, name TEXT NOT NULL, url TEXT NOT NULL, events TEXT NOT NULL,
              secret BLOB NOT NULL, state TEXT NOT NULL, position INTEGER NOT NULL, version INTEGER NOT NULL, created_at INTEGER NOT NULL,
              last_tried_at INTEGER, last_status INTEGER, last_problem TEXT, failing_since_at INTEGER);
            CREATE INDEX webhook_tenant ON webhook (tenant_path, id);
            CREATE INDEX webhook_active ON webhook (state, id);
            """),
        new SchemaStep(2, """
            CREATE TABLE webhook_delivery (
              webhook_id TEXT NOT NULL, event_id TEXT NOT NULL, tenant_path TEXT NOT NULL COLLATE_BINARY, type TEXT NOT NULL, state TEXT NOT NULL,
              attempts INTEGER NOT NULL, first_at INTEGER NOT NULL, tried_at INTEGER NOT NULL, status INTEGER, problem TEXT,
              PRIMARY KEY (webhook_id, event_id));
            CREATE INDEX webhook_delivery_age ON webhook_delivery (webhook_id, first_at, event_id);
            """),
    ]);
}
