using System.Collections.Immutable;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Reporting.Daily;
using Tsunagi.Protocols.Mail.Dmarc;
using Tsunagi.Protocols.Mail.Feedback;

namespace Tsunagi.Mail.Reporting.Dmarc;

/// <summary>Makes one domain's report of one day from the rows that were counted: records with most mail first, the policy as it was last seen that day.</summary>
internal sealed class DmarcReportMaking(Stores stores, MailOptions options)
{
    /// <summary>A report, packed.</summary>
    /// <param name="LeftOut">Messages of the day that are not in it.</param>
    public sealed record Made(AggregateReport Report, byte[] Packed, long LeftOut);

    /// <summary>Null when nothing was seen of the domain that day.</summary>
    public async ValueTask<Made?> MakeAsync(ReportDays.Due due, CancellationToken cancellationToken)
    {
        var (day, rows) = await stores.Control.ReadAsync(
            async reader => (
                await reader.FirstOrDefaultAsync<DayRow>("SELECT published, left_out FROM mail_dmarc_domain WHERE day_at = @DayAt AND domain = @Domain", new { due.DayAt, due.Domain }),
                await reader.QueryAsync<SeenRow>(
                    """
                    SELECT source, header_from, envelope_from, envelope_to, disposition, reason, dkim, spf, signatures, spf_result, messages FROM mail_dmarc_seen
                    WHERE day_at = @DayAt AND domain = @Domain ORDER BY messages DESC, hash
                    """,
                    new { due.DayAt, due.Domain })),
            cancellationToken);
        if (day is null || rows.Count == 0 || !DmarcRecord.TryParse(day.Published, out var published))
        {
            return null;
        }

        var records = rows.Select(RecordOf).ToImmutableArray();
        for (var leftOut = day.LeftOut; ;)
        {
            var report = ReportOf(due, published!, records, leftOut);
            var packed = Pack(report);
            if (packed.Length <= options.DmarcReports.MaxBytes || records.Length == 1)
            {
                return new Made(report, packed, leftOut);
            }

            // The rarer half goes.
            var kept = records.Length / 2;
            leftOut += records.Skip(kept).Sum(static record => record.Count);
            records = records[..kept];
        }
    }

    private AggregateReport ReportOf(ReportDays.Due due, DmarcRecord published, ImmutableArray<AggregateRecord> records, long leftOut)
    {
        var begin = UnixMicros.ToDateTimeOffset(due.DayAt);
        return new AggregateReport
        {
            Version = "1.0", Organization = options.DmarcReports.Organization, Email = options.DmarcReports.Contact, Generator = "Tsunagi", BeginSeconds = begin.ToUnixTimeSeconds(), EndSeconds = begin.AddDays(1).ToUnixTimeSeconds() - 1,
            ReportId = IdOf(due),
            Errors = leftOut == 0 ? [] : [string.Create(CultureInfo.InvariantCulture, $"{leftOut} further messages of that day are left out: they are of more different kinds than are counted")],
            Policy = new PublishedPolicy
            {
                Domain = due.Domain, Discovery = DiscoveryMethod.TreeWalk, Policy = published.Policy ?? DmarcPolicy.None, SubdomainPolicy = published.SubdomainPolicy, NonExistentPolicy = published.NonExistentPolicy,
                DkimAlignment = published.IsDkimStrict ? ReportedAlignment.Strict : ReportedAlignment.Relaxed, SpfAlignment = published.IsSpfStrict ? ReportedAlignment.Strict : ReportedAlignment.Relaxed,
                IsTesting = published.IsTesting, FailureOptions = string.Join(':', published.FailureOptions),
            },
            Records = records,
        };
    }

    // Letters and digits alone, so that subject, file name and report can bear the same (RFC 9990 section 3.1.4); the domain and the author's are in it, so that it is the report's own, and the same whichever node makes it.
    private string IdOf(ReportDays.Due due) => string.Create(
        CultureInfo.InvariantCulture, $"{UnixMicros.ToDateTimeOffset(due.DayAt).UtcDateTime:yyyyMMdd}x{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{options.DmarcReports.FromDomain} {due.Domain}")).AsSpan(0, 8))}");

    private static AggregateRecord RecordOf(SeenRow row) => new()
    {
        Source = IPAddress.Parse(row.Source), Count = row.Messages, HeaderFrom = row.HeaderFrom, EnvelopeFrom = row.EnvelopeFrom, EnvelopeTo = row.EnvelopeTo,
        Disposition = Enum.Parse<ReportedDisposition>(row.Disposition), Reasons = row.Reason.Length == 0 ? [] : [new PolicyOverride(Enum.Parse<OverrideReason>(row.Reason), "")],
        Dkim = row.Dkim != 0 ? AlignedResult.Pass : AlignedResult.Fail, Spf = row.Spf != 0 ? AlignedResult.Pass : AlignedResult.Fail,
        DkimResults = [.. row.Signatures.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split(' ')).Select(static part => new ReportedDkim(part[0], part[1], Enum.Parse<ReportedResult>(part[2]), ""))],
        SpfResults = [.. row.SpfResult.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split(' ')).Select(static part => new ReportedSpf(part[0], ScopeOf(part[1]), Enum.Parse<ReportedResult>(part[2]), ""))],
    };

    // DMARC has the reverse-path alone; of a null one the name of HELO was asked, and no scope is said (RFC 9990 section 3.1.1.13 knows "mfrom" only).
    private static ReportedScope ScopeOf(string identity) => identity == nameof(ReportedScope.MailFrom) ? ReportedScope.MailFrom : ReportedScope.Unspecified;

    private static byte[] Pack(AggregateReport report)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            AggregateWriter.Write(report, gzip);
        }

        return packed.ToArray();
    }

    private sealed record DayRow(string Published, long LeftOut);

    private sealed record SeenRow(
        string Source, string HeaderFrom, string EnvelopeFrom, string EnvelopeTo, string Disposition, string Reason, long Dkim, long Spf, string Signatures, string SpfResult, long Messages);
}
