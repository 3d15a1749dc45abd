namespace Tsunagi.Mail.Reporting.Dmarc;

/// <summary>
/// What is told to other domains of mail in their name: what was seen of it (a row for messages that were alike), how each domain did, and whom it was told. The provider's knowledge, no tenant's: rows name domains of
/// recipients, as reports do, and nobody else. <c>published</c> is the last policy of the day; the row of no domain ('') holds what was left out beyond the limit of domains.
/// </summary>
internal static class DmarcSchema
{
    public const string Tables = """
        CREATE TABLE mail_dmarc_seen (
          day_at bigint NOT NULL, domain text NOT NULL COLLATE_BINARY, hash text NOT NULL COLLATE_BINARY, source text NOT NULL, header_from text NOT NULL, envelope_from text NOT NULL, envelope_to text NOT NULL,
          disposition text NOT NULL, reason text NOT NULL, dkim bigint NOT NULL, spf bigint NOT NULL, signatures text NOT NULL, spf_result text NOT NULL, messages bigint NOT NULL, PRIMARY KEY (day_at, domain, hash));
        CREATE TABLE mail_dmarc_domain (
          day_at bigint NOT NULL, domain text NOT NULL COLLATE_BINARY, published text NOT NULL, passed bigint NOT NULL, good bigint NOT NULL, records bigint NOT NULL, left_out bigint NOT NULL, PRIMARY KEY (day_at, domain));
        CREATE INDEX mail_dmarc_domain_name ON mail_dmarc_domain (domain);
        CREATE TABLE mail_dmarc_report (
          day_at bigint NOT NULL, domain text NOT NULL COLLATE_BINARY, state text NOT NULL, sent_to text NOT NULL, tries bigint NOT NULL, updated_at bigint NOT NULL, PRIMARY KEY (day_at, domain));
        """;
}
