using Tsunagi.Core.Store;
using Tsunagi.Mail.Directories;
using Tsunagi.Mail.Greylist;
using Tsunagi.Mail.Limits;
using Tsunagi.Mail.Pending;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Mail.Reporting.Dmarc;
using Tsunagi.Mail.Reports;
using Tsunagi.Mail.Routes;
using Tsunagi.Mail.Signing;
using Tsunagi.Mail.Submission;
using Tsunagi.Mail.Teach;

namespace Tsunagi.Mail.Contract;

/// <summary>What operators and customers tell the mail service beside the contract. A step is never edited after a release.</summary>
internal static class MailControlSchema
{
    public static readonly SchemaPart Control = new("mail", StoreKind.Control,
    [
        new SchemaStep(1, """
            CREATE TABLE mail_recipient_list (
              subscription_id text PRIMARY KEY, tenant_path text NOT NULL COLLATE_BINARY, version bigint NOT NULL, entries bigint NOT NULL,
              updated_at bigint NOT NULL, updated_by text NOT NULL);
            CREATE TABLE mail_recipient_entry (
              subscription_id text NOT NULL, address text NOT NULL COLLATE_BINARY, tenant_path text NOT NULL COLLATE_BINARY,
              PRIMARY KEY (subscription_id, address));
            CREATE TABLE mail_next_hop_hold (
              next_hop text PRIMARY KEY, held_by text NOT NULL, reason text NOT NULL, held_at bigint NOT NULL);
            """),
        new SchemaStep(2, """
            CREATE TABLE mail_next_hop_outage (
              node text NOT NULL, next_hop text NOT NULL, tenant_path text NOT NULL COLLATE_BINARY, since_at bigint NOT NULL,
              PRIMARY KEY (node, next_hop, tenant_path));
            CREATE TABLE mail_content_grant (
              message_id text NOT NULL, actor_id text NOT NULL, tenant_path text NOT NULL COLLATE_BINARY, reason text NOT NULL,
              granted_at bigint NOT NULL, expires_at bigint NOT NULL, PRIMARY KEY (message_id, actor_id));
            """),
        new SchemaStep(3, QuarantineSchema.Tables, Postgres: QuarantineSchema.PostgresWords, Sqlite: QuarantineSchema.SqliteWords),
        new SchemaStep(4, TaughtSchema.Tables),
        new SchemaStep(5, SigningSchema.Tables),
        new SchemaStep(6, CredentialSchema.Tables),
        new SchemaStep(7, SendingSchema.Tables),
        new SchemaStep(8, GreylistSchema.Tables),
        new SchemaStep(9, PendingSchema.Tables),
        new SchemaStep(10, ReportSchema.Tables),
        new SchemaStep(11, RouteSchema.Tables),
        new SchemaStep(12, DirectorySchema.Tables),
        new SchemaStep(13, DmarcSchema.Tables),
    ]);
}
