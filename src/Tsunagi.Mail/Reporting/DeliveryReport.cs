using System.Globalization;
using System.Text;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Delivery;
using Tsunagi.Mail.Inbound;
using Tsunagi.Mail.Spool;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Reporting;

/// <summary>
/// The report a sender gets about recipients that failed (RFC 3464 in the form of RFC 6522; RFC 6533 where an address is outside ASCII): why, in words;
/// the same for programs; and the header section of the message, not its body. It is an ordinary message of the spool with the null reverse-path.
/// </summary>
internal sealed record DeliveryReport(SpoolId Id, AcceptFacts Facts, Envelope Envelope, byte[] Content)
{
    private const int MaxHeaderBytes = 16 * 1024;

    /// <summary>The id depends only on message and attempt: a report made again after a crash is the same report.</summary>
    public static DeliveryReport Make(
        MailSpool spool, string hostName, Attempt attempt, AcceptFacts about, IReadOnlyList<int> failed, IReadOnlyList<RecipientState> states,
        IReadOnlyList<SmtpReply?> replies, TimeProvider time)
    {
        var now = time.NowMicros();
        var id = MailSpool.ReportId(attempt.Message.Id, attempt.Message.Attempts + 1);
        var utf8 = about.Flags.HasFlag(MessageFlags.Utf8);
        var header = ReadHeader(spool, attempt.Message.Id);
        var content = Encoding.UTF8.GetBytes(Write(hostName, id, attempt, about, failed, states, replies, header, utf8, now));
        var flags = MessageFlags.Report | (utf8 ? MessageFlags.Utf8 : MessageFlags.None) | (Ascii.IsValid(content) ? MessageFlags.None : MessageFlags.EightBit);
        var facts = new AcceptFacts
        {
            AcceptedMicros = now,
            Flags = flags,
            TenantPath = about.TenantPath,
            Subscription = about.Subscription,
            ReversePath = "",
            Recipients = [about.ReversePath],
            SizeBytes = content.Length,
            Transaction = id.ToString(),
            About = attempt.Message.Id.ToString(),
            MessageIdHeader = $"{id}@{hostName}",
            Subject = "Undelivered mail returned to sender",
            FromDomain = hostName,
        };
        var sender = attempt.Envelope.ReversePath.Mailbox!;
        return new DeliveryReport(id, facts, new Envelope(ReversePath.Null, [new ForwardPath(sender)], flags, content.Length), content);
    }

    private static string Write(
        string hostName, SpoolId id, Attempt attempt, AcceptFacts about, IReadOnlyList<int> failed, IReadOnlyList<RecipientState> states,
        IReadOnlyList<SmtpReply?> replies, string header, bool utf8, long now)
    {
        var boundary = "=_" + id;
        var text = new StringBuilder(2048 + header.Length);
        void Line(string line) => text.Append(line).Append("\r\n");

        Line($"Received: by {hostName} (Tsunagi) id {id};");
        Line($"\t{TraceHeader.Date(now)}");
        Line($"From: Mail Delivery System <postmaster@{hostName}>");
        Line($"To: <{about.ReversePath}>");
        Line("Subject: Undelivered mail returned to sender");
        Line($"Date: {TraceHeader.Date(now)}");
        Line($"Message-ID: <{id}@{hostName}>");
        Line("Auto-Submitted: auto-replied");
        Line("MIME-Version: 1.0");
        Line($"Content-Type: multipart/report; report-type={(utf8 ? "global-delivery-status" : "delivery-status")};");
        Line($"\tboundary=\"{boundary}\"");
        Line("");

        // First part: for people.
        Line("--" + boundary);
        Line($"Content-Type: text/plain; charset={(utf8 ? "utf-8" : "us-ascii")}");
        Line("");
        Line($"This is the mail system at {hostName}.");
        Line("");
        Line($"Your message of {TraceHeader.Date(about.AcceptedMicros)} could not be delivered to:");
        foreach (var recipient in failed)
        {
            Line("");
            Line($"  <{about.Recipients[recipient]}>");
            Line($"  {(states[recipient] == RecipientState.Expired ? "was tried until the queue life ended; the last answer was" : "was refused by " + attempt.NextHop)}:");
            Line($"  {Plain(replies[recipient], utf8)}");
        }

        Line("");

        // Second part: for programs.
        Line("--" + boundary);
        Line($"Content-Type: message/{(utf8 ? "global-delivery-status" : "delivery-status")}");
        Line("");
        Line($"Reporting-MTA: dns; {hostName}");
        Line($"Arrival-Date: {TraceHeader.Date(about.AcceptedMicros)}");
        foreach (var recipient in failed)
        {
            var reply = replies[recipient]!;
            Line("");
            Line($"Final-Recipient: {(utf8 ? "utf-8" : "rfc822")}; {about.Recipients[recipient]}");
            Line("Action: failed");
            Line($"Status: {StatusOf(reply, states[recipient])}");
            Line($"Remote-MTA: dns; {attempt.NextHop.Split(':')[0]}");
            Line($"Diagnostic-Code: smtp; {Plain(reply, utf8)}");
            Line($"Last-Attempt-Date: {TraceHeader.Date(now)}");
        }

        Line("");

        // Third part: the header section, so that the sender knows which message.
        Line("--" + boundary);
        Line($"Content-Type: {(utf8 ? "message/global-headers" : "text/rfc822-headers")}");
        Line("");
        text.Append(header);
        Line("");
        Line($"--{boundary}--");
        return text.ToString();
    }

    // RFC 3464 section 2.3.4: class 5 even where the last answer was transient, because it failed for good now; 4.4.7 becomes 5.4.7 (expired).
    private static string StatusOf(SmtpReply reply, RecipientState state)
    {
        if (state == RecipientState.Expired)
        {
            return "5.4.7";
        }

        return reply.Status is { Class: 5 } status
            ? status.ToString()
            : string.Create(CultureInfo.InvariantCulture, $"5.{(reply.Code is >= 550 and <= 553 ? 1 : 0)}.0");
    }

    private static string Plain(SmtpReply? reply, bool utf8)
    {
        var text = reply?.ToString() ?? "";
        text = text.Length <= 500 ? text : text[..500];
        return utf8 || Ascii.IsValid(text) ? text : string.Create(text.Length, text, static (chars, source) =>
        {
            for (var i = 0; i < chars.Length; i++)
            {
                chars[i] = source[i] < 0x80 ? source[i] : '?';
            }
        });
    }

    private static string ReadHeader(MailSpool spool, SpoolId id)
    {
        MessageContent content;
        try
        {
            content = spool.OpenContent(id);
        }
        catch (SpoolBodyLostException)
        {
            // It may be what the report is about.
            return "";
        }

        using var closing = content;
        var header = new byte[MaxHeaderBytes];
        var length = 0;
        while (length < header.Length && content.Read(header.AsSpan(length)) is > 0 and var count)
        {
            length += count;
            var end = header.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                return Encoding.UTF8.GetString(header, 0, end + 2);
            }
        }

        // Cut at the last whole line.
        var whole = header.AsSpan(0, length).LastIndexOf("\r\n"u8);
        return whole < 0 ? "" : Encoding.UTF8.GetString(header, 0, whole + 2);
    }
}
