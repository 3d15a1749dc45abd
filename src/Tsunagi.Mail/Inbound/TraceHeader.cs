using System.Globalization;
using System.Text;
using Tsunagi.Core.Time;

namespace Tsunagi.Mail.Inbound;

/// <summary>Writes our trace header (RFC 5321 section 4.4), the first lines of every message we store.</summary>
internal static class TraceHeader
{
    // Return-path-line and Time-stamp-line:
    // Received: from <helo> ([<address>]) by <us> (Tsunagi) with ESMTPS id <id> [for <path>]; <date>
    /// <param name="protocol">A word of RFC 3848 and RFC 6531: SMTP, ESMTP, ESMTPS, UTF8SMTP, UTF8SMTPS.</param>
    /// <param name="recipient">The recipient when there is only one: a list would show blind copies (RFC 5321 section 7.6).</param>
    public static byte[] Make(
        string helo, string address, string hostName, string protocol, string tls, string id, string? recipient, long acceptedMicros)
    {
        var text = new StringBuilder(256);
        text.Append("Received: from ").Append(helo.Length == 0 ? "unknown" : helo)
            .Append(" ([").Append(address.Contains(':', StringComparison.Ordinal) ? "IPv6:" : "").Append(address).Append("])\r\n");
        if (tls.Length > 0)
        {
            text.Append("\t(using ").Append(tls).Append(")\r\n");
        }

        text.Append("\tby ").Append(hostName).Append(" (Tsunagi) with ").Append(protocol).Append(" id ").Append(id);
        if (recipient is not null)
        {
            text.Append("\r\n\tfor <").Append(recipient).Append('>');
        }

        text.Append(";\r\n\t").Append(Date(acceptedMicros)).Append("\r\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>"Mon, 23 Nov 2026 00:01:43 +0000" (RFC 5322 section 3.3).</summary>
    public static string Date(long micros) =>
        UnixMicros.ToDateTimeOffset(micros).ToString("ddd, dd MMM yyyy HH:mm:ss +0000", CultureInfo.InvariantCulture);
}
