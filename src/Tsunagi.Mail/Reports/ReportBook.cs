using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;

namespace Tsunagi.Mail.Reports;

/// <summary>Reads reports as one caller may see them: sums are made by the store, over the days and the domain asked for.</summary>
public sealed class ReportBook(Stores stores)
{
    private const string Last = "~";
    private const string Columns = """
        id, tenant_path, kind, domain, organization, contact, report_id, begin_at, end_at, received_at, came_by, message_id, author, author_result, policy, published, messages, passed, records, left_out,
          digest, state, why
        """;

    public static readonly TenantQuery List = new("mail.reports.list", $$"""
        SELECT {{Columns}} FROM mail_report WHERE {tenant} AND (received_at < @At OR (received_at = @At AND id < @Before)) AND (@Domain = '' OR domain = @Domain) AND (@Kind = '' OR kind = @Kind)
          AND (@State = '' OR state = @State) ORDER BY received_at DESC, id DESC LIMIT @Limit
        """);

    public static readonly TenantQuery ById = new("mail.reports.by-id", $"SELECT {Columns} FROM mail_report WHERE {"{tenant}"} AND id = @Id");

    public static readonly TenantQuery Records = new("mail.reports.records", """
        SELECT source, source_ip, header_from, envelope_from, messages, disposition, dkim, spf, dkim_domain, dkim_result, spf_domain, spf_result, reasons FROM mail_report_record
        WHERE {tenant} AND report_id = @Id ORDER BY messages DESC, position LIMIT @Limit
        """);

    public static readonly TenantQuery Domains = new("mail.reports.domains", """
        SELECT domain, CAST(sum(messages) AS bigint) AS messages, CAST(sum(CASE WHEN dkim + spf > 0 THEN messages ELSE 0 END) AS bigint) AS passed, count(DISTINCT source) AS sources
        FROM mail_report_record WHERE {tenant} AND day_at >= @From GROUP BY domain ORDER BY domain
        """);

    public static readonly TenantQuery TlsDomains = new("mail.reports.tls-domains", """
        SELECT domain, CAST(sum(sessions) AS bigint) AS messages, CAST(sum(CASE WHEN result = '' THEN sessions ELSE 0 END) AS bigint) AS passed, count(DISTINCT mx) AS sources
        FROM mail_report_tls WHERE {tenant} AND day_at >= @From GROUP BY domain ORDER BY domain
        """);

    public static readonly TenantQuery Newest = new("mail.reports.newest", $$"""
        SELECT {{Columns}} FROM mail_report WHERE {tenant} AND kind = 'dmarc' AND state = 'read' AND domain = @Domain ORDER BY end_at DESC, id DESC LIMIT 1
        """);

    public static readonly TenantQuery Days = new("mail.reports.days", """
        SELECT day_at, CAST(sum(CASE WHEN dkim + spf > 0 THEN messages ELSE 0 END) AS bigint) AS passed,
          CAST(sum(CASE WHEN dkim + spf = 0 AND disposition NOT IN ('quarantine', 'reject') THEN messages ELSE 0 END) AS bigint) AS failed,
          CAST(sum(CASE WHEN dkim + spf = 0 AND disposition IN ('quarantine', 'reject') THEN messages ELSE 0 END) AS bigint) AS stopped,
          CAST(sum(CASE WHEN trusted = 1 THEN messages ELSE 0 END) AS bigint) AS trusted
        FROM mail_report_record WHERE {tenant} AND domain = @Domain AND day_at >= @From GROUP BY day_at ORDER BY day_at
        """);

    public static readonly TenantQuery Sources = new("mail.reports.sources", """
        SELECT source, CAST(sum(messages) AS bigint) AS messages, CAST(sum(CASE WHEN dkim + spf > 0 THEN messages ELSE 0 END) AS bigint) AS passed,
          CAST(sum(CASE WHEN dkim = 1 THEN messages ELSE 0 END) AS bigint) AS dkim_aligned, CAST(sum(CASE WHEN spf = 1 THEN messages ELSE 0 END) AS bigint) AS spf_aligned,
          CAST(sum(CASE WHEN dkim + spf = 0 AND dkim_result = 'pass' THEN messages ELSE 0 END) AS bigint) AS dkim_elsewhere,
          CAST(sum(CASE WHEN dkim + spf = 0 AND spf_result = 'pass' THEN messages ELSE 0 END) AS bigint) AS spf_elsewhere,
          CAST(sum(CASE WHEN dkim = 0 AND dkim_result NOT IN ('', 'none', 'pass') THEN messages ELSE 0 END) AS bigint) AS dkim_broken,
          CAST(sum(CASE WHEN reasons <> '' AND dkim + spf = 0 AND (reasons LIKE '%forwarde%' OR reasons LIKE '%mailing_list%') THEN messages ELSE 0 END) AS bigint) AS forwarded,
          CAST(sum(CASE WHEN disposition = 'quarantine' THEN messages ELSE 0 END) AS bigint) AS quarantined, CAST(sum(CASE WHEN disposition = 'reject' THEN messages ELSE 0 END) AS bigint) AS rejected,
          coalesce(max(CASE WHEN dkim + spf = 0 AND dkim_result = 'pass' THEN dkim_domain END), '') AS dkim_domain, coalesce(max(CASE WHEN dkim + spf = 0 AND spf_result = 'pass' THEN spf_domain END), '') AS spf_domain,
          coalesce(max(CASE WHEN dkim = 0 AND dkim_result NOT IN ('', 'none', 'pass') THEN dkim_domain END), '') AS broken_domain, max(reasons) AS reasons, count(DISTINCT source_ip) AS addresses, min(source_ip) AS address
        FROM mail_report_record WHERE {tenant} AND domain = @Domain AND day_at >= @From GROUP BY source ORDER BY 2 DESC, source LIMIT @Limit
        """);

