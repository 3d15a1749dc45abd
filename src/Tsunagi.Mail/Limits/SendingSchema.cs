namespace Tsunagi.Mail.Limits;

/// <summary>
/// A credential's own limits and its pause, and what every sender sent lately, by the node that counted it: written every few seconds, so that a restart gives nobody a new hour. No row names a
/// recipient. A row nothing was added to for 29 days is taken out.
/// </summary>
internal static class SendingSchema
{
    public const string Tables = """
        ALTER TABLE mail_credential ADD COLUMN limits text NOT NULL DEFAULT '';
        ALTER TABLE mail_credential ADD COLUMN paused_at bigint NOT NULL DEFAULT 0;
        ALTER TABLE mail_credential ADD COLUMN paused_why text NOT NULL DEFAULT '';
        ALTER TABLE mail_credential ADD COLUMN resumed_at bigint NOT NULL DEFAULT 0;
        CREATE TABLE mail_sending_count (
          subject text NOT NULL COLLATE_BINARY, node text NOT NULL COLLATE_BINARY, tenant_path text NOT NULL COLLATE_BINARY, counted_at bigint NOT NULL, counts text NOT NULL, told text NOT NULL,
          PRIMARY KEY (subject, node));
        CREATE INDEX mail_sending_count_at ON mail_sending_count (counted_at);
        """;
}
