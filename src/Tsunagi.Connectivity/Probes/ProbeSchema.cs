using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Probes;

/// <summary>The tables of probes, their minutes, and the outages of lines, in the control store: nothing could make them again. A step is never edited after a release.</summary>
internal static class ProbeSchema
{
    public static readonly SchemaPart Control = new("connectivity.probes", StoreKind.Control,
    [
        new SchemaStep(1, """
            CREATE TABLE connectivity_probe (
              id TEXT PRIMARY KEY COLLATE_BINARY, tenant_path TEXT NOT NULL COLLATE_BINARY, tenant_id TEXT NOT NULL, line_id TEXT NOT NULL COLLATE_BINARY, subscription_id TEXT NOT NULL COLLATE_BINARY, name TEXT NOT NULL,
              target TEXT NOT NULL, every_milliseconds INTEGER NOT NULL, padding_octets INTEGER NOT NULL, authenticated INTEGER NOT NULL, key_box BLOB, state TEXT NOT NULL, state_since INTEGER, node TEXT NOT NULL,
              version INTEGER NOT NULL, created_at INTEGER NOT NULL, removed_at INTEGER);
            CREATE INDEX connectivity_probe_tenant ON connectivity_probe (tenant_path, id);
            CREATE INDEX connectivity_probe_line ON connectivity_probe (line_id, id);
            CREATE INDEX connectivity_probe_subscription ON connectivity_probe (subscription_id, id);

            CREATE TABLE connectivity_probe_minute (
              probe_id TEXT NOT NULL COLLATE_BINARY, minute INTEGER NOT NULL, node TEXT NOT NULL COLLATE_BINARY, tenant_path TEXT NOT NULL COLLATE_BINARY, line_id TEXT NOT NULL, subscription_id TEXT NOT NULL COLLATE_BINARY,
              sent INTEGER NOT NULL, received INTEGER NOT NULL, lost INTEGER NOT NULL, duplicates INTEGER NOT NULL, reordered INTEGER NOT NULL, unclear INTEGER NOT NULL, p50 INTEGER, p95 INTEGER, p99 INTEGER,
              least INTEGER, most INTEGER, variation50 INTEGER, variation95 INTEGER, delayed INTEGER NOT NULL, delay_micros INTEGER NOT NULL, delays BLOB NOT NULL,
              PRIMARY KEY (probe_id, minute, node)) WITHOUT ROWID;
            CREATE INDEX connectivity_probe_minute_subscription ON connectivity_probe_minute (subscription_id, minute);
            CREATE INDEX connectivity_probe_minute_old ON connectivity_probe_minute (minute);

            CREATE TABLE connectivity_outage (
              id TEXT PRIMARY KEY COLLATE_BINARY, tenant_path TEXT NOT NULL COLLATE_BINARY, tenant_id TEXT NOT NULL, line_id TEXT NOT NULL COLLATE_BINARY, subscription_id TEXT NOT NULL COLLATE_BINARY, source TEXT NOT NULL,
              source_id TEXT NOT NULL COLLATE_BINARY, cause TEXT NOT NULL, note TEXT NOT NULL, from_at INTEGER NOT NULL, to_at INTEGER, version INTEGER NOT NULL);
            CREATE UNIQUE INDEX connectivity_outage_open ON connectivity_outage (source_id) WHERE to_at IS NULL;
            CREATE INDEX connectivity_outage_tenant ON connectivity_outage (tenant_path, id);
            CREATE INDEX connectivity_outage_subscription ON connectivity_outage (subscription_id, from_at);
            """),
    ]);
}
