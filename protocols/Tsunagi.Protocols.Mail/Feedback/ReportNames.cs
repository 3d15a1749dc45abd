using System.Globalization;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Protocols.Mail.Feedback;

/// <summary>How reports by mail are named: the same for those of DMARC and of TLS.</summary>
public static class ReportNames
{
    /// <summary>The subject (RFC 9990 section 3.5.2, RFC 8460 section 5.3).</summary>
    /// <param name="domain">The domain that the report is about.</param>
    /// <param name="submitter">Who reports, as a domain.</param>
    /// <param name="reportId">Its id, without brackets.</param>
    // subject = "Report" FWS "Domain:" FWS domain FWS "Submitter:" FWS domain FWS "Report-ID:" FWS msg-id
    public static string Subject(string domain, string submitter, string reportId) => $"Report Domain: {domain} Submitter: {submitter} Report-ID: <{reportId}>";

    /// <summary>A domain as reports name it: lower case, A-labels, no last dot; with the underscores that names of mail may have. Null when the text is none.</summary>
    public static string? Domain(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return MailDomain.TryNormalize(text, out string name) && MailDomain.IsHostName(name) ? name : null;
    }

    /// <summary>The file's name (RFC 9990 section 3.5.2, RFC 8460 section 5.1), from the seconds since 1970 of the first and last second; the extension is "xml.gz" or "json.gz".</summary>
    // filename = sender "!" policy-domain "!" begin-timestamp "!" end-timestamp [ "!" unique-id ] "." extension
    internal static string File(string sender, string domain, long beginSeconds, long endSeconds, string reportId, string extension) =>
        string.Create(CultureInfo.InvariantCulture, $"{sender}!{domain}!{beginSeconds}!{endSeconds}!{Unique(reportId)}.{extension}");

    // unique-id = 1*(ALPHA / DIGIT)
    private static string Unique(string id) => string.Concat(id.Split('@')[0].Where(char.IsAsciiLetterOrDigit));
}
