using Tsunagi.Core.Store;

namespace Tsunagi.BackOffice;

/// <summary>
/// The tables of the back office, in the control store: money. What is issued is never changed or taken out, and the store itself refuses to; an entry of the
/// ledger whose postings do not add up to nothing is refused likewise. A step is never edited after a release.
/// </summary>
internal static class BackOfficeSchema
{
    private static readonly string[] Immutable = ["bo_invoice", "bo_line", "bo_entry", "bo_posting", "bo_payment"];
    private static readonly string[] Earned = ["bo_deferral", "bo_deferral_cut", "bo_release"];

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

        // What kind of revenue a line is: the category of the portfolio, recurring or once. What was issued before has none and is not changed.
        new SchemaStep(2, """
            ALTER TABLE bo_line ADD COLUMN category TEXT;
            ALTER TABLE bo_line ADD COLUMN nature TEXT;
            ALTER TABLE bo_posting ADD COLUMN category TEXT;
            ALTER TABLE bo_posting ADD COLUMN nature TEXT;
            ALTER TABLE bo_adjustment ADD COLUMN category TEXT;
            """),

        // Dunning: the operator's terms and holidays, what the bank's files reached and left, the steps and the stage each invoice passed (once), the holds of suspensions, and letters.
        new SchemaStep(3, """
            ALTER TABLE bo_account ADD COLUMN never_suspend INTEGER NOT NULL DEFAULT 0;

            CREATE TABLE bo_bank_import (
              id TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY, bank_account TEXT NOT NULL, as_of TEXT NOT NULL, bookings INTEGER NOT NULL, imported_at INTEGER NOT NULL, imported_by TEXT NOT NULL);
            CREATE INDEX bo_bank_import_account ON bo_bank_import (bank_account, as_of);

            CREATE TABLE bo_bank_left (
              booking TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY, account_id TEXT, booked_on TEXT NOT NULL, amount_minor INTEGER NOT NULL, currency TEXT NOT NULL, payer TEXT NOT NULL,
              dismissed_at INTEGER, dismissed_by TEXT);
            CREATE INDEX bo_bank_left_open ON bo_bank_left (booking) WHERE dismissed_at IS NULL;

            CREATE TABLE bo_dunning_terms (id TEXT PRIMARY KEY, version INTEGER NOT NULL, content TEXT NOT NULL, changed_at INTEGER NOT NULL, changed_by TEXT NOT NULL);
            CREATE TABLE bo_holiday (day TEXT PRIMARY KEY, name TEXT NOT NULL);
            CREATE TABLE bo_dunning_day (day TEXT NOT NULL, kind TEXT NOT NULL, steps INTEGER NOT NULL, PRIMARY KEY (day, kind));

            CREATE TABLE bo_dunning_step (
              id TEXT PRIMARY KEY, proposal TEXT NOT NULL UNIQUE, tenant_path TEXT NOT NULL COLLATE_BINARY, account_id TEXT NOT NULL REFERENCES bo_account(id), stage TEXT NOT NULL, action TEXT NOT NULL,
              state TEXT NOT NULL, amount_minor INTEGER NOT NULL, currency TEXT NOT NULL, invoices TEXT NOT NULL, on_day TEXT NOT NULL, decided_at INTEGER NOT NULL, decided_by TEXT NOT NULL,
              automatic INTEGER NOT NULL, reason TEXT, terms_version INTEGER NOT NULL, data_kept_until TEXT, ended_at INTEGER);
            CREATE INDEX bo_dunning_step_tenant ON bo_dunning_step (tenant_path, id);
            CREATE INDEX bo_dunning_step_account ON bo_dunning_step (account_id, id);
            CREATE INDEX bo_dunning_step_suspended ON bo_dunning_step (account_id) WHERE action = 'suspend' AND state = 'done' AND ended_at IS NULL;

            CREATE TABLE bo_dunning_item (
              invoice_id TEXT NOT NULL REFERENCES bo_invoice(id), stage TEXT NOT NULL, step_id TEXT NOT NULL REFERENCES bo_dunning_step(id), tenant_path TEXT NOT NULL COLLATE_BINARY, account_id TEXT NOT NULL,
              PRIMARY KEY (invoice_id, stage));
            CREATE INDEX bo_dunning_item_account ON bo_dunning_item (account_id);

            CREATE TABLE bo_dunning_hold (
              hold_id TEXT PRIMARY KEY, step_id TEXT NOT NULL REFERENCES bo_dunning_step(id), account_id TEXT NOT NULL, tenant_path TEXT NOT NULL COLLATE_BINARY, subscription_id TEXT NOT NULL, lifted_at INTEGER);
            CREATE INDEX bo_dunning_hold_account ON bo_dunning_hold (account_id);
            CREATE INDEX bo_dunning_hold_subscription ON bo_dunning_hold (subscription_id);

            CREATE TABLE bo_letter (
              id TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY, account_id TEXT NOT NULL REFERENCES bo_account(id), step_id TEXT NOT NULL UNIQUE, language TEXT NOT NULL, recipient TEXT NOT NULL,
              subject TEXT NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL, tries INTEGER NOT NULL, next_at INTEGER NOT NULL, problem TEXT, made_at INTEGER NOT NULL, sent_at INTEGER, sent_on TEXT, sent_by TEXT);
            CREATE INDEX bo_letter_waiting ON bo_letter (next_at, id) WHERE state = 'waiting';
            CREATE INDEX bo_letter_tenant ON bo_letter (tenant_path, state);
            """),

