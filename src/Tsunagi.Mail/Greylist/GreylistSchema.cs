namespace Tsunagi.Mail.Greylist;

/// <summary>
/// Who was put off and who came again, one row for a client's network, a sender's domain and a recipient's domain of a tenant; the key is a hash of them, so that no row names anybody. Every node writes what
/// it saw and reads what others wrote.
/// </summary>
internal static class GreylistSchema
{
    public const string Tables = """
        CREATE TABLE mail_greylist (
          key text PRIMARY KEY COLLATE_BINARY, tenant_path text NOT NULL COLLATE_BINARY, first_at bigint NOT NULL, last_at bigint NOT NULL, passes bigint NOT NULL, written_at bigint NOT NULL);
        CREATE INDEX mail_greylist_written ON mail_greylist (written_at);
        CREATE INDEX mail_greylist_last ON mail_greylist (last_at);
        """;
}
