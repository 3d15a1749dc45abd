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

            CREATE TABLE connectivity_vrf (
              id TEXT PRIMARY KEY COLLATE_BINARY, tenant_path TEXT NOT NULL COLLATE_BINARY, name TEXT NOT NULL, rd TEXT NOT NULL, note TEXT NOT NULL,
              version INTEGER NOT NULL, created_at INTEGER NOT NULL, removed_at INTEGER);
            CREATE UNIQUE INDEX connectivity_vrf_name ON connectivity_vrf (name) WHERE removed_at IS NULL;

            CREATE TABLE connectivity_prefix (
              id TEXT PRIMARY KEY COLLATE_BINARY, tenant_path TEXT NOT NULL COLLATE_BINARY, tenant_id TEXT NOT NULL, vrf_id TEXT NOT NULL, cidr TEXT NOT NULL,
              first_address TEXT NOT NULL COLLATE_BINARY, last_address TEXT NOT NULL COLLATE_BINARY, rir TEXT NOT NULL, state TEXT NOT NULL, role TEXT NOT NULL, site_id TEXT NOT NULL, note TEXT NOT NULL,
              authority TEXT NOT NULL, version INTEGER NOT NULL, created_at INTEGER NOT NULL, removed_at INTEGER);
            CREATE UNIQUE INDEX connectivity_prefix_cidr ON connectivity_prefix (vrf_id, cidr) WHERE removed_at IS NULL;
            CREATE INDEX connectivity_prefix_range ON connectivity_prefix (vrf_id, first_address, last_address);
            CREATE INDEX connectivity_prefix_tenant ON connectivity_prefix (tenant_path, first_address);

            CREATE TABLE connectivity_pool (
              id TEXT PRIMARY KEY COLLATE_BINARY, tenant_path TEXT NOT NULL COLLATE_BINARY, vrf_id TEXT NOT NULL, name TEXT NOT NULL COLLATE_BINARY, cidr TEXT NOT NULL,
              first_address TEXT NOT NULL COLLATE_BINARY, last_address TEXT NOT NULL COLLATE_BINARY, part_length INTEGER NOT NULL, purpose TEXT NOT NULL, policy TEXT NOT NULL, reserved TEXT NOT NULL,
              rest_seconds INTEGER NOT NULL, warn_percent INTEGER NOT NULL, note TEXT NOT NULL, told_at INTEGER, revision INTEGER NOT NULL, version INTEGER NOT NULL, created_at INTEGER NOT NULL,
              removed_at INTEGER);
            CREATE UNIQUE INDEX connectivity_pool_name ON connectivity_pool (name) WHERE removed_at IS NULL;
            CREATE INDEX connectivity_pool_range ON connectivity_pool (vrf_id, first_address, last_address);
            CREATE INDEX connectivity_pool_revision ON connectivity_pool (revision);

            CREATE TABLE connectivity_assignment (
              pool_id TEXT NOT NULL COLLATE_BINARY, slot INTEGER NOT NULL, vrf_id TEXT NOT NULL, cidr TEXT NOT NULL, line_id TEXT NOT NULL COLLATE_BINARY, tenant_id TEXT NOT NULL,
              tenant_path TEXT NOT NULL COLLATE_BINARY, device TEXT NOT NULL, state TEXT NOT NULL, since_at INTEGER NOT NULL, free_at INTEGER,
              PRIMARY KEY (pool_id, slot)) WITHOUT ROWID;
            CREATE UNIQUE INDEX connectivity_assignment_line ON connectivity_assignment (line_id, pool_id) WHERE state = 'active' AND line_id <> '';
            CREATE INDEX connectivity_assignment_rest ON connectivity_assignment (free_at) WHERE state = 'resting';
            CREATE INDEX connectivity_assignment_tenant ON connectivity_assignment (tenant_path, pool_id, slot);

            CREATE TABLE connectivity_share (
              pool_id TEXT NOT NULL COLLATE_BINARY, block INTEGER NOT NULL, node TEXT NOT NULL, since_at INTEGER NOT NULL, PRIMARY KEY (pool_id, block));
            CREATE TABLE connectivity_pool_use (
              pool_id TEXT NOT NULL COLLATE_BINARY, node TEXT NOT NULL, tenant_path TEXT NOT NULL COLLATE_BINARY, used INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (pool_id, node));
            CREATE TABLE connectivity_pool_day (pool_id TEXT NOT NULL COLLATE_BINARY, day INTEGER NOT NULL, used INTEGER NOT NULL, PRIMARY KEY (pool_id, day));

            CREATE TABLE connectivity_holding (
              vrf_id TEXT NOT NULL COLLATE_BINARY, holding_key TEXT NOT NULL COLLATE_BINARY, from_at INTEGER NOT NULL, session TEXT NOT NULL COLLATE_BINARY, prefix TEXT NOT NULL,
              line_id TEXT NOT NULL COLLATE_BINARY, tenant_id TEXT NOT NULL, tenant_path TEXT NOT NULL COLLATE_BINARY, to_at INTEGER, node TEXT NOT NULL, first_port INTEGER NOT NULL, last_port INTEGER NOT NULL,
              PRIMARY KEY (vrf_id, holding_key, from_at, session)) WITHOUT ROWID;
            CREATE INDEX connectivity_holding_line ON connectivity_holding (line_id, from_at);
            CREATE INDEX connectivity_holding_ended ON connectivity_holding (to_at) WHERE to_at IS NOT NULL;
            CREATE TABLE connectivity_question (
              id TEXT PRIMARY KEY COLLATE_BINARY, tenant_path TEXT NOT NULL COLLATE_BINARY, asked_by TEXT NOT NULL, asked_at INTEGER NOT NULL, purpose TEXT NOT NULL, address TEXT NOT NULL, answer TEXT NOT NULL);
            CREATE TABLE connectivity_holding_shape (
              vrf_id TEXT NOT NULL, is6 INTEGER NOT NULL, length INTEGER NOT NULL, ports INTEGER NOT NULL, PRIMARY KEY (vrf_id, is6, length, ports));
            """),

        // What an access server's certificate is known by when it connects by TLS.
        new SchemaStep(2, """
            ALTER TABLE connectivity_nas ADD COLUMN certificate TEXT NOT NULL DEFAULT '';
            """),
    ]);
}
