using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Mail.Dmarc;
using Tsunagi.Protocols.Mail.Feedback;

namespace Tsunagi.Mail.Reports;

/// <summary>A report as its rows. The same report gives the same id and the same rows, whenever and wherever it is read, so that writing them again changes nothing.</summary>
internal sealed class ReportRecords
{
    private const long Day = 86_400 * UnixMicros.PerSecond;
    private const int MostCharacters = 300;

    public static readonly RowStatement InsertRecord = RowStatement.Insert(
        "mail_report_record",
        [
            RowColumn.Text("report_id"), RowColumn.Number("position"), RowColumn.Text("tenant_path"), RowColumn.Text("domain"), RowColumn.Number("day_at"), RowColumn.Text("source"), RowColumn.Text("source_ip"),
            RowColumn.Text("header_from"), RowColumn.Text("envelope_from"), RowColumn.Number("messages"), RowColumn.Text("disposition"), RowColumn.Number("dkim"), RowColumn.Number("spf"),
            RowColumn.Text("dkim_domain"), RowColumn.Text("dkim_result"), RowColumn.Text("spf_domain"), RowColumn.Text("spf_result"), RowColumn.Text("reasons"), RowColumn.Number("trusted"),
        ],
        "ON CONFLICT (report_id, position) DO NOTHING");

    public static readonly RowStatement InsertTls = RowStatement.Insert(
        "mail_report_tls",
        [
            RowColumn.Text("report_id"), RowColumn.Number("position"), RowColumn.Text("tenant_path"), RowColumn.Text("domain"), RowColumn.Number("day_at"), RowColumn.Text("policy"), RowColumn.Text("result"),
            RowColumn.Text("mx"), RowColumn.Text("sending"), RowColumn.Number("sessions"), RowColumn.Text("reason"),
        ],
        "ON CONFLICT (report_id, position) DO NOTHING");

    private ReportRecords(ReportRow head, RowStatement statement, IReadOnlyList<object?[]> rows) => (Head, Statement, Rows) = (head, statement, rows);

    public ReportRow Head { get; }

    public RowStatement Statement { get; }

    public IReadOnlyList<object?[]> Rows { get; }

    /// <param name="names">Source address to the organization its confirmed name is of.</param>
    public static ReportRecords Of(AggregateReport report, string tenantPath, ReportOrigin origin, IReadOnlyDictionary<IPAddress, string> names, long now)
    {
        var domain = report.Policy.Domain;
        var id = IdOf(tenantPath, ReportRow.Dmarc, report.Organization.Length > 0 ? report.Organization : report.Email, report.ReportId, domain, report.BeginSeconds, report.EndSeconds);
        var rows = new List<object?[]>(report.Records.Length);
        var day = report.BeginSeconds * UnixMicros.PerSecond / Day * Day;
        var trusted = origin.AuthorResult is "pass" or ReportRow.Uploaded ? 1L : 0L;
        var (outside, messages, passed) = (0L, 0L, 0L);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var record in report.Records)
        {
            // A domain's owner hears of that domain: what else a reporter writes into it is of others.
            if (record.HeaderFrom.Length > 0 && !IsWithin(record.HeaderFrom, domain))
            {
                outside++;
                continue;
            }

            messages += record.Count;
            passed += record.Passes ? record.Count : 0;
            var dkim = Telling(record, domain);
            var spf = record.SpfResults.FirstOrDefault(static spf => spf.Scope != ReportedScope.Helo) ?? record.SpfResults.FirstOrDefault();
            object?[] row =
            [
                id, (long)rows.Count, tenantPath, domain, day, names.GetValueOrDefault(record.Source) ?? record.Source.ToString(), record.Source.ToString(), record.HeaderFrom, record.EnvelopeFrom, record.Count,
                Word(record.Disposition), record.Dkim == AlignedResult.Pass ? 1L : 0L, record.Spf == AlignedResult.Pass ? 1L : 0L, dkim?.Domain ?? "", dkim is null ? "" : Word(dkim.Result), spf?.Domain ?? "",
                spf is null ? "" : Word(spf.Result), Cut(string.Join(' ', record.Reasons.Select(static reason => NameOf(reason.Type)).Distinct())), trusted,
            ];
            rows.Add(row);
            digest.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{record.Source}|{record.Count}|{record.HeaderFrom}|{record.Disposition}|{record.Dkim}|{record.Spf}\n")));
        }

