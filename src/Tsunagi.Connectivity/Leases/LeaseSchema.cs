using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Leases;

/// <summary>The tables of leases, in the control store: the logs they were made from are kept for a week only. A step is never edited after a release.</summary>
internal static class LeaseSchema
{
    public static readonly SchemaPart Control = new("connectivity.leases", StoreKind.Control,
    [
        new SchemaStep(1, """
            CREATE TABLE connectivity_lease (
              id TEXT PRIMARY KEY COLLATE_BINARY, tenant_path TEXT NOT NULL COLLATE_BINARY, tenant_id TEXT NOT NULL, line_id TEXT NOT NULL COLLATE_BINARY, subscription_id TEXT NOT NULL, duid TEXT NOT NULL COLLATE_BINARY,
              iaid INTEGER NOT NULL, kind TEXT NOT NULL, prefix TEXT NOT NULL, part TEXT NOT NULL, pool TEXT NOT NULL COLLATE_BINARY, vrf_id TEXT NOT NULL, owner TEXT NOT NULL, node TEXT NOT NULL, since_at INTEGER NOT NULL,
              heard_at INTEGER NOT NULL, valid_until INTEGER NOT NULL, changed_at INTEGER NOT NULL, state TEXT NOT NULL, ended_at INTEGER, free_at INTEGER NOT NULL, relay TEXT NOT NULL, hardware TEXT NOT NULL,
              updated_at INTEGER NOT NULL);
            CREATE INDEX connectivity_lease_tenant ON connectivity_lease (tenant_path, id);
            CREATE INDEX connectivity_lease_line ON connectivity_lease (line_id, id);
            CREATE INDEX connectivity_lease_pool ON connectivity_lease (pool, id);
            CREATE INDEX connectivity_lease_updated ON connectivity_lease (updated_at, id);
            CREATE INDEX connectivity_lease_ended ON connectivity_lease (ended_at) WHERE ended_at IS NOT NULL;
            CREATE TABLE connectivity_dhcp6_server (node TEXT PRIMARY KEY COLLATE_BINARY, duid TEXT NOT NULL, since_at INTEGER NOT NULL);
            """),
        new SchemaStep(2, "ALTER TABLE connectivity_lease ADD COLUMN next_hop TEXT NOT NULL DEFAULT '';"),
    ]);
}
