using Tsunagi.Core.Store;

namespace Tsunagi.Core;

/// <summary>The tables of Core's own nouns. A step is never edited after a release.</summary>
public static class CoreSchema
{
    public static readonly SchemaPart Control = new("core", StoreKind.Control,
    [
        new SchemaStep(1, """
            CREATE TABLE tenant (
              id text PRIMARY KEY, tenant_path text NOT NULL COLLATE_BINARY UNIQUE, parent_id text REFERENCES tenant(id),
              kind text NOT NULL, name text NOT NULL, locale text NOT NULL, time_zone text NOT NULL, currency text NOT NULL,
              external_refs text NOT NULL, version bigint NOT NULL, created_at bigint NOT NULL);
            CREATE UNIQUE INDEX tenant_one_root ON tenant (kind) WHERE kind = 'provider';
            CREATE INDEX tenant_name ON tenant (name);

            CREATE TABLE contact (
              id text PRIMARY KEY, tenant_path text NOT NULL COLLATE_BINARY, tenant_id text NOT NULL REFERENCES tenant(id),
              role text NOT NULL, name text NOT NULL, email text NOT NULL, phone text, version bigint NOT NULL, created_at bigint NOT NULL);
            CREATE INDEX contact_tenant ON contact (tenant_path);

            CREATE TABLE domain (
              id text PRIMARY KEY, tenant_path text NOT NULL COLLATE_BINARY, tenant_id text NOT NULL REFERENCES tenant(id),
              name text NOT NULL, state text NOT NULL, challenge text NOT NULL, proved_by text,
              claimed_at bigint NOT NULL, proved_at bigint, released_at bigint, version bigint NOT NULL);
            CREATE UNIQUE INDEX domain_one_owner ON domain (name) WHERE state = 'proved';
            CREATE INDEX domain_name ON domain (name);
            CREATE INDEX domain_tenant ON domain (tenant_path);

            CREATE TABLE prefix (
              id text PRIMARY KEY, tenant_path text NOT NULL COLLATE_BINARY, tenant_id text NOT NULL REFERENCES tenant(id),
              cidr text NOT NULL, first_address text NOT NULL COLLATE_BINARY, last_address text NOT NULL COLLATE_BINARY,
              state text NOT NULL, proved_by text, claimed_at bigint NOT NULL, proved_at bigint, released_at bigint, version bigint NOT NULL);
            CREATE INDEX prefix_range ON prefix (first_address, last_address);
            CREATE INDEX prefix_tenant ON prefix (tenant_path);

            CREATE TABLE site (
              id text PRIMARY KEY, tenant_path text NOT NULL COLLATE_BINARY, tenant_id text NOT NULL REFERENCES tenant(id),
              name text NOT NULL, address text, latitude double precision, longitude double precision,
              version bigint NOT NULL, created_at bigint NOT NULL);
            CREATE INDEX site_tenant ON site (tenant_path);

            CREATE TABLE plan (
              id text PRIMARY KEY, specification text NOT NULL, code text NOT NULL UNIQUE, name_en text NOT NULL, name_ja text NOT NULL,
              version bigint NOT NULL, created_at bigint NOT NULL);
            CREATE TABLE plan_version (
              plan_id text NOT NULL REFERENCES plan(id), number bigint NOT NULL, currency text NOT NULL, prices text NOT NULL,
              created_at bigint NOT NULL, PRIMARY KEY (plan_id, number));

            CREATE TABLE subscription (
              id text PRIMARY KEY, tenant_path text NOT NULL COLLATE_BINARY, tenant_id text NOT NULL REFERENCES tenant(id),
              plan_id text NOT NULL REFERENCES plan(id), name text NOT NULL, external_refs text NOT NULL,
              version bigint NOT NULL, created_at bigint NOT NULL);
            CREATE INDEX subscription_tenant ON subscription (tenant_path);
            CREATE TABLE subscription_version (
              subscription_id text NOT NULL REFERENCES subscription(id), number bigint NOT NULL, tenant_path text NOT NULL COLLATE_BINARY,
              plan_version bigint NOT NULL, quantity bigint NOT NULL, settings text NOT NULL,
              valid_from bigint NOT NULL, valid_to bigint, known_from bigint NOT NULL, known_to bigint,
              PRIMARY KEY (subscription_id, number));
            CREATE TABLE hold (
              id text PRIMARY KEY, tenant_path text NOT NULL COLLATE_BINARY, subscription_id text NOT NULL REFERENCES subscription(id),
              kind text NOT NULL, owner text NOT NULL, reason text NOT NULL, placed_at bigint NOT NULL, lifted_at bigint, lifted_by text);
            CREATE INDEX hold_subscription ON hold (subscription_id);

            CREATE TABLE desired_revision (one bigint PRIMARY KEY, revision bigint NOT NULL);
            INSERT INTO desired_revision (one, revision) VALUES (1, 0);
            CREATE TABLE desired_record (
              key text PRIMARY KEY, tenant_path text NOT NULL COLLATE_BINARY, tenant_id text NOT NULL, module text NOT NULL, kind text NOT NULL,
              owner text NOT NULL, priority bigint NOT NULL, settings text NOT NULL, holds text NOT NULL, expires_at bigint,
              withdrawn bigint NOT NULL, revision bigint NOT NULL);
            CREATE INDEX desired_by_revision ON desired_record (module, revision);
            CREATE TABLE desired_status (
              node text NOT NULL, key text NOT NULL, tenant_path text NOT NULL COLLATE_BINARY, revision bigint NOT NULL, why_not_yet text, updated_at bigint NOT NULL,
              PRIMARY KEY (node, key));

            CREATE TABLE outbox (id text PRIMARY KEY, recorded_at bigint NOT NULL, event text NOT NULL);
            CREATE INDEX outbox_order ON outbox (recorded_at, id);

            CREATE TABLE meter_delta (
              node text NOT NULL, boot text NOT NULL, sequence bigint NOT NULL, subscription_id text NOT NULL, meter text NOT NULL, minute bigint NOT NULL,
              tenant_path text NOT NULL COLLATE_BINARY, quantity bigint NOT NULL,
              PRIMARY KEY (node, boot, sequence, subscription_id, meter, minute));
            CREATE INDEX meter_delta_bill ON meter_delta (subscription_id, meter, minute);
            CREATE TABLE usage_record (
              id text PRIMARY KEY, tenant_path text NOT NULL COLLATE_BINARY, subscription_id text NOT NULL REFERENCES subscription(id), meter text NOT NULL,
              at bigint NOT NULL, quantity bigint NOT NULL, source text NOT NULL, foreign_key text NOT NULL, content_hash text NOT NULL,
              reason text, recorded_at bigint NOT NULL, recorded_by text NOT NULL, UNIQUE (source, foreign_key));
            CREATE INDEX usage_record_bill ON usage_record (subscription_id, meter, at);

            CREATE TABLE consumer_position (
              node text NOT NULL, consumer text NOT NULL, segment bigint NOT NULL, position bigint NOT NULL, sequence bigint NOT NULL,
              PRIMARY KEY (node, consumer));
            """),
    ]);

    public static readonly SchemaPart Projections = new("core", StoreKind.Projections,
    [
        new SchemaStep(1, """
            CREATE TABLE event_feed (one bigint PRIMARY KEY, last_position bigint NOT NULL);
            INSERT INTO event_feed (one, last_position) VALUES (1, 0);
            CREATE TABLE event (
              position bigint PRIMARY KEY, id text NOT NULL UNIQUE, type text NOT NULL, severity bigint NOT NULL, time_us bigint NOT NULL,
              tenant_path text NOT NULL COLLATE_BINARY, subject text NOT NULL, data text NOT NULL, evidence_hash text);
            CREATE INDEX event_subject ON event (subject, position);
            CREATE INDEX event_severity ON event (severity, position) WHERE severity > 0;
            CREATE INDEX event_tenant ON event (tenant_path, position);

            CREATE TABLE consumer_position (
              node text NOT NULL, consumer text NOT NULL, segment bigint NOT NULL, position bigint NOT NULL, sequence bigint NOT NULL,
              PRIMARY KEY (node, consumer));
            """),
    ]);
}
