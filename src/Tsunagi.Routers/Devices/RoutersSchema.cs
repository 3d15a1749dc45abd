using Tsunagi.Core.Store;

namespace Tsunagi.Routers.Devices;

/// <summary>The tables of managed routers. A step is never edited after a release.</summary>
internal static class RoutersSchema
{
    public static readonly SchemaPart Control = new("routers", StoreKind.Control,
    [
        new SchemaStep(1, """
            CREATE TABLE router_device (
              id text PRIMARY KEY COLLATE_BINARY, tenant_path text NOT NULL COLLATE_BINARY, tenant_id text NOT NULL, subscription_id text NOT NULL, site_id text NOT NULL, site_name text NOT NULL,
              identity text NOT NULL UNIQUE, manufacturer text NOT NULL, oui text NOT NULL, product_class text NOT NULL, serial text NOT NULL, model text NOT NULL, hardware text NOT NULL,
              software text NOT NULL, root text NOT NULL, address text NOT NULL, connection_url text NOT NULL, state text NOT NULL, tags text NOT NULL, first_at bigint NOT NULL,
              informed_at bigint NOT NULL, events text NOT NULL, adopted_at bigint NOT NULL, read_at bigint NOT NULL, parameters bigint NOT NULL, silent_after bigint NOT NULL,
              silent_told bigint NOT NULL, waked_at bigint NOT NULL, waked text NOT NULL);
            CREATE INDEX router_device_tenant ON router_device (tenant_path, id);
            CREATE INDEX router_device_site ON router_device (site_id);
            CREATE INDEX router_device_state ON router_device (state, informed_at);

            CREATE TABLE router_secret (
              device_id text NOT NULL, name text NOT NULL, tenant_path text NOT NULL COLLATE_BINARY, box BLOB NOT NULL, PRIMARY KEY (device_id, name));
            CREATE TABLE router_tree (
              device_id text PRIMARY KEY, tenant_path text NOT NULL COLLATE_BINARY, at bigint NOT NULL, box BLOB NOT NULL);
            CREATE TABLE router_site_version (
              id text PRIMARY KEY COLLATE_BINARY, tenant_path text NOT NULL COLLATE_BINARY, site_id text NOT NULL, device_id text NOT NULL, number bigint NOT NULL, at bigint NOT NULL,
              made_by text NOT NULL, why text NOT NULL, settings bigint NOT NULL, box BLOB NOT NULL);
            CREATE UNIQUE INDEX router_site_version_number ON router_site_version (site_id, number);

            CREATE TABLE router_task (
              id text PRIMARY KEY COLLATE_BINARY, tenant_path text NOT NULL COLLATE_BINARY, device_id text NOT NULL, kind text NOT NULL, argument text NOT NULL, state text NOT NULL,
              fault_code bigint NOT NULL, fault_text text NOT NULL, made_by text NOT NULL, made_at bigint NOT NULL, expires_at bigint NOT NULL, ended_at bigint NOT NULL, attempts bigint NOT NULL,
              box BLOB);
            CREATE INDEX router_task_device ON router_task (device_id, id);
            CREATE INDEX router_task_open ON router_task (state, expires_at);

            CREATE TABLE router_call (
              id text PRIMARY KEY COLLATE_BINARY, tenant_path text NOT NULL COLLATE_BINARY, device_id text NOT NULL, actor_id text NOT NULL, actor_name text NOT NULL, reason text NOT NULL,
              opened_at bigint NOT NULL, expires_at bigint NOT NULL);
            CREATE INDEX router_call_device ON router_call (device_id, actor_id, expires_at);

            CREATE TABLE router_day (
              device_id text NOT NULL, day bigint NOT NULL, tenant_path text NOT NULL COLLATE_BINARY, subscription_id text NOT NULL, first_at bigint NOT NULL, PRIMARY KEY (device_id, day));
            CREATE INDEX router_day_first ON router_day (first_at);
            CREATE TABLE router_silence (
              device_id text NOT NULL, ended_at bigint NOT NULL, tenant_path text NOT NULL COLLATE_BINARY, subscription_id text NOT NULL, minutes bigint NOT NULL, PRIMARY KEY (device_id, ended_at));
            CREATE INDEX router_silence_ended ON router_silence (ended_at);
            """),
        new SchemaStep(2, """
            CREATE TABLE router_arms (
              device_id text PRIMARY KEY, tenant_path text NOT NULL COLLATE_BINARY, given bigint NOT NULL, given_at bigint NOT NULL, taken bigint NOT NULL, taken_at bigint NOT NULL,
              push text NOT NULL, push_at bigint NOT NULL);
            CREATE TABLE router_pull (
              id text PRIMARY KEY COLLATE_BINARY, tenant_path text NOT NULL COLLATE_BINARY, device_id text NOT NULL, site_id text NOT NULL, at bigint NOT NULL, kind text NOT NULL, cause text NOT NULL,
              firmware text NOT NULL, address text NOT NULL, code bigint NOT NULL, number bigint NOT NULL);
            CREATE INDEX router_pull_device ON router_pull (device_id, id);
            CREATE TABLE router_configuration (
              id text PRIMARY KEY COLLATE_BINARY, tenant_path text NOT NULL COLLATE_BINARY, site_id text NOT NULL, number bigint NOT NULL, at bigint NOT NULL, made_by text NOT NULL, why text NOT NULL,
              modules bigint NOT NULL, octets bigint NOT NULL, box BLOB NOT NULL);
            CREATE UNIQUE INDEX router_configuration_number ON router_configuration (site_id, number);
            CREATE TABLE router_authority (
              id text PRIMARY KEY, tenant_path text NOT NULL COLLATE_BINARY, made_at bigint NOT NULL, box BLOB NOT NULL);
            """),
        new SchemaStep(3, """
            CREATE TABLE router_push (
              id text PRIMARY KEY COLLATE_BINARY, tenant_path text NOT NULL COLLATE_BINARY, state text NOT NULL, why text NOT NULL, rings text NOT NULL, ring bigint NOT NULL, ring_at bigint NOT NULL,
              budget bigint NOT NULL, boxes bigint NOT NULL, made_by text NOT NULL, made_at bigint NOT NULL, started_at bigint NOT NULL, ended_at bigint NOT NULL, cause text NOT NULL);
            CREATE INDEX router_push_tenant ON router_push (tenant_path, id);
            CREATE INDEX router_push_state ON router_push (state, id);
            CREATE TABLE router_push_box (
              id text PRIMARY KEY COLLATE_BINARY, tenant_path text NOT NULL COLLATE_BINARY, push_id text NOT NULL COLLATE_BINARY, site_id text NOT NULL COLLATE_BINARY, site_name text NOT NULL, device_id text NOT NULL COLLATE_BINARY, identity text NOT NULL,
              ring bigint NOT NULL, number bigint NOT NULL, formerly bigint NOT NULL, state text NOT NULL, transaction_id bigint NOT NULL, asked_at bigint NOT NULL, ended_at bigint NOT NULL,
              attempts bigint NOT NULL, cause text NOT NULL);
            CREATE UNIQUE INDEX router_push_box_push ON router_push_box (push_id, site_id);
            CREATE INDEX router_push_box_site ON router_push_box (site_id, id);
            CREATE INDEX router_push_box_device ON router_push_box (device_id, state);
            CREATE INDEX router_push_box_state ON router_push_box (state, asked_at);
            CREATE INDEX router_push_box_ring ON router_push_box (push_id, ring, state);
            """),
        new SchemaStep(4, """
            CREATE TABLE router_heartbeat (
              device_id text PRIMARY KEY COLLATE_BINARY, tenant_path text NOT NULL COLLATE_BINARY, first_at bigint NOT NULL, keyed_at bigint NOT NULL, heard_at bigint NOT NULL, address text NOT NULL, streak bigint NOT NULL,
              cpu bigint NOT NULL, memory_used bigint NOT NULL, memory_available bigint NOT NULL, interfaces text NOT NULL, silent_at bigint NOT NULL, silent_told bigint NOT NULL);
            CREATE TABLE router_heartbeat_hour (
              device_id text PRIMARY KEY COLLATE_BINARY, tenant_path text NOT NULL COLLATE_BINARY, first_at bigint NOT NULL, minute bigint NOT NULL, cells text NOT NULL);
            """),
        new SchemaStep(5, """
            ALTER TABLE router_push_box ADD COLUMN due_at bigint NOT NULL DEFAULT 0;
            DROP INDEX router_push_box_state;
            CREATE INDEX router_push_box_state ON router_push_box (state, due_at);
            """),
    ]);
}
