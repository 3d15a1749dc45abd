using Tsunagi.Core.Store;

namespace Tsunagi.Core;

/// <summary>The tables of Core's own nouns. A step is never edited after a release.</summary>
public static class CoreSchema
{
    public static readonly SchemaPart Control = new("core", StoreKind.Control,
    [
        new SchemaStep(1, """
            CREATE TABLE tenant (
              id TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY UNIQUE, parent_id TEXT REFERENCES tenant(id),
              kind TEXT NOT NULL, name TEXT NOT NULL, locale TEXT NOT NULL, time_zone TEXT NOT NULL, currency TEXT NOT NULL,
              external_refs TEXT NOT NULL, version INTEGER NOT NULL, created_at INTEGER NOT NULL);
            CREATE UNIQUE INDEX tenant_one_root ON tenant (kind) WHERE kind = 'provider';
            CREATE INDEX tenant_name ON tenant (name);

            CREATE TABLE contact (
              id TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY, tenant_id TEXT NOT NULL REFERENCES tenant(id),
              role TEXT NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL, phone TEXT, version INTEGER NOT NULL, created_at INTEGER NOT NULL);
            CREATE INDEX contact_tenant ON contact (tenant_path);

            CREATE TABLE domain (
              id TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY, tenant_id TEXT NOT NULL REFERENCES tenant(id),
              name TEXT NOT NULL, state TEXT NOT NULL, challenge TEXT NOT NULL, proved_by TEXT,
              claimed_at INTEGER NOT NULL, proved_at INTEGER, released_at INTEGER, version INTEGER NOT NULL);
            CREATE UNIQUE INDEX domain_one_owner ON domain (name) WHERE state = 'proved';
            CREATE INDEX domain_name ON domain (name);
            CREATE INDEX domain_tenant ON domain (tenant_path);

            CREATE TABLE prefix (
              id TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY, tenant_id TEXT NOT NULL REFERENCES tenant(id),
              cidr TEXT NOT NULL, first_address TEXT NOT NULL COLLATE_BINARY, last_address TEXT NOT NULL COLLATE_BINARY,
              state TEXT NOT NULL, proved_by TEXT, claimed_at INTEGER NOT NULL, proved_at INTEGER, released_at INTEGER, version INTEGER NOT NULL);
            CREATE INDEX prefix_range ON prefix (first_address, last_address);
            CREATE INDEX prefix_tenant ON prefix (tenant_path);

            CREATE TABLE site (
              id TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY, tenant_id TEXT NOT NULL REFERENCES tenant(id),
              name TEXT NOT NULL, address TEXT, latitude REAL, longitude REAL,
              version INTEGER NOT NULL, created_at INTEGER NOT NULL);
            CREATE INDEX site_tenant ON site (tenant_path);

            CREATE TABLE plan (
              id TEXT PRIMARY KEY, specification TEXT NOT NULL, code TEXT NOT NULL UNIQUE, name_en TEXT NOT NULL, name_ja TEXT NOT NULL,
              version INTEGER NOT NULL, created_at INTEGER NOT NULL);
            CREATE TABLE plan_version (
              plan_id TEXT NOT NULL REFERENCES plan(id), number INTEGER NOT NULL, currency TEXT NOT NULL, prices TEXT NOT NULL,
              created_at INTEGER NOT NULL, PRIMARY KEY (plan_id, number));

            CREATE TABLE subscription (
              id TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY, tenant_id TEXT NOT NULL REFERENCES tenant(id),
              plan_id TEXT NOT NULL REFERENCES plan(id), name TEXT NOT NULL, external_refs TEXT NOT NULL,
              version INTEGER NOT NULL, created_at INTEGER NOT NULL);
            CREATE INDEX subscription_tenant ON subscription (tenant_path);
            CREATE TABLE subscription_version (
              subscription_id TEXT NOT NULL REFERENCES subscription(id), number INTEGER NOT NULL, tenant_path TEXT NOT NULL COLLATE_BINARY,
              plan_version INTEGER NOT NULL, quantity INTEGER NOT NULL, settings TEXT NOT NULL,
              valid_from INTEGER NOT NULL, valid_to INTEGER, known_from INTEGER NOT NULL, known_to INTEGER,
              PRIMARY KEY (subscription_id, number));
            CREATE TABLE hold (
              id TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY, subscription_id TEXT NOT NULL REFERENCES subscription(id),
              kind TEXT NOT NULL, owner TEXT NOT NULL, owner_path TEXT NOT NULL COLLATE_BINARY, reason TEXT NOT NULL, placed_at INTEGER NOT NULL, lifted_at INTEGER, lifted_by TEXT);
            CREATE INDEX hold_subscription ON hold (subscription_id);

            CREATE TABLE desired_revision (one INTEGER PRIMARY KEY, revision INTEGER NOT NULL);
            INSERT INTO desired_revision (one, revision) VALUES (1, 0);
            CREATE TABLE desired_record (
              key TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY, tenant_id TEXT NOT NULL, module TEXT NOT NULL, kind TEXT NOT NULL,
              owner TEXT NOT NULL, priority INTEGER NOT NULL, settings TEXT NOT NULL, holds TEXT NOT NULL, expires_at INTEGER,
              withdrawn INTEGER NOT NULL, revision INTEGER NOT NULL);
            CREATE INDEX desired_by_revision ON desired_record (module, revision);
            CREATE TABLE desired_status (
              node TEXT NOT NULL, key TEXT NOT NULL, tenant_path TEXT NOT NULL COLLATE_BINARY, revision INTEGER NOT NULL, why_not_yet TEXT, updated_at INTEGER NOT NULL,
              PRIMARY KEY (node, key));

            CREATE TABLE outbox_head (one INTEGER PRIMARY KEY, position INTEGER NOT NULL);
            INSERT INTO outbox_head (one, position) VALUES (1, 0);
            CREATE TABLE outbox (position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, event TEXT NOT NULL);

            CREATE TABLE meter_delta (
              node TEXT NOT NULL, boot TEXT NOT NULL, sequence INTEGER NOT NULL, subscription_id TEXT NOT NULL, meter TEXT NOT NULL, minute INTEGER NOT NULL,
              tenant_path TEXT NOT NULL COLLATE_BINARY, quantity INTEGER NOT NULL,
              PRIMARY KEY (node, boot, sequence, subscription_id, meter, minute));
            CREATE INDEX meter_delta_bill ON meter_delta (subscription_id, meter, minute);
            CREATE TABLE usage_record (
              id TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY, subscription_id TEXT NOT NULL REFERENCES subscription(id), meter TEXT NOT NULL,
              at INTEGER NOT NULL, quantity INTEGER NOT NULL, source TEXT NOT NULL, foreign_key TEXT NOT NULL, content_hash TEXT NOT NULL,
              reason TEXT, recorded_at INTEGER NOT NULL, recorded_by TEXT NOT NULL, UNIQUE (source, foreign_key));
            CREATE INDEX usage_record_bill ON usage_record (subscription_id, meter, at);

            CREATE TABLE consumer_position (
              node TEXT NOT NULL, consumer TEXT NOT NULL, segment INTEGER NOT NULL, position INTEGER NOT NULL, sequence INTEGER NOT NULL,
              PRIMARY KEY (node, consumer));
            """),

        // A usage key is unique within its tenant, not over all of them. SQLite changes a table's constraint by making the table anew.
        new SchemaStep(2, """
            CREATE TABLE usage_record_of_tenant (
              id TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY, subscription_id TEXT NOT NULL REFERENCES subscription(id), meter TEXT NOT NULL,
              at INTEGER NOT NULL, quantity INTEGER NOT NULL, source TEXT NOT NULL, foreign_key TEXT NOT NULL, content_hash TEXT NOT NULL,
              reason TEXT, recorded_at INTEGER NOT NULL, recorded_by TEXT NOT NULL, UNIQUE (tenant_path, source, foreign_key));
            INSERT INTO usage_record_of_tenant (id, tenant_path, subscription_id, meter, at, quantity, source, foreign_key, content_hash, reason, recorded_at, recorded_by)
              SELECT id, tenant_path, subscription_id, meter, at, quantity, source, foreign_key, content_hash, reason, recorded_at, recorded_by FROM usage_record;
            DROP TABLE usage_record;
            ALTER TABLE usage_record_of_tenant RENAME TO usage_record;
            CREATE INDEX usage_record_bill ON usage_record (subscription_id, meter, at);
            """),

        // Since when a delta is known: a bill is made of what was known at a moment, and what became known later is found by its index.
        new SchemaStep(3, """
            ALTER TABLE meter_delta ADD COLUMN recorded_at INTEGER NOT NULL DEFAULT 0;
            DROP INDEX meter_delta_bill;
            CREATE INDEX meter_delta_bill ON meter_delta (subscription_id, meter, minute, recorded_at, quantity);
            CREATE INDEX meter_delta_recorded ON meter_delta (recorded_at, minute, subscription_id);
            CREATE INDEX usage_record_recorded ON usage_record (recorded_at, at, subscription_id);
            """),

        // The category of the portfolio a plan is in; none where it takes its specification's.
        new SchemaStep(4, "ALTER TABLE plan ADD COLUMN category TEXT;"),

        // What services propose to give back, and what a person decided.
        new SchemaStep(5, """
            CREATE TABLE service_credit (
              id TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY, subscription_id TEXT NOT NULL REFERENCES subscription(id), source TEXT NOT NULL, credit_key TEXT NOT NULL, from_at INTEGER NOT NULL,
              to_at INTEGER NOT NULL, amount_minor INTEGER, percent TEXT, reason TEXT NOT NULL, evidence TEXT NOT NULL, state TEXT NOT NULL, proposed_at INTEGER NOT NULL, decided_by TEXT, decided_at INTEGER,
              decision_reason TEXT, credited_minor INTEGER, explanation TEXT, UNIQUE (source, credit_key));
            CREATE INDEX service_credit_tenant ON service_credit (tenant_path, id);
            CREATE INDEX service_credit_subscription ON service_credit (subscription_id, from_at);
            """),
    ],
    SharedTables: ["plan", "plan_version"]);

    public static readonly SchemaPart Projections = new("core", StoreKind.Projections,
    [
        new SchemaStep(1, """
            CREATE TABLE event_feed (one INTEGER PRIMARY KEY, last_position INTEGER NOT NULL);
            INSERT INTO event_feed (one, last_position) VALUES (1, 0);
            CREATE TABLE event (
              position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, severity INTEGER NOT NULL, time_us INTEGER NOT NULL,
              tenant_path TEXT NOT NULL COLLATE_BINARY, subject TEXT NOT NULL, data TEXT NOT NULL, evidence_hash TEXT);
            CREATE INDEX event_subject ON event (subject, position);
            CREATE INDEX event_severity ON event (severity, position) WHERE severity > 0;
            CREATE INDEX event_tenant ON event (tenant_path, position);

            CREATE TABLE consumer_position (
              node TEXT NOT NULL, consumer TEXT NOT NULL, segment INTEGER NOT NULL, position INTEGER NOT NULL, sequence INTEGER NOT NULL,
              PRIMARY KEY (node, consumer));
            """),
    ]);
}
