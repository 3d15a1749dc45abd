namespace Tsunagi.Mail.Quarantine;

/// <summary>
/// The tables of held mail, in the control store: what is in the quarantine must be durable before the spool lets go of it. One row of
/// <c>mail_held</c> is one recipient's copy; <c>mail_held_body</c> names the file of the message. Their words are indexed where each database does it best.
/// </summary>
internal static class QuarantineSchema
{
    public const string Tables = """
        CREATE TABLE mail_held_body (
          message_id text PRIMARY KEY, tenant_path text NOT NULL COLLATE_BINARY, node text NOT NULL, class text NOT NULL, held_at bigint NOT NULL, spent bigint NOT NULL);
        CREATE INDEX mail_held_body_spent ON mail_held_body (node, message_id) WHERE spent = 1;

        CREATE TABLE mail_held (
          seq INTEGER PRIMARY KEY, id text NOT NULL UNIQUE, message_id text NOT NULL, tenant_path text NOT NULL COLLATE_BINARY, subscription_id text NOT NULL,
          node text NOT NULL, class text NOT NULL, position bigint NOT NULL, recipient text NOT NULL, sender text NOT NULL, from_text text NOT NULL,
          subject text NOT NULL, size bigint NOT NULL, held_at bigint NOT NULL, expires_at bigint NOT NULL, state text NOT NULL, changed_at bigint NOT NULL,
          changed_by text NOT NULL, release_id text NOT NULL, reason text NOT NULL, legal_at bigint NOT NULL, legal_by text NOT NULL, legal_reason text NOT NULL);
        CREATE INDEX mail_held_message ON mail_held (message_id);
        CREATE INDEX mail_held_tenant ON mail_held (tenant_path, seq);
        CREATE INDEX mail_held_recipient ON mail_held (recipient, seq);
        CREATE INDEX mail_held_state ON mail_held (state, seq);
        CREATE INDEX mail_held_time ON mail_held (held_at);
        CREATE INDEX mail_held_expiry ON mail_held (expires_at) WHERE state IN ('held', 'requested', 'refused') AND legal_at = 0;
        CREATE INDEX mail_held_ended ON mail_held (changed_at) WHERE state IN ('released', 'deleted', 'expired', 'unreadable');
        CREATE TABLE mail_held_head (one bigint PRIMARY KEY, seq bigint NOT NULL);
        INSERT INTO mail_held_head (one, seq) VALUES (1, 0);

        CREATE TABLE mail_sender_rule (
          id text PRIMARY KEY, tenant_path text NOT NULL COLLATE_BINARY, scope text NOT NULL, owner text NOT NULL, sender text NOT NULL, rule text NOT NULL,
          revision bigint NOT NULL, changed_at bigint NOT NULL, changed_by text NOT NULL, UNIQUE (tenant_path, scope, owner, sender));
        CREATE INDEX mail_sender_rule_revision ON mail_sender_rule (revision);
        CREATE TABLE mail_sender_head (one bigint PRIMARY KEY, revision bigint NOT NULL);
        INSERT INTO mail_sender_head (one, revision) VALUES (1, 0);

        CREATE TABLE mail_digest (
          recipient text NOT NULL, tenant_path text NOT NULL COLLATE_BINARY, seq bigint NOT NULL, day text NOT NULL, sent_at bigint NOT NULL, message_id text NOT NULL,
          language text NOT NULL, PRIMARY KEY (tenant_path, recipient));
        """;

    /// <summary>No phrase is ever asked for, so the index holds which rows have a word and no more; what stands in the rows is not kept twice.</summary>
    public const string SqliteWords = """
        CREATE VIRTUAL TABLE mail_held_words USING fts5(words, content='', contentless_delete=1, detail=none, tokenize="ascii tokenchars '@._-+=:'");
        """;

    public const string PostgresWords = """
        ALTER TABLE mail_held ADD COLUMN words varchar[] NOT NULL DEFAULT '{}';
        CREATE INDEX mail_held_words ON mail_held USING gin (words);
        """;
}
