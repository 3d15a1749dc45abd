using Tsunagi.Core.Store;

namespace Tsunagi.Ddos.Incidents;

/// <summary>The tables of DDoS protection. They are no projection: nothing could make them again. A step is never edited after a release.</summary>
internal static class DdosSchema
{
    public static readonly SchemaPart Control = new("ddos", StoreKind.Control,
    [
        new SchemaStep(1, """
            CREATE TABLE ddos_incident (
              id text PRIMARY KEY COLLATE_BINARY, tenant_path text NOT NULL COLLATE_BINARY, tenant_id text NOT NULL, subscription_id text NOT NULL, node text NOT NULL,
              target text NOT NULL, scope text NOT NULL, vector text NOT NULL, metric text NOT NULL, limit_value bigint NOT NULL, rule text NOT NULL, estimate bigint NOT NULL,
              samples bigint NOT NULL, sampling_rate bigint NOT NULL, sampling_source text NOT NULL, error_percent real NOT NULL, opened_at bigint NOT NULL,
              last_above_at bigint NOT NULL, closed_at bigint, close_reason text NOT NULL, peak_packets bigint NOT NULL, peak_bits bigint NOT NULL, peak_flows bigint NOT NULL,
              now_packets bigint NOT NULL, now_bits bigint NOT NULL, sources bigint NOT NULL, mean_octets bigint NOT NULL, top_sources text NOT NULL, top_ports text NOT NULL);
            CREATE INDEX ddos_incident_tenant ON ddos_incident (tenant_path, id);
            CREATE INDEX ddos_incident_open ON ddos_incident (node, id) WHERE closed_at IS NULL;
            CREATE INDEX ddos_incident_opened ON ddos_incident (opened_at, id);

            CREATE TABLE ddos_mitigation (
              id text PRIMARY KEY COLLATE_BINARY, tenant_path text NOT NULL COLLATE_BINARY, tenant_id text NOT NULL, subscription_id text NOT NULL, kind text NOT NULL,
              rule text NOT NULL, match_key text NOT NULL, reason text NOT NULL, incident_id text NOT NULL, made_by text NOT NULL, made_by_name text NOT NULL,
              made_at bigint NOT NULL, expires_at bigint NOT NULL, ended_at bigint, ended_how text NOT NULL, ended_by text NOT NULL);
            CREATE INDEX ddos_mitigation_tenant ON ddos_mitigation (tenant_path, id);
            CREATE UNIQUE INDEX ddos_mitigation_match ON ddos_mitigation (match_key) WHERE ended_at IS NULL;
            """),
        new SchemaStep(2, """
            ALTER TABLE ddos_incident ADD COLUMN vectors text NOT NULL DEFAULT '';
            ALTER TABLE ddos_incident ADD COLUMN proposal text NOT NULL DEFAULT '';
            ALTER TABLE ddos_mitigation ADD COLUMN follows bigint NOT NULL DEFAULT 0;
            CREATE TABLE ddos_mode (
              subscription_id text PRIMARY KEY COLLATE_BINARY, tenant_path text NOT NULL COLLATE_BINARY, tenant_id text NOT NULL, mode text NOT NULL, reason text NOT NULL, set_by text NOT NULL,
              set_at bigint NOT NULL);
            """),
        new SchemaStep(3, Sharing.SharingSchema.Step3),
        new SchemaStep(4, "ALTER TABLE ddos_mitigation ADD COLUMN drops text NOT NULL DEFAULT '';"),
        new SchemaStep(5, """
            ALTER TABLE ddos_mode ADD COLUMN report text NOT NULL DEFAULT '';
            CREATE TABLE ddos_dry_run (
              id text PRIMARY KEY COLLATE_BINARY, tenant_path text NOT NULL COLLATE_BINARY, tenant_id text NOT NULL, subscription_id text NOT NULL COLLATE_BINARY, node text NOT NULL, mode text NOT NULL, days bigint NOT NULL,
              inputs text NOT NULL, state text NOT NULL, from_at bigint NOT NULL, to_at bigint NOT NULL, made_by text NOT NULL, made_at bigint NOT NULL, done_at bigint NOT NULL, cover_percent bigint NOT NULL,
              opened bigint NOT NULL, rules_out bigint NOT NULL, verdict text NOT NULL, problem text NOT NULL, report text NOT NULL);
            CREATE INDEX ddos_dry_run_tenant ON ddos_dry_run (tenant_path, id);
            CREATE INDEX ddos_dry_run_subscription ON ddos_dry_run (subscription_id, id);
            CREATE INDEX ddos_dry_run_made ON ddos_dry_run (made_at, id);
            """),
    ]);
}
