namespace Tsunagi.Mail.Teach;

/// <summary>
/// What people said of messages, and what it was said of. <c>mail_taught_word</c> is one person's word about one message; <c>mail_taught_example</c> the features of the message (encrypted under a key of the tenant; of one version of tokens)
/// and the sum of the words; <c>mail_taught_model</c> when a tenant's examples changed last, by a number that grows over all tenants, so that nodes read only news.
/// </summary>
internal static class TaughtSchema
{
    public const string Tables = """
        CREATE TABLE mail_taught_word (
          tenant_path text NOT NULL COLLATE_BINARY, message_id text NOT NULL, person text NOT NULL, is_spam bigint NOT NULL, said_at bigint NOT NULL, PRIMARY KEY (tenant_path, message_id, person));
        CREATE TABLE mail_taught_example (
          tenant_path text NOT NULL COLLATE_BINARY, message_id text NOT NULL, seq bigint NOT NULL, votes bigint NOT NULL, version bigint NOT NULL, vector text NOT NULL, PRIMARY KEY (tenant_path, message_id));
        CREATE INDEX mail_taught_example_seq ON mail_taught_example (tenant_path, seq);
        CREATE TABLE mail_taught_model (
          tenant_path text NOT NULL COLLATE_BINARY PRIMARY KEY, revision bigint NOT NULL, examples bigint NOT NULL, full_at bigint NOT NULL);
        CREATE INDEX mail_taught_model_revision ON mail_taught_model (revision);
        CREATE TABLE mail_taught_head (one bigint PRIMARY KEY, revision bigint NOT NULL);
        INSERT INTO mail_taught_head (one, revision) VALUES (1, 0);
        """;
}
