using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Protocols.Mail.Dsn;

/// <summary>
/// Writes a notification as multipart/report (RFC 6522) of three parts:
/// (1) the notice for people, (2) message/delivery-status for programs (RFC 3464), (3) the header section of the message.
/// For a sender with SMTPUTF8 parts 2 and 3 are of the message/global types of RFC 6533. The output has strict CRLF lines of at most 998 octets, and no value
/// can add a field or a part. Equal reports give equal octets.
/// </summary>
public static class DsnWriter
{
    private const int MaxLineOctets = 998;
    private const int MaxSentence = 700;

    /// <summary>Writes the whole message, header section first.</summary>
    public static void Write(DsnReport report, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (report.Recipients.Length == 0 || report.Texts.Length == 0)
        {
            throw new ArgumentException("writing a notification: it needs a recipient and a text", nameof(report));
        }

        string boundary = Boundary(report);
        WriteHeader(report, boundary, output);
        // :: Part 1: for people
        Line(output, "--" + boundary);
        Line(output, "Content-Description: Notification");
        WriteNotice(report, output);
        // :: Part 2: for programs
        Line(output, "--" + boundary);
        Line(output, "Content-Description: Delivery report");
        Line(output, report.IsUtf8 ? "Content-Type: message/global-delivery-status" : "Content-Type: message/delivery-status");
        if (report.IsUtf8)
        {
            Line(output, "Content-Transfer-Encoding: 8bit");
        }

        Line(output, "");
        WriteStatus(report, output);
        // :: Part 3: the message's own header section
        Line(output, "--" + boundary);
        Line(output, "Content-Description: Header of the message");
        WriteOriginal(report, output);
        Line(output, "--" + boundary + "--");
    }

    private static void WriteHeader(DsnReport report, string boundary, IBufferWriter<byte> output)
    {
        HeaderWriter.Structured(output, "From", ["Mail Delivery System", $"<{Ascii(report.From, report.IsUtf8)}>"], report.IsUtf8);
        HeaderWriter.Structured(output, "To", [$"<{Ascii(report.To, report.IsUtf8)}>"], report.IsUtf8);
        HeaderWriter.Unstructured(output, "Subject", string.Join(" / ", report.Texts.Select(text => Subject(report, text))));
        HeaderWriter.Structured(output, "Date", [MailDate.Format(report.Date)]);
        HeaderWriter.Structured(output, "Message-ID", [$"<{report.MessageId}>"]);
        if (report.AboutMessageId is { Length: > 0 and < 900 } about)
        {
            HeaderWriter.Structured(output, "References", [$"<{about}>"], report.IsUtf8);
        }

        HeaderWriter.Structured(output, "Auto-Submitted", ["auto-replied"]); // RFC 3834 section 3.1.7
        HeaderWriter.Structured(output, "MIME-Version", ["1.0"]);
        string type = report.IsUtf8 ? "global-delivery-status" : "delivery-status";
        HeaderWriter.Structured(output, "Content-Type", ["multipart/report;", $"report-type={type};", $"boundary=\"{boundary}\""]);
        Line(output, "");
    }

    private static void WriteNotice(DsnReport report, IBufferWriter<byte> output)
    {
        var notice = new StringBuilder();
        foreach (DsnText text in report.Texts)
        {
            if (notice.Length > 0)
            {
                notice.Append("\r\n----\r\n\r\n");
            }

            Notice(report, text, notice);
        }
        string words = notice.ToString();
        if (System.Text.Ascii.IsValid(words))
        {
            Line(output, "Content-Type: text/plain; charset=us-ascii");
            Line(output, "");
            output.Write(Encoding.ASCII.GetBytes(words));
            Line(output, "");
            return;
        }
        // Base64, so that the notice passes hosts without 8BITMIME.
        Line(output, "Content-Type: text/plain; charset=utf-8");
        Line(output, "Content-Transfer-Encoding: base64");
        Line(output, "");
        foreach (char[] line in Convert.ToBase64String(Encoding.UTF8.GetBytes(words)).Chunk(76))
        {
            Line(output, new string(line));
        }

        Line(output, "");
    }

    private static void Notice(DsnReport report, DsnText text, StringBuilder notice)
    {
        Say(text.Greeting, report.ReportingMta);
        foreach (IGrouping<int, DsnRecipient> group in report.Recipients.GroupBy(recipient => Kind(recipient.Action)).OrderBy(group => group.Key))
        {
            (string heading, string advice) = group.Key switch
            {
                0 => (text.Failed, text.FailedAdvice),
                1 => (text.Delayed, text.DelayedAdvice),
                _ => (text.Delivered, ""),
            };
            notice.Append("\r\n").Append(heading).Append("\r\n");
            foreach (DsnRecipient recipient in group)
            {
                notice.Append("\r\n  <").Append(recipient.FinalRecipient).Append(">\r\n");
                if (recipient.Reply is { } reply)
                {
                    Say("    " + text.RemoteSaid, recipient.RemoteMta ?? report.ReportingMta, reply);
                }

                if (recipient.WillRetryUntil is { } until)
                {
                    Say("    " + text.RetriedUntil, MailDate.Format(until));
                }
            }
            if (advice.Length > 0)
            {
                notice.Append("\r\n").Append(advice).Append("\r\n");
            }
        }

        // Names and replies are of strangers: one call is one line.
        void Say(string sentence, params ReadOnlySpan<object?> values) =>
            notice.Append(DisplayText.Clean(string.Format(CultureInfo.InvariantCulture, sentence, values), MaxSentence)).Append("\r\n");
    }

