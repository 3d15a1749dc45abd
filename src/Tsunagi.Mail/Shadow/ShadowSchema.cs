namespace Tsunagi.Mail.Shadow;

/// <summary>What both filters said, a row for each message that was only watched, beside its row in the trace; both go together.</summary>
internal static class ShadowSchema
{
    public const string Tables = """
        CREATE TABLE mail_shadow (
          message_id text PRIMARY KEY COLLATE_BINARY, tenant_path text NOT NULL COLLATE_BINARY, domain text NOT NULL COLLATE_BINARY, judged_at bigint NOT NULL,
          ours text NOT NULL, action text NOT NULL, theirs text NOT NULL, field text NOT NULL);
        CREATE INDEX mail_shadow_tenant ON mail_shadow (tenant_path, judged_at);
        """;
}
