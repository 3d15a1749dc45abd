namespace Tsunagi.Mail.Reports;

/// <summary>
/// Reports, the records of DMARC reports (a row for messages that were alike), and the results of TLS reports. Names and days of the report stand in each record, so that a
/// dashboard reads one table by one index. The indices hold what totals and days are summed from, so that those read no table at all.
/// </summary>
internal static class ReportSchema
{
    public const string Tables = """
        CREATE TABLE mail_report (
          id text PRIMARY KEY COLLATE_BINARY, tenant_path text NOT NULL COLLATE_BINARY, kind text NOT NULL, domain text NOT NULL COLLATE_BINARY, organization text NOT NULL, contact text NOT NULL,
          report_id text NOT NULL, begin_at bigint NOT NULL, end_at bigint NOT NULL, received_at bigint NOT NULL, came_by text NOT NULL, message_id text NOT NULL, author text NOT NULL,
          author_result text NOT NULL, policy text NOT NULL, published text NOT NULL, messages bigint NOT NULL, passed bigint NOT NULL, records bigint NOT NULL, left_out bigint NOT NULL,
          digest text NOT NULL, state text NOT NULL, why text NOT NULL);
        CREATE INDEX mail_report_tenant ON mail_report (tenant_path, received_at);
        CREATE INDEX mail_report_domain ON mail_report (domain, kind, end_at);
        CREATE INDEX mail_report_received ON mail_report (received_at);

        CREATE TABLE mail_report_record (
          report_id text NOT NULL COLLATE_BINARY, position bigint NOT NULL, tenant_path text NOT NULL COLLATE_BINARY, domain text NOT NULL COLLATE_BINARY, day_at bigint NOT NULL,
          source text NOT NULL COLLATE_BINARY, source_ip text NOT NULL, header_from text NOT NULL, envelope_from text NOT NULL, messages bigint NOT NULL, disposition text NOT NULL,
          dkim bigint NOT NULL, spf bigint NOT NULL, dkim_domain text NOT NULL, dkim_result text NOT NULL, spf_domain text NOT NULL, spf_result text NOT NULL, reasons text NOT NULL,
          trusted bigint NOT NULL, PRIMARY KEY (report_id, position));
        CREATE INDEX mail_report_record_domain ON mail_report_record (domain, day_at, tenant_path, source, messages, dkim, spf, disposition, trusted);
        CREATE INDEX mail_report_record_tenant ON mail_report_record (tenant_path, day_at, domain, source, messages, dkim, spf);

        CREATE TABLE mail_report_tls (
          report_id text NOT NULL COLLATE_BINARY, position bigint NOT NULL, tenant_path text NOT NULL COLLATE_BINARY, domain text NOT NULL COLLATE_BINARY, day_at bigint NOT NULL,
          policy text NOT NULL, result text NOT NULL, mx text NOT NULL, sending text NOT NULL, sessions bigint NOT NULL, reason text NOT NULL, PRIMARY KEY (report_id, position));
        CREATE INDEX mail_report_tls_domain ON mail_report_tls (domain, day_at);
        CREATE INDEX mail_report_tls_tenant ON mail_report_tls (tenant_path, day_at);
        """;
}
