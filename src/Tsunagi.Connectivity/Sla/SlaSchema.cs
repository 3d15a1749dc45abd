using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Sla;

/// <summary>The table of announced maintenance, in the control store. Outages are the probes' (<see cref="Probes.ProbeSchema"/>). A step is never edited after a release.</summary>
internal static class SlaSchema
{
    public static readonly SchemaPart Control = new("connectivity.sla", StoreKind.Control,
    [
        new SchemaStep(1, """
            CREATE TABLE connectivity_maintenance (
              id TEXT PRIMARY KEY COLLATE_BINARY, tenant_path TEXT NOT NULL COLLATE_BINARY, subscription_id TEXT NOT NULL COLLATE_BINARY, note TEXT NOT NULL, announced_at INTEGER NOT NULL, from_at INTEGER NOT NULL,
              to_at INTEGER NOT NULL, cancelled_at INTEGER);
            CREATE INDEX connectivity_maintenance_tenant ON connectivity_maintenance (tenant_path, id);
            CREATE INDEX connectivity_maintenance_subscription ON connectivity_maintenance (subscription_id, from_at);
            """),
    ]);
}
