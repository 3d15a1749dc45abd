using Tsunagi.Core.Store;

namespace Tsunagi.Core.Queue;

/// <summary>The tables of the work queue, in the control store.</summary>
public static class WorkQueueSchema
{
    /// <remarks>due_at is also the visibility: taking an item moves it into the future, so one index serves both.</remarks>
    public static readonly SchemaPart Part = new("queue", StoreKind.Control,
    [
        new SchemaStep(1, """
            CREATE TABLE work_item (
              id TEXT PRIMARY KEY, kind TEXT NOT NULL, tenant_path TEXT NOT NULL COLLATE_BINARY, payload TEXT NOT NULL, key TEXT,
              attempts INTEGER NOT NULL, due_at INTEGER NOT NULL, enqueued_at INTEGER NOT NULL, last_error TEXT);
            CREATE INDEX work_item_turn ON work_item (tenant_path, due_at, id);
            CREATE TABLE work_dead (
              id TEXT PRIMARY KEY, kind TEXT NOT NULL, tenant_path TEXT NOT NULL COLLATE_BINARY, payload TEXT NOT NULL, key TEXT,
              attempts INTEGER NOT NULL, enqueued_at INTEGER NOT NULL, last_error TEXT NOT NULL, died_at INTEGER NOT NULL);
            CREATE INDEX work_dead_recent ON work_dead (died_at, id);
            CREATE TABLE work_key (key TEXT PRIMARY KEY, item_id TEXT NOT NULL, done_at INTEGER);
            CREATE INDEX work_key_done ON work_key (done_at) WHERE done_at IS NOT NULL;
            """),
    ]);
}
