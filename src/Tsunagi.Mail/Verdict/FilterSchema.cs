using Tsunagi.Core.Store;

namespace Tsunagi.Mail.Verdict;

/// <summary>What everybody wants done with arriving mail, and what the directory says of recipients for it. A step is never edited after a release.</summary>
internal static class FilterSchema
{
    public static readonly SchemaPart Control = new("mail-filter", StoreKind.Control,
    [
        new SchemaStep(1, """
            CREATE TABLE mail_filter_policy (
              tenant_path text NOT NULL COLLATE_BINARY, scope text NOT NULL, name text NOT NULL COLLATE_BINARY, version bigint NOT NULL, policy text NOT NULL,
              updated_at bigint NOT NULL, updated_by text NOT NULL, PRIMARY KEY (tenant_path, scope, name));
            CREATE TABLE mail_filter_version (one bigint PRIMARY KEY, version bigint NOT NULL);
            INSERT INTO mail_filter_version (one, version) VALUES (1, 1);
            ALTER TABLE mail_recipient_entry ADD COLUMN alias_of text NOT NULL DEFAULT '';
            ALTER TABLE mail_recipient_entry ADD COLUMN in_groups text NOT NULL DEFAULT '';
            """),

        // Who changed at which version of the whole: readers of everything read again only what is theirs.
        new SchemaStep(2, "CREATE TABLE mail_filter_change (tenant_path text PRIMARY KEY COLLATE_BINARY, version bigint NOT NULL); CREATE INDEX mail_filter_change_version ON mail_filter_change (version);"),
    ]);
}
