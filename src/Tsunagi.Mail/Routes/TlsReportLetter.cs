using System.Buffers;
using System.Globalization;
using System.Text;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Mail.Feedback;
using Tsunagi.Protocols.Mail.Message;

namespace Tsunagi.Mail.Routes;

/// <summary>A TLS report as a message (RFC 8460 section 5.3): multipart/report, a text for people, the packed report.</summary>
internal static class TlsReportLetter
{
    private const int Base64Line = 76;

    public sealed record Parts(TlsReport Report, string Domain, string Submitter, string From, string To, string MessageId, long NowMicros);

    // subject = "Report" FWS "Domain:" FWS domain FWS "Submitter:" FWS domain FWS "Report-ID:" FWS msg-id
    public static string SubjectOf(TlsReport report, string domain, string submitter) => $"Report Domain: {domain} Submitter: {submitter} Report-ID: <{report.ReportId}>";

    public static void Write(IBufferWriter<byte> output, Parts parts, byte[] packed)
    {
        var boundary = "tsunagi-" + parts.MessageId.Split('@')[0];
        HeaderWriter.Structured(output, "From", [$"<{parts.From}>"]);
        HeaderWriter.Structured(output, "To", [$"<{parts.To}>"]);
        HeaderWriter.Unstructured(output, "Subject", SubjectOf(parts.Report, parts.Domain, parts.Submitter));
        HeaderWriter.Structured(output, "Date", [MailDate.Format(UnixMicros.ToDateTimeOffset(parts.NowMicros))]);
        HeaderWriter.Structured(output, "Message-ID", [$"<{parts.MessageId}>"]);
        HeaderWriter.Structured(output, "TLS-Report-Domain", [parts.Domain]);
        HeaderWriter.Structured(output, "TLS-Report-Submitter", [parts.Submitter]);
        HeaderWriter.Structured(output, "TLS-Required", ["No"]); // RFC 8689 section 5: a report arrives whatever ails the domain's TLS
        HeaderWriter.Structured(output, "Auto-Submitted", ["auto-generated"]);
        HeaderWriter.Structured(output, "MIME-Version", ["1.0"]);
        HeaderWriter.Structured(output, "Content-Type", ["multipart/report;", "report-type=\"tlsrpt\";", $"boundary=\"{boundary}\""]);
        Line(output, "");
        Line(output, "--" + boundary);
        Line(output, "Content-Type: text/plain; charset=us-ascii");
        Line(output, "");
        foreach (var line in Text(parts))
        {
            Line(output, line);
        }

        Line(output, "");
        Line(output, "--" + boundary);
        Line(output, $"Content-Type: {TlsReportWriter.PackedType}");
        Line(output, "Content-Transfer-Encoding: base64");
        HeaderWriter.Structured(output, "Content-Disposition", ["attachment;", $"filename=\"{TlsReportWriter.FileName(parts.Report, parts.Submitter, parts.Domain)}\""]);
        Line(output, "");
        foreach (var line in Convert.ToBase64String(packed).Chunk(Base64Line))
        {
            Line(output, new string(line));
        }

        Line(output, "--" + boundary + "--");
    }

    private static IEnumerable<string> Text(Parts parts)
    {
        var (good, bad) = (parts.Report.Policies.Sum(static policy => policy.Successful), parts.Report.Policies.Sum(static policy => policy.Failed));
        yield return string.Create(CultureInfo.InvariantCulture, $"How our SMTP sessions with the mail servers of {parts.Domain} fared under TLS");
        yield return string.Create(CultureInfo.InvariantCulture, $"on {parts.Report.Begin:yyyy-MM-dd} (UTC): {good} well, {bad} not. The report is attached (RFC 8460).");
        yield return "";
        yield return "You get it because the domain asks for it by its record at";
        yield return TlsReportRecord.NameOf(parts.Domain) + ".";
    }

    private static void Line(IBufferWriter<byte> output, string line) => output.Write(Encoding.ASCII.GetBytes(line + "\r\n"));
}