        var head = new ReportRow(
            id, tenantPath, ReportRow.Dmarc, domain, report.Organization, report.Email, report.ReportId, report.BeginSeconds * UnixMicros.PerSecond, report.EndSeconds * UnixMicros.PerSecond, now, origin.CameBy,
            origin.MessageId, origin.Author, origin.AuthorResult, NameOf(report.Policy.Policy), Published(report.Policy), messages, passed, rows.Count, report.UnreadableRecords + outside,
            Convert.ToHexStringLower(digest.GetHashAndReset()), ReportRow.Loading, "");
        return new ReportRecords(head, InsertRecord, rows);
    }

    /// <summary>One domain's policies of a TLS report.</summary>
    public static ReportRecords Of(TlsReport report, string domain, string tenantPath, ReportOrigin origin, long now)
    {
        var (begin, end) = (UnixMicros.From(report.Begin), UnixMicros.From(report.End));
        var id = IdOf(tenantPath, ReportRow.Tls, report.Organization.Length > 0 ? report.Organization : report.Contact, report.ReportId, domain, Math.Max(0, begin / UnixMicros.PerSecond), Math.Max(0, end / UnixMicros.PerSecond));
        var rows = new List<object?[]>();
        var (sessions, passed) = (0L, 0L);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(string policy, string result, string mx, string sending, long count, string reason)
        {
            rows.Add([id, (long)rows.Count, tenantPath, domain, begin / Day * Day, policy, result, mx, sending, count, Cut(reason)]);
            digest.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{policy}|{result}|{mx}|{sending}|{count}\n")));
        }

        foreach (var policy in report.Policies.Where(policy => policy.Domain == domain))
        {
            sessions += policy.Successful + policy.Failed;
            passed += policy.Successful;
            Add(policy.Type, "", "", "", policy.Successful, "");
            var told = 0L;
            foreach (var failure in policy.Failures)
            {
                told += failure.Sessions;
                Add(policy.Type, failure.Result, failure.Mx.TrimEnd('.').ToLowerInvariant(), failure.SendingAddress, failure.Sessions, failure.ReasonCode.Length > 0 ? failure.ReasonCode : failure.Additional);
            }

            if (policy.Failed > told)
            {
                Add(policy.Type, Untold, "", "", policy.Failed - told, "");
            }
        }

        var head = new ReportRow(
            id, tenantPath, ReportRow.Tls, domain, report.Organization, report.Contact, report.ReportId, begin, end, now, origin.CameBy, origin.MessageId, origin.Author, origin.AuthorResult,
            report.Policies.First(policy => policy.Domain == domain).Type, "", sessions, passed, rows.Count, 0, Convert.ToHexStringLower(digest.GetHashAndReset()), ReportRow.Loading, "");
        return new ReportRecords(head, InsertTls, rows);
    }

    /// <summary>The result of sessions that failed and of which the reporter does not say how.</summary>
    public const string Untold = "untold";

    /// <summary>What could not be taken, as a row of the provider's: found again, and shown to its operators.</summary>
    public static ReportRow Refused(string tenantPath, ReportOrigin origin, FeedbackReport? report, string fileName, string why, int position, long now)
    {
        var (kind, domain, organization, contact, reportId) = report switch
        {
            { Aggregate: { } dmarc } => (ReportRow.Dmarc, dmarc.Policy.Domain, dmarc.Organization, dmarc.Email, dmarc.ReportId),
            { Tls: { } tls } => (ReportRow.Tls, tls.Policies[0].Domain, tls.Organization, tls.Contact, tls.ReportId),
            _ => ("", "", "", "", ""),
        };
        var id = IdOf(tenantPath, "refused", origin.MessageId, string.Create(CultureInfo.InvariantCulture, $"{position}"), fileName, 0, 0);
        return new ReportRow(
            id, tenantPath, kind, domain, organization, contact, reportId, 0, 0, now, origin.CameBy, origin.MessageId, origin.Author, origin.AuthorResult, "", "", 0, 0, 0, 0, "", ReportRow.Refused,
            Cut(fileName.Length > 0 ? $"{fileName}: {why}" : why));
    }

    public static bool IsWithin(string name, string domain) => name.EndsWith(domain, StringComparison.Ordinal) && (name.Length == domain.Length || name[name.Length - domain.Length - 1] == '.');

    // The signature that explains the result: one that passed for the domain, then one that passed for another, then one of the domain's own that failed.
    private static ReportedDkim? Telling(AggregateRecord record, string domain) =>
        record.DkimResults.FirstOrDefault(dkim => dkim.Result == ReportedResult.Pass && IsWithin(dkim.Domain, domain))
        ?? record.DkimResults.FirstOrDefault(dkim => dkim.Result == ReportedResult.Pass)
        ?? record.DkimResults.FirstOrDefault(dkim => IsWithin(dkim.Domain, domain))
        ?? record.DkimResults.FirstOrDefault();

    private static string IdOf(string tenantPath, string kind, string reporter, string reportId, string domain, long begin, long end)
    {
        // A reporter that gives no ids is told apart by the span.
        var named = string.Join('\n', tenantPath, kind, reporter.ToLowerInvariant(), reportId.Length > 0 ? reportId : string.Create(CultureInfo.InvariantCulture, $"{begin}-{end}"), domain);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(named), hash);
        return Id.Format("mr", 0, hash[..10]);
    }

    private static string Published(PublishedPolicy policy)
    {
        var tags = new List<string>();
        void Add(string tag, string value)
        {
            if (value.Length > 0)
            {
                tags.Add($"{tag}={value}");
            }
        }

        Add("sp", NameOf(policy.SubdomainPolicy));
        Add("np", NameOf(policy.NonExistentPolicy));
        Add("adkim", policy.DkimAlignment switch { ReportedAlignment.Relaxed => "r", ReportedAlignment.Strict => "s", _ => "" });
        Add("aspf", policy.SpfAlignment switch { ReportedAlignment.Relaxed => "r", ReportedAlignment.Strict => "s", _ => "" });
        Add("t", policy.IsTesting ? "y" : "");
        Add("pct", policy.Percent?.ToString(CultureInfo.InvariantCulture) ?? "");
        Add("fo", policy.FailureOptions);
        return Cut(string.Join("; ", tags));
    }

    internal static string NameOf(DmarcPolicy? policy) => policy switch { DmarcPolicy.None => "none", DmarcPolicy.Quarantine => "quarantine", DmarcPolicy.Reject => "reject", _ => "" };

    internal static string NameOf(OverrideReason reason) => reason switch
    {
        OverrideReason.Forwarded => "forwarded", OverrideReason.SampledOut => "sampled_out", OverrideReason.TrustedForwarder => "trusted_forwarder", OverrideReason.MailingList => "mailing_list",
        OverrideReason.LocalPolicy => "local_policy", OverrideReason.PolicyTestMode => "policy_test_mode", _ => "other",
    };

    internal static string Word<T>(T value)
        where T : struct, Enum => value.ToString() is "Unspecified" ? "" : value.ToString().ToLowerInvariant();

    private static string Cut(string text) => text.Length <= MostCharacters ? text : text[..MostCharacters];
}