    /// <summary>Those that are somebody of the domain's own: sources of which at least some mail passes; reports of authors that are who they say alone.</summary>
    public static readonly TenantQuery Known = new("mail.reports.known-sources", """
        SELECT CAST(coalesce(sum(messages), 0) AS bigint) AS messages, CAST(coalesce(sum(passed), 0) AS bigint) AS passed, coalesce(min(first_at), 0) AS first_at, count(*) AS sources FROM (
          SELECT sum(messages) AS messages, sum(CASE WHEN dkim + spf > 0 THEN messages ELSE 0 END) AS passed, min(day_at) AS first_at FROM mail_report_record
          WHERE {tenant} AND domain = @Domain AND day_at >= @From AND trusted = 1 GROUP BY source) s WHERE s.passed > 0
        """);

    public static readonly TenantQuery TlsResults = new("mail.reports.tls-results", """
        SELECT mx, result, policy, CAST(sum(sessions) AS bigint) AS sessions, max(reason) AS reason, count(DISTINCT report_id) AS reports FROM mail_report_tls
        WHERE {tenant} AND domain = @Domain AND day_at >= @From GROUP BY mx, result, policy ORDER BY 4 DESC, mx, result, policy LIMIT @Limit
        """);

    public static readonly TenantQuery TlsDays = new("mail.reports.tls-days", """
        SELECT day_at, CAST(sum(CASE WHEN result = '' THEN sessions ELSE 0 END) AS bigint) AS passed, CAST(sum(CASE WHEN result <> '' THEN sessions ELSE 0 END) AS bigint) AS failed,
          CAST(0 AS bigint) AS stopped, CAST(0 AS bigint) AS trusted
        FROM mail_report_tls WHERE {tenant} AND domain = @Domain AND day_at >= @From GROUP BY day_at ORDER BY day_at
        """);

    /// <param name="before">What the last row of the page before gave (<see cref="CursorOf"/>); empty for the newest.</param>
    public ValueTask<IReadOnlyList<ReportRow>> ListAsync(Caller caller, string domain, string kind, string state, string before, int limit, CancellationToken cancellationToken)
    {
        var dot = before.IndexOf('.', StringComparison.Ordinal);
        var at = dot > 0 && long.TryParse(before.AsSpan(0, dot), System.Globalization.CultureInfo.InvariantCulture, out var read) ? read : long.MaxValue;
        return Of(caller).QueryAsync<ReportRow>(List, new { At = at, Before = dot > 0 ? before[(dot + 1)..] : Last, Domain = domain, Kind = kind, State = state, Limit = (long)limit }, cancellationToken);
    }

    public static string CursorOf(ReportRow row) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{row.ReceivedAt}.{row.Id}");