    // delivery-status-content = per-message-fields 1*( CRLF per-recipient-fields ) (RFC 3464 section 2.1)
    private static void WriteStatus(DsnReport report, IBufferWriter<byte> output)
    {
        if (report.EnvelopeId is { } envelopeId)
        {
            Field("Original-Envelope-Id", envelopeId);
        }

        Field("Reporting-MTA", "dns;" + report.ReportingMta);
        if (report.ArrivalDate is { } arrival)
        {
            Field("Arrival-Date", MailDate.Format(arrival));
        }

        foreach (DsnRecipient recipient in report.Recipients)
        {
            Line(output, "");
            if (recipient.OriginalRecipient is { } original)
            {
                Field("Original-Recipient", DsnAddress.Write(original, report.IsUtf8));
            }

            Field("Final-Recipient", DsnAddress.Write(recipient.FinalRecipient, report.IsUtf8));
            Field("Action", recipient.Action.ToString().ToLowerInvariant());
            Field("Status", recipient.Status.ToString());
            if (recipient.RemoteMta is { } remote)
            {
                Field("Remote-MTA", "dns;" + remote);
            }

            if (recipient.Reply is { } reply)
            {
                Field("Diagnostic-Code", "smtp;" + Cut(reply.ToString()));
            }

            if (recipient.LastAttempt is { } last)
            {
                Field("Last-Attempt-Date", MailDate.Format(last));
            }

            if (recipient.WillRetryUntil is { } until)
            {
                Field("Will-Retry-Until", MailDate.Format(until));
            }
        }
        Line(output, "");

        void Field(string name, string value) => HeaderWriter.Structured(output, name, value.Split(' '), report.IsUtf8);
    }

    private static void WriteOriginal(DsnReport report, IBufferWriter<byte> output)
    {
        byte[] header = WholeLines(report.OriginalHeader.Span[..Math.Min(report.OriginalHeader.Length, report.MaxHeaderOctets)]);
        bool eightBit = !System.Text.Ascii.IsValid(header);
        Line(output, (report.IsUtf8, eightBit) switch
        {
            (true, _) => "Content-Type: message/global-headers",
            (false, true) => "Content-Type: text/rfc822-headers; charset=utf-8",
            (false, false) => "Content-Type: text/rfc822-headers",
        });
        if (eightBit)
        {
            Line(output, "Content-Transfer-Encoding: 8bit");
        }

        Line(output, "");
        output.Write(header);
        Line(output, "");
    }

    // The lines that are whole and fit, up to the empty line; a line with a bare CR or LF, with NUL, or too long is left out.
    private static byte[] WholeLines(ReadOnlySpan<byte> header)
    {
        var lines = new ArrayBufferWriter<byte>(header.Length + 2);
        while (header.IndexOf("\r\n"u8) is var end && end > 0)
        {
            ReadOnlySpan<byte> line = header[..end];
            if (line.Length <= MaxLineOctets && line.IndexOfAny((byte)'\r', (byte)'\n', (byte)0) < 0)
            {
                lines.Write(header[..(end + 2)]);
            }

            header = header[(end + 2)..];
        }
        return lines.WrittenSpan.ToArray();
    }

    private static string Subject(DsnReport report, DsnText text) => report.Recipients.Min(recipient => Kind(recipient.Action)) switch
    {
        0 => text.FailedSubject,
        1 => text.DelayedSubject,
        _ => text.DeliveredSubject,
    };

    private static int Kind(DsnAction action) => action switch { DsnAction.Failed => 0, DsnAction.Delayed => 1, _ => 2 };

    // No sender without SMTPUTF8 has an address outside ASCII, so what is cut here is never the way home of a report.
    private static string Ascii(Mailbox mailbox, bool utf8) => utf8 || mailbox.IsAscii ? mailbox.ToString() : $"postmaster@{mailbox.Domain}";

    // A boundary that no line of the parts can be: it is a hash of what they are made from.
    private static string Boundary(DsnReport report)
    {
        byte[] hash = SHA256.HashData([.. Encoding.UTF8.GetBytes(report.MessageId), .. report.OriginalHeader.Span]);
        return "=_" + Convert.ToHexStringLower(hash.AsSpan(0, 16));
    }

    private static string Cut(string text) => text.Length <= MaxSentence ? text : text[..MaxSentence];

    private static void Line(IBufferWriter<byte> output, string line)
    {
        output.Write(Encoding.UTF8.GetBytes(line));
        output.Write("\r\n"u8);
    }
}
