namespace Tsunagi.Mail.Routes;

/// <summary>
/// What the provider knows of other domains: policies of MTA-STS, and how sessions with their servers went, by day. Nothing here is a tenant's: that a domain was written to is known, by whom is not.
/// </summary>
internal static class RouteSchema
{
    public const string Tables = """
        CREATE TABLE mail_sts_policy (
          domain text PRIMARY KEY COLLATE_BINARY, policy_id text NOT NULL, policy text NOT NULL, fetched_at bigint NOT NULL, expires_at bigint NOT NULL, used_at bigint NOT NULL);
        CREATE TABLE mail_tls_result (
          day_at bigint NOT NULL, domain text NOT NULL COLLATE_BINARY, hash text NOT NULL COLLATE_BINARY, policy_type text NOT NULL, policy text NOT NULL, result text NOT NULL, mx text NOT NULL,
          sending text NOT NULL, receiving text NOT NULL, reason text NOT NULL, sessions bigint NOT NULL, PRIMARY KEY (day_at, domain, hash));
        CREATE TABLE mail_tls_report (
          day_at bigint NOT NULL, domain text NOT NULL COLLATE_BINARY, state text NOT NULL, sent_to text NOT NULL, tries bigint NOT NULL, updated_at bigint NOT NULL, PRIMARY KEY (day_at, domain));
        """;
}