        // The general ledger as it was imported, and the companies of markets: the provider's own figures, of no tenant.
        new SchemaStep(4, """
            CREATE TABLE bo_gl (month TEXT NOT NULL, line TEXT NOT NULL, part TEXT NOT NULL, amount_minor INTEGER NOT NULL, written_at INTEGER NOT NULL, PRIMARY KEY (month, line, part));
            CREATE TABLE bo_market (industry TEXT NOT NULL, rank INTEGER NOT NULL, company TEXT NOT NULL, account_id TEXT, PRIMARY KEY (industry, rank));
            """),
        // Reports read lines and revenue postings of years at once: from indexes that hold all they ask for, never from the rows beside the documents.
        new SchemaStep(5, """
            CREATE INDEX bo_posting_revenue ON bo_posting (entry_id, tenant_path, ledger_account, currency, category, amount_minor) WHERE ledger_account >= 'revenue:' AND ledger_account < 'revenue;';
            CREATE INDEX bo_entry_booked ON bo_entry (id, booked_on, account_id);
            CREATE INDEX bo_entry_account ON bo_entry (account_id, booked_on, id);
            CREATE INDEX bo_line_counted ON bo_line (invoice_id, tenant_path, month, account_id, revenue, category, nature, amount_minor);
            CREATE INDEX bo_invoice_counted ON bo_invoice (id, currency, issue_date);
            """),

