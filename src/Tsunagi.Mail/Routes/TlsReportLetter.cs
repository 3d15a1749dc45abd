using System.Globalization;
using Tsunagi.Mail.Reporting.Daily;
using Tsunagi.Protocols.Mail.Feedback;

namespace Tsunagi.Mail.Routes;

/// <summary>A TLS report as a message (RFC 8460 section 5.3): multipart/report, a text for people, the packed report.</summary>
internal static class TlsReportLetter
{
    public static ReportLetter Of(TlsReport report, string domain, string submitter, byte[] packed) => new()
    {
        Subject = ReportNames.Subject(domain, submitter, report.ReportId),
        Fields =
        [
            ("TLS-Report-Domain", domain), ("TLS-Report-Submitter", submitter),
            ("TLS-Required", "No"), // RFC 8689 section 5: a report arrives whatever ails the domain's TLS
        ],
        Type = ["multipart/report", "report-type=\"tlsrpt\""],
        Text = [.. TextOf(report, domain)],
        FileType = TlsReportWriter.PackedType,
        FileName = TlsReportWriter.FileName(report, submitter, domain),
        File = packed,
    };

    private static IEnumerable<string> TextOf(TlsReport report, string domain)
    {
        var (good, bad) = (report.Policies.Sum(static policy => policy.Successful), report.Policies.Sum(static policy => policy.Failed));
        yield return string.Create(CultureInfo.InvariantCulture, $"How our SMTP sessions with the mail servers of {domain} fared under TLS");
        yield return string.Create(CultureInfo.InvariantCulture, $"on {report.Begin:yyyy-MM-dd} (UTC): {good} well, {bad} not. The report is attached (RFC 8460).");
        yield return "";
        yield return "You get it because the domain asks for it by its record at";
        yield return TlsReportRecord.NameOf(domain) + ".";
    }
}
