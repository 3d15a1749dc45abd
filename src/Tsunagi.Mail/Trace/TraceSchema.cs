using Tsunagi.Core.Store;
using Tsunagi.Mail.Shadow;

namespace Tsunagi.Mail.Trace;

/// <summary>The tables of the trace: what became of every message, its recipients, and each attempt. A step is never edited after a release.</summary>
internal static class TraceSchema
{
    public static readonly SchemaPart Projections = new("mail", StoreKind.Projections,
    [
        new SchemaStep(1, """
            CREATE TABLE mail_message (
              id text PRIMARY KEY COLLATE_BINARY, tenant_path text NOT NULL COLLATE_BINARY, subscription_id text NOT NULL, accepted_at bigint NOT NULL,
              state text NOT NULL, sender text NOT NULL, from_domain text NOT NULL, message_id text NOT NULL, subject text NOT NULL, size bigint NOT NULL,
              client_address text NOT NULL, helo text NOT NULL, tls text NOT NULL, flags bigint NOT NULL, transaction_id text NOT NULL, about_id text NOT NULL,
              recipients bigint NOT NULL, attempts bigint NOT NULL, next_at bigint NOT NULL, finished_at bigint NOT NULL, last_reply text NOT NULL);
            CREATE INDEX mail_message_tenant ON mail_message (tenant_path, id);
            CREATE INDEX mail_message_sender ON mail_message (sender, id);
            CREATE INDEX mail_message_header ON mail_message (message_id) WHERE message_id <> '';
            CREATE INDEX mail_message_about ON mail_message (about_id) WHERE about_id <> '';
            CREATE INDEX mail_message_transaction ON mail_message (transaction_id) WHERE transaction_id <> '';

            CREATE TABLE mail_recipient (
              message_id text NOT NULL COLLATE_BINARY, position bigint NOT NULL, tenant_path text NOT NULL COLLATE_BINARY, recipient text NOT NULL,
              state text NOT NULL, reply text NOT NULL, updated_at bigint NOT NULL, PRIMARY KEY (message_id, position));
            CREATE INDEX mail_recipient_address ON mail_recipient (recipient, message_id);

            CREATE TABLE mail_attempt (
              message_id text NOT NULL COLLATE_BINARY, attempt bigint NOT NULL, tenant_path text NOT NULL COLLATE_BINARY, started_at bigint NOT NULL,
              ended_at bigint NOT NULL, next_hop text NOT NULL, address text NOT NULL, tls text NOT NULL, next_at bigint NOT NULL, replies text NOT NULL,
              report_id text NOT NULL, PRIMARY KEY (message_id, attempt));
            """),
        new SchemaStep(2, "CREATE INDEX mail_message_state ON mail_message (state, id);"),
        new SchemaStep(3, """
            CREATE TABLE mail_verdict (
              message_id text PRIMARY KEY COLLATE_BINARY, tenant_path text NOT NULL COLLATE_BINARY, action text NOT NULL, reason text NOT NULL, facts text NOT NULL);
            """),
        new SchemaStep(4, "ALTER TABLE mail_message ADD COLUMN submitted_by text NOT NULL DEFAULT ''; CREATE INDEX mail_message_submitter ON mail_message (submitted_by, id) WHERE submitted_by <> '';"),
        new SchemaStep(5, ShadowSchema.Tables),
    ]);
}