    public ValueTask<ReportRow?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) => Of(caller).FirstOrDefaultAsync<ReportRow>(ById, new { Id = id }, cancellationToken);

    public ValueTask<IReadOnlyList<ReportedRecord>> RecordsAsync(Caller caller, string id, int limit, CancellationToken cancellationToken) =>
        Of(caller).QueryAsync<ReportedRecord>(Records, new { Id = id, Limit = (long)limit }, cancellationToken);

    /// <summary>Every domain there are reports of, with both kinds' totals.</summary>
    public async ValueTask<IReadOnlyList<ReportedDomain>> DomainsAsync(Caller caller, long fromMicros, CancellationToken cancellationToken)
    {
        var dmarc = (await Of(caller).QueryAsync<DomainRow>(Domains, new { From = fromMicros }, cancellationToken)).ToDictionary(static row => row.Domain, StringComparer.Ordinal);
        var tls = (await Of(caller).QueryAsync<DomainRow>(TlsDomains, new { From = fromMicros }, cancellationToken)).ToDictionary(static row => row.Domain, StringComparer.Ordinal);
        return
        [
            .. dmarc.Keys.Union(tls.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(domain =>
            {
                var (mail, sessions) = (dmarc.GetValueOrDefault(domain), tls.GetValueOrDefault(domain));
                return new ReportedDomain(domain, mail?.Messages ?? 0, mail?.Passed ?? 0, mail?.Sources ?? 0, sessions?.Messages ?? 0, sessions?.Passed ?? 0);
            }),
        ];
    }

    /// <summary>Everything a domain's dashboard shows; null when the caller sees no report of it.</summary>
    public async ValueTask<DomainReport?> DashboardAsync(Caller caller, string domain, long fromMicros, long hintFromMicros, CancellationToken cancellationToken)
    {
        var store = Of(caller);
        var span = new { Domain = domain, From = fromMicros, Limit = MostSources };
        var newest = await store.FirstOrDefaultAsync<ReportRow>(Newest, new { Domain = domain }, cancellationToken);
        var days = await store.QueryAsync<ReportedDay>(Days, span, cancellationToken);
        var tlsDays = await store.QueryAsync<ReportedDay>(TlsDays, span, cancellationToken);
        if (newest is null && days.Count == 0 && tlsDays.Count == 0 && (await ListAsync(caller, domain, "", ReportRow.Read, "", 1, cancellationToken)).Count == 0)
        {
            return null;
        }

        return new DomainReport(
            domain, newest, days, await store.QueryAsync<ReportedSource>(Sources, span, cancellationToken),
            (await store.FirstOrDefaultAsync<KnownSources>(Known, new { Domain = domain, From = hintFromMicros }, cancellationToken))!,
            tlsDays, await store.QueryAsync<TlsResult>(TlsResults, span, cancellationToken));
    }

    /// <summary>Sources and TLS results shown of a domain, those with most mail first.</summary>
    public const long MostSources = 200;

    private TenantStore Of(Caller caller) => new(stores.Control, caller.Scope);

    private sealed record DomainRow(string Domain, long Messages, long Passed, long Sources);
}

/// <summary>A domain's totals.</summary>
/// <param name="Messages">Messages in its name that DMARC reports tell of.</param>
/// <param name="Passed">Of them those that DMARC confirms.</param>
/// <param name="Sources">Organizations or addresses that sent them.</param>
/// <param name="Sessions">Sessions that TLS reports tell of.</param>
/// <param name="Secured">Of them the successful ones.</param>
public sealed record ReportedDomain(string Domain, long Messages, long Passed, long Sources, long Sessions, long Secured);

/// <summary>One day: messages, or sessions.</summary>
/// <param name="Passed">Passed DMARC; successful.</param>
/// <param name="Failed">Failed, and were delivered nevertheless; failed.</param>
/// <param name="Stopped">Failed, and were quarantined or refused.</param>
/// <param name="Trusted">All of them in reports of authors that are who they say.</param>
public sealed record ReportedDay(long DayAt, long Passed, long Failed, long Stopped, long Trusted);

/// <summary>Who sends: an organization (by the confirmed name of its addresses) or one address.</summary>
/// <param name="DkimElsewhere">Fails, though a signature of another domain passes: <paramref name="DkimDomain"/>.</param>
/// <param name="SpfElsewhere">Fails, though SPF passes for another domain: <paramref name="SpfDomain"/>.</param>
/// <param name="DkimBroken">A signature does not verify: of <paramref name="BrokenDomain"/>.</param>
/// <param name="Forwarded">Fails, and the reporter knows it for passed on by a forwarder or a list.</param>
public sealed record ReportedSource(
    string Source, long Messages, long Passed, long DkimAligned, long SpfAligned, long DkimElsewhere, long SpfElsewhere, long DkimBroken, long Forwarded, long Quarantined, long Rejected,
    string DkimDomain, string SpfDomain, string BrokenDomain, string Reasons, long Addresses, string Address);

/// <summary>Sources of which mail passes: since when, and how much of theirs does.</summary>
public sealed record KnownSources(long Messages, long Passed, long FirstAt, long Sources);

/// <summary>Sessions with one mail server that ended alike.</summary>
/// <param name="Mx">Empty where the reporter does not name it.</param>
/// <param name="Result">A result type of RFC 8460 section 4.3; empty for successful ones.</param>
public sealed record TlsResult(string Mx, string Result, string Policy, long Sessions, string Reason, long Reports);

/// <summary>One record of a report.</summary>
public sealed record ReportedRecord(
    string Source, string SourceIp, string HeaderFrom, string EnvelopeFrom, long Messages, string Disposition, long Dkim, long Spf, string DkimDomain, string DkimResult, string SpfDomain, string SpfResult, string Reasons);

/// <summary>What is known of a domain.</summary>
/// <param name="Newest">The DMARC report that tells of the latest time: its policy is the one that holds.</param>
public sealed record DomainReport(
    string Domain, ReportRow? Newest, IReadOnlyList<ReportedDay> Days, IReadOnlyList<ReportedSource> Sources, KnownSources Known, IReadOnlyList<ReportedDay> TlsDays, IReadOnlyList<TlsResult> Tls);
