using Tsunagi.Core.Store;

namespace Tsunagi.BackOffice;

/// <summary>
/// The tables of the back office, in the control store: money. What is issued is never changed or taken out, and the store itself refuses to; an entry of the
/// ledger whose postings do not add up to nothing is refused likewise. A step is never edited after a release.
/// </summary>
internal static class BackOfficeSchema
{
    private static readonly string[] Immutable = ["bo_invoice", "bo_line", "bo_entry", "bo_posting", "bo_payment"];

    public static readonly SchemaPart Control = new("backoffice", StoreKind.Control,
    [
        new SchemaStep(
            1,
            """
            CREATE TABLE bo_account (
              id TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY, tenant_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, attention TEXT, postal_code TEXT,
              address TEXT NOT NULL, country TEXT NOT NULL, registration_number TEXT, email TEXT, purchase_order TEXT, locale TEXT NOT NULL, time_zone TEXT NOT NULL,
              currency TEXT NOT NULL, tax_profile TEXT NOT NULL, payment_terms TEXT NOT NULL, closing_day INTEGER NOT NULL, bill_from TEXT NOT NULL, advance_from TEXT NOT NULL,
              external_refs TEXT NOT NULL, version INTEGER NOT NULL, created_at INTEGER NOT NULL);
            CREATE UNIQUE INDEX bo_account_path ON bo_account (tenant_path);

            CREATE TABLE bo_run (
              id TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY, period TEXT NOT NULL, state TEXT NOT NULL, issue_date TEXT NOT NULL, known_at INTEGER NOT NULL,
              rules_version INTEGER NOT NULL, only_account TEXT, made_by TEXT NOT NULL, made_by_name TEXT NOT NULL, made_at INTEGER NOT NULL, released_by TEXT, released_by_name TEXT,
              released_at INTEGER, ended_at INTEGER, accounts INTEGER NOT NULL, cursor TEXT NOT NULL COLLATE_BINARY);
            CREATE UNIQUE INDEX bo_run_one_open ON bo_run (period) WHERE state IN ('computing', 'ready', 'issuing');
            CREATE INDEX bo_run_tenant ON bo_run (tenant_path, id);

            CREATE TABLE bo_draft (
              run_id TEXT NOT NULL REFERENCES bo_run(id), account_id TEXT NOT NULL REFERENCES bo_account(id), tenant_path TEXT NOT NULL COLLATE_BINARY, state TEXT NOT NULL,
              account_name TEXT NOT NULL, after_seq INTEGER NOT NULL, currency TEXT NOT NULL, net_minor INTEGER NOT NULL, tax_minor INTEGER NOT NULL, total_minor INTEGER NOT NULL,
              previous_minor INTEGER, line_count INTEGER NOT NULL, input_hash TEXT NOT NULL, bill TEXT NOT NULL, problem TEXT, invoice_id TEXT, PRIMARY KEY (run_id, account_id));
            CREATE INDEX bo_draft_state ON bo_draft (run_id, state, account_id);

            CREATE TABLE bo_series (id TEXT PRIMARY KEY, next INTEGER NOT NULL);

            CREATE TABLE bo_invoice (
              id TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY, account_id TEXT NOT NULL REFERENCES bo_account(id), kind TEXT NOT NULL, series TEXT NOT NULL, seq INTEGER NOT NULL,
              number TEXT NOT NULL UNIQUE, account_seq INTEGER NOT NULL, period TEXT NOT NULL, run_id TEXT, issue_date TEXT NOT NULL, due_date TEXT, currency TEXT NOT NULL,
              net_minor INTEGER NOT NULL, tax_minor INTEGER NOT NULL, total_minor INTEGER NOT NULL, counterparty TEXT NOT NULL, corrects_id TEXT, reason TEXT,
              known_at INTEGER NOT NULL, rules_version INTEGER NOT NULL, input_hash TEXT NOT NULL, bill TEXT NOT NULL, document TEXT NOT NULL, issued_at INTEGER NOT NULL, issued_by TEXT NOT NULL,
              UNIQUE (series, seq), UNIQUE (account_id, account_seq));
            CREATE UNIQUE INDEX bo_invoice_run ON bo_invoice (run_id, account_id);
            CREATE INDEX bo_invoice_tenant ON bo_invoice (tenant_path, id);
            CREATE INDEX bo_invoice_date ON bo_invoice (issue_date, id);
            CREATE INDEX bo_invoice_corrects ON bo_invoice (corrects_id);

            CREATE TABLE bo_line (
              invoice_id TEXT NOT NULL REFERENCES bo_invoice(id), no INTEGER NOT NULL, tenant_path TEXT NOT NULL COLLATE_BINARY, account_id TEXT NOT NULL, account_seq INTEGER NOT NULL,
              subscription_id TEXT, month TEXT NOT NULL, charge TEXT NOT NULL, billed_minor INTEGER NOT NULL, amount_minor INTEGER NOT NULL, revenue TEXT NOT NULL,
              PRIMARY KEY (invoice_id, no));
            CREATE INDEX bo_line_billed ON bo_line (account_id, month, charge);

            CREATE TABLE bo_adjustment (
              id TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY, account_id TEXT NOT NULL REFERENCES bo_account(id), label TEXT NOT NULL, amount_minor INTEGER NOT NULL,
              tax TEXT, reason TEXT NOT NULL, made_by TEXT NOT NULL, made_at INTEGER NOT NULL, invoice_seq INTEGER);
            CREATE INDEX bo_adjustment_account ON bo_adjustment (account_id, made_at);

            CREATE TABLE bo_payment (
              id TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY, account_id TEXT NOT NULL REFERENCES bo_account(id), received_on TEXT NOT NULL, amount_minor INTEGER NOT NULL,
              currency TEXT NOT NULL, payer TEXT NOT NULL, reference TEXT NOT NULL, source TEXT NOT NULL, foreign_key TEXT NOT NULL, recorded_at INTEGER NOT NULL, recorded_by TEXT NOT NULL,
              UNIQUE (source, foreign_key));
            CREATE INDEX bo_payment_account ON bo_payment (account_id, received_on, id);
            CREATE INDEX bo_payment_tenant ON bo_payment (tenant_path, id);

            CREATE TABLE bo_allocation (
              id TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY, account_id TEXT NOT NULL REFERENCES bo_account(id), invoice_id TEXT NOT NULL REFERENCES bo_invoice(id),
              source_id TEXT NOT NULL, amount_minor INTEGER NOT NULL, allocated_on TEXT NOT NULL, allocated_at INTEGER NOT NULL, allocated_by TEXT NOT NULL);
            CREATE INDEX bo_allocation_invoice ON bo_allocation (invoice_id);
            CREATE INDEX bo_allocation_source ON bo_allocation (source_id);
            CREATE INDEX bo_allocation_account ON bo_allocation (account_id);

            CREATE TABLE bo_posting (
              entry_id TEXT NOT NULL, no INTEGER NOT NULL, tenant_path TEXT NOT NULL COLLATE_BINARY, ledger_account TEXT NOT NULL, currency TEXT NOT NULL, amount_minor INTEGER NOT NULL,
              PRIMARY KEY (entry_id, no));
            CREATE TABLE bo_entry (
              id TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY, account_id TEXT NOT NULL, booked_on TEXT NOT NULL, source_id TEXT NOT NULL UNIQUE, narration TEXT NOT NULL,
              booked_at INTEGER NOT NULL);
            CREATE INDEX bo_entry_date ON bo_entry (booked_on, id);
            """,
            Postgres: """
                CREATE FUNCTION bo_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'what is issued or booked is never changed' USING ERRCODE = 'check_violation'; END $$;
                CREATE FUNCTION bo_balanced() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                  IF EXISTS (SELECT 1 FROM bo_posting WHERE entry_id = NEW.id GROUP BY currency HAVING sum(amount_minor) <> 0) OR NOT EXISTS (SELECT 1 FROM bo_posting WHERE entry_id = NEW.id) THEN
                    RAISE EXCEPTION 'the postings of an entry must add up to nothing' USING ERRCODE = 'check_violation';
                  END IF;
                  RETURN NEW;
                END $$;
                CREATE TRIGGER bo_entry_balanced BEFORE INSERT ON bo_entry FOR EACH ROW EXECUTE FUNCTION bo_balanced();

                """ + string.Concat(Immutable.Select(static table => $"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION bo_refuse();\n")),
            Sqlite: """
                CREATE TRIGGER bo_entry_balanced BEFORE INSERT ON bo_entry WHEN NOT EXISTS (SELECT 1 FROM bo_posting WHERE entry_id = NEW.id)
                  OR EXISTS (SELECT 1 FROM bo_posting WHERE entry_id = NEW.id GROUP BY currency HAVING sum(amount_minor) <> 0)
                BEGIN SELECT RAISE(ABORT, 'the postings of an entry must add up to nothing'); END;

                """ + string.Concat(Immutable.SelectMany(static table => (string[])["UPDATE", "DELETE"], static (table, act) =>
                $"CREATE TRIGGER {table}_kept_{act.ToLowerInvariant()} BEFORE {act} ON {table} BEGIN SELECT RAISE(ABORT, 'what is issued or booked is never changed'); END;\n"))),
    ],
    SharedTables: []);
}
