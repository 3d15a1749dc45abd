namespace Tsunagi.Mail.Directories;

/// <summary>
/// The customers' directories that lists of recipients are read from, one for a subscription. <c>sealed</c> is the password in the tenant's box of secrets. <c>read_at</c> is when the list was last
/// as the directory is; <c>problem_at</c> since when it is not, and <c>asks</c> how many recipients would go, when that is why.
/// </summary>
internal static class DirectorySchema
{
    public const string Tables = """
        CREATE TABLE mail_directory (
          subscription_id text PRIMARY KEY, tenant_path text NOT NULL COLLATE_BINARY, settings text NOT NULL, sealed text NOT NULL, updated_at bigint NOT NULL, updated_by text NOT NULL,
          next_at bigint NOT NULL, tried_at bigint NOT NULL, read_at bigint NOT NULL, failures bigint NOT NULL, problem text NOT NULL, problem_at bigint NOT NULL, asks bigint NOT NULL, passed_over bigint NOT NULL);
        CREATE INDEX mail_directory_next ON mail_directory (next_at);
        """;
}
