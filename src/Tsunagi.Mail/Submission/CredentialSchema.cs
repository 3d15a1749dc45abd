namespace Tsunagi.Mail.Submission;

/// <summary>
/// The credentials of devices and users that hand mail in. The secret is not here: what is kept of it tells whether somebody knows it (RFC 5802 section 3). A row that was revoked stays for its
/// story, without what was kept of its secret. <c>revision</c> grows with each change over all rows, so that nodes read only news.
/// </summary>
internal static class CredentialSchema
{
    public const string Tables = """
        CREATE TABLE mail_credential (
          id text PRIMARY KEY COLLATE_BINARY, tenant_path text NOT NULL COLLATE_BINARY, subscription_id text NOT NULL, user_name text NOT NULL COLLATE_BINARY, label text NOT NULL, senders text NOT NULL,
          salt text NOT NULL, iterations bigint NOT NULL, stored_key text NOT NULL, server_key text NOT NULL, revision bigint NOT NULL, created_at bigint NOT NULL, created_by text NOT NULL,
          secret_at bigint NOT NULL, last_used_at bigint NOT NULL, last_used_from text NOT NULL, revoked_at bigint NOT NULL);
        CREATE UNIQUE INDEX mail_credential_name ON mail_credential (subscription_id, user_name) WHERE revoked_at = 0;
        CREATE INDEX mail_credential_revision ON mail_credential (revision);
        CREATE INDEX mail_credential_tenant ON mail_credential (tenant_path, id);
        CREATE TABLE mail_credential_head (one bigint PRIMARY KEY, revision bigint NOT NULL);
        INSERT INTO mail_credential_head (one, revision) VALUES (1, 0);
        """;
}
