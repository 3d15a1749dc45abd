using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity;

/// <summary>
/// The tables of lines, access servers and addresses, all in the control store: nothing could make them again. Access servers and whatever belongs to no customer carry the
/// provider's own path. A step is never edited after a release.
/// </summary>
internal static class ConnectivitySchema
{
    public static readonly SchemaPart Control = new("connectivity", StoreKind.Control,
    [
        new SchemaStep(1, """
            CREATE TABLE connectivity_revision (one INTEGER PRIMARY KEY, revision INTEGER NOT NULL);
            INSERT INTO connectivity_revision (one, revision) VALUES (1, 0);

            CREATE TABLE connectivity_line (
              id TEXT PRIMARY KEY COLLATE_BINARY, tenant_path TEXT NOT NULL COLLATE_BINARY, tenant_id TEXT NOT NULL, subscription_id TEXT NOT NULL, name TEXT NOT NULL,
              user_name TEXT NOT NULL COLLATE_BINARY, circuit_id TEXT NOT NULL, remote_id TEXT NOT NULL, circuit_proves INTEGER NOT NULL, port TEXT NOT NULL, site_id TEXT NOT NULL,
              password_form TEXT NOT NULL, password_box BLOB, password_set_at INTEGER,
              v4 TEXT NOT NULL, v6 TEXT NOT NULL, link_prefix TEXT NOT NULL, delegated_prefix TEXT NOT NULL, routes TEXT NOT NULL, replies TEXT NOT NULL,
              external_refs TEXT NOT NULL, revision INTEGER NOT NULL, version INTEGER NOT NULL, created_at INTEGER NOT NULL, ended_at INTEGER);
            CREATE INDEX connectivity_line_tenant ON connectivity_line (tenant_path, id);
            CREATE INDEX connectivity_line_revision ON connectivity_line (revision);
            CREATE INDEX connectivity_line_subscription ON connectivity_line (subscription_id, id);
            CREATE INDEX connectivity_line_name ON connectivity_line (user_name, id);
            CREATE UNIQUE INDEX connectivity_line_user ON connectivity_line (user_name) WHERE ended_at IS NULL AND user_name <> '';
            CREATE UNIQUE INDEX connectivity_line_circuit ON connectivity_line (circuit_id, remote_id) WHERE ended_at IS NULL AND (circuit_id <> '' OR remote_id <> '');

            CREATE TABLE connectivity_nas (
              id TEXT PRIMARY KEY COLLATE_BINARY, tenant_path TEXT NOT NULL COLLATE_BINARY, name TEXT NOT NULL, sources TEXT NOT NULL, secret_box BLOB NOT NULL, secret_set_at INTEGER NOT NULL,
              dialect TEXT NOT NULL, message_authenticator TEXT NOT NULL, dynamic_authorization TEXT NOT NULL, walled_garden TEXT NOT NULL, accounts INTEGER NOT NULL, note TEXT NOT NULL,
              revision INTEGER NOT NULL, version INTEGER NOT NULL, created_at INTEGER NOT NULL, removed_at INTEGER);
            CREATE INDEX connectivity_nas_revision ON connectivity_nas (revision);
            """),
    ]);
}