        // Quotes and orders, the terms they agree (prices, the month of a boundary, the least term), and amounts for the next bill that say what they are for.
        new SchemaStep(6, """
            ALTER TABLE bo_adjustment ADD COLUMN subscription_id TEXT;
            ALTER TABLE bo_adjustment ADD COLUMN revenue TEXT;
            ALTER TABLE bo_adjustment ADD COLUMN explanation TEXT;
            ALTER TABLE bo_adjustment ADD COLUMN source TEXT;
            CREATE UNIQUE INDEX bo_adjustment_source ON bo_adjustment (source);

            CREATE TABLE bo_quote (
              id TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY, tenant_id TEXT NOT NULL, account_id TEXT NOT NULL REFERENCES bo_account(id), number TEXT NOT NULL UNIQUE, state TEXT NOT NULL,
              currency TEXT NOT NULL, title TEXT NOT NULL, note TEXT NOT NULL, price_date TEXT NOT NULL, valid_until TEXT NOT NULL, expires_at INTEGER NOT NULL, wanted TEXT NOT NULL, items TEXT NOT NULL,
              once_minor INTEGER NOT NULL, monthly_minor INTEGER NOT NULL, version INTEGER NOT NULL, made_by TEXT NOT NULL, made_at INTEGER NOT NULL, sent_by TEXT, sent_at INTEGER, decided_by TEXT,
              decided_at INTEGER, reason TEXT, order_id TEXT);
            CREATE INDEX bo_quote_tenant ON bo_quote (tenant_path, id);
            CREATE INDEX bo_quote_open ON bo_quote (expires_at) WHERE state = 'sent';

            CREATE TABLE bo_order (
              id TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY, tenant_id TEXT NOT NULL, account_id TEXT NOT NULL REFERENCES bo_account(id), number TEXT NOT NULL UNIQUE, state TEXT NOT NULL,
              quote_id TEXT UNIQUE, reference TEXT, currency TEXT NOT NULL, version INTEGER NOT NULL, made_by TEXT NOT NULL, made_at INTEGER NOT NULL, ended_at INTEGER, cancelled_by TEXT, reason TEXT);
            CREATE INDEX bo_order_tenant ON bo_order (tenant_path, id);
            CREATE UNIQUE INDEX bo_order_reference ON bo_order (tenant_id, reference);

            CREATE TABLE bo_order_item (
              order_id TEXT NOT NULL REFERENCES bo_order(id), no INTEGER NOT NULL, tenant_path TEXT NOT NULL COLLATE_BINARY, action TEXT NOT NULL, state TEXT NOT NULL, subscription_id TEXT, content TEXT NOT NULL,
              due_on TEXT NOT NULL, due_at INTEGER NOT NULL, done_at INTEGER, problem TEXT, early_minor INTEGER NOT NULL, PRIMARY KEY (order_id, no));
            CREATE INDEX bo_order_item_due ON bo_order_item (due_at, order_id, no) WHERE state = 'acknowledged';

            CREATE TABLE bo_terms (
              id TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY, subscription_id TEXT NOT NULL, kind TEXT NOT NULL, valid_from INTEGER NOT NULL, plan_version INTEGER NOT NULL, prices TEXT,
              proration TEXT, known_from INTEGER NOT NULL, known_to INTEGER);
            CREATE INDEX bo_terms_tenant ON bo_terms (tenant_path, subscription_id);
            CREATE INDEX bo_terms_subscription ON bo_terms (subscription_id, valid_from);

            CREATE TABLE bo_agreement (
              id TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY, subscription_id TEXT NOT NULL, begins_on TEXT NOT NULL, minimum_months INTEGER NOT NULL, renewal_months INTEGER NOT NULL,
              notice_days INTEGER NOT NULL, early_percent TEXT NOT NULL, order_id TEXT NOT NULL, known_from INTEGER NOT NULL, known_to INTEGER);
            CREATE UNIQUE INDEX bo_agreement_holds ON bo_agreement (subscription_id) WHERE known_to IS NULL;
            """),

