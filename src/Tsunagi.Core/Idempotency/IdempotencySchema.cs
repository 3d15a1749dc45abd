using Tsunagi.Core.Store;

namespace Tsunagi.Core.Idempotency;

/// <summary>The table of idempotency keys, in the control store.</summary>
public static class IdempotencySchema
{
    public static readonly SchemaPart Part = new("idempotency", StoreKind.Control,
    [
        new SchemaStep(1, """
            CREATE TABLE idempotency_key (
              scope TEXT NOT NULL, key TEXT NOT NULL, request_hash TEXT NOT NULL, status INTEGER, answer TEXT, begun_at INTEGER NOT NULL,
              PRIMARY KEY (scope, key));
            CREATE INDEX idempotency_key_age ON idempotency_key (begun_at);
            """),
        new SchemaStep(2, """
            ALTER TABLE idempotency_key ADD COLUMN owner TEXT NOT NULL DEFAULT '';
            CREATE INDEX idempotency_key_owner ON idempotency_key (owner, begun_at);
            """),
    ]);
}