        // What was billed before it is earned, what was taken back of it, what each month that was closed moved to revenue, and the closings. Written once like the documents they come from.
        new SchemaStep(7, """
            CREATE TABLE bo_deferral (
              invoice_id TEXT NOT NULL REFERENCES bo_invoice(id), line_no INTEGER NOT NULL, tenant_path TEXT NOT NULL COLLATE_BINARY, account_id TEXT NOT NULL, subscription_id TEXT, currency TEXT NOT NULL,
              amount_minor INTEGER NOT NULL, first_day TEXT NOT NULL, after_day TEXT NOT NULL, spread INTEGER NOT NULL, booked_on TEXT NOT NULL, revenue TEXT NOT NULL, category TEXT, nature TEXT,
              PRIMARY KEY (invoice_id, line_no));
            CREATE INDEX bo_deferral_account ON bo_deferral (account_id, after_day, booked_on);
            CREATE INDEX bo_deferral_after ON bo_deferral (after_day, account_id);
            CREATE INDEX bo_deferral_booked ON bo_deferral (booked_on, account_id);
            CREATE TABLE bo_deferral_cut (
              invoice_id TEXT NOT NULL, line_no INTEGER NOT NULL, by_invoice_id TEXT NOT NULL, by_line_no INTEGER NOT NULL, tenant_path TEXT NOT NULL COLLATE_BINARY, on_day TEXT NOT NULL,
              amount_minor INTEGER NOT NULL, PRIMARY KEY (invoice_id, line_no, by_invoice_id, by_line_no));
            CREATE INDEX bo_deferral_cut_by ON bo_deferral_cut (by_invoice_id, by_line_no);
            CREATE TABLE bo_release (
              invoice_id TEXT NOT NULL, line_no INTEGER NOT NULL, month TEXT NOT NULL, entry_id TEXT NOT NULL, tenant_path TEXT NOT NULL COLLATE_BINARY, amount_minor INTEGER NOT NULL,
              PRIMARY KEY (invoice_id, line_no, month, entry_id));
            CREATE INDEX bo_release_month ON bo_release (month);
            CREATE TABLE bo_closing (id TEXT PRIMARY KEY, month TEXT NOT NULL, closed_at INTEGER NOT NULL, closed_by TEXT NOT NULL, entries INTEGER NOT NULL);
            """,
            Postgres: string.Concat(Earned.Select(static table => $"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION bo_refuse();\n")),
            Sqlite: string.Concat(Earned.SelectMany(static table => (string[])["UPDATE", "DELETE"], static (table, act) =>
                $"CREATE TRIGGER {table}_kept_{act.ToLowerInvariant()} BEFORE {act} ON {table} BEGIN SELECT RAISE(ABORT, 'what is issued or booked is never changed'); END;\n"))),

        // Project orders: their milestones, and what was spent on them.
        new SchemaStep(8, """
            CREATE TABLE bo_project (
              id TEXT PRIMARY KEY, tenant_path TEXT NOT NULL COLLATE_BINARY, tenant_id TEXT NOT NULL, account_id TEXT NOT NULL REFERENCES bo_account(id), number TEXT NOT NULL UNIQUE, name TEXT NOT NULL, reference TEXT,
              currency TEXT NOT NULL, state TEXT NOT NULL, version INTEGER NOT NULL, made_by TEXT NOT NULL, made_at INTEGER NOT NULL, ended_at INTEGER, reason TEXT);
            CREATE INDEX bo_project_tenant ON bo_project (tenant_path, id);
            CREATE UNIQUE INDEX bo_project_reference ON bo_project (tenant_id, reference);
            CREATE TABLE bo_milestone (
              project_id TEXT NOT NULL REFERENCES bo_project(id), no INTEGER NOT NULL, tenant_path TEXT NOT NULL COLLATE_BINARY, name TEXT NOT NULL, amount_minor INTEGER NOT NULL, due_on TEXT NOT NULL, state TEXT NOT NULL,
              accepted_on TEXT, accepted_by TEXT, accepted_at INTEGER, by_customer INTEGER NOT NULL, evidence TEXT, document_sha256 TEXT, cost_minor INTEGER NOT NULL, PRIMARY KEY (project_id, no));
            CREATE TABLE bo_project_cost (
              id TEXT PRIMARY KEY, project_id TEXT NOT NULL REFERENCES bo_project(id), tenant_path TEXT NOT NULL COLLATE_BINARY, on_day TEXT NOT NULL, amount_minor INTEGER NOT NULL, label TEXT NOT NULL,
              foreign_key TEXT NOT NULL, recorded_by TEXT NOT NULL, recorded_at INTEGER NOT NULL);
            CREATE UNIQUE INDEX bo_project_cost_once ON bo_project_cost (project_id, foreign_key);
            """),
    ],
    SharedTables: []);
}
