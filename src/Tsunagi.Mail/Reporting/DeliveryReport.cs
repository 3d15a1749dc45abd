using System.Buffers;
using System.Text;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Delivery;
using Tsunagi.Mail.Spool;
using Tsunagi.Protocols.Mail.Dsn;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Reporting;

/// <summary>
/// The report a sender gets about recipients that failed: what the attempt came to, in the words of the protocol library's notification (RFC 3464), as an
/// ordinary message of the spool with the null reverse-path. It gives back the header section of the message, not its body.
/// </summary>
internal sealed record DeliveryReport(SpoolId Id, AcceptFacts Facts, Envelope Envelope, byte[] Content)
{
    private const int MaxHeaderBytes = 16 * 1024;
    private static readonly EnhancedStatus Expired = new(5, 4, 7);

    /// <summary>The id depends only on message and attempt: a report made again after a crash is the same report.</summary>
    public static DeliveryReport Make(
        MailSpool spool, string hostName, Attempt attempt, AcceptFacts about, IReadOnlyList<int> failed, IReadOnlyList<RecipientState> states,
        IReadOnlyList<SmtpReply?> replies, TimeProvider time)
    {
        var now = time.NowMicros();
        var id = MailSpool.ReportId(attempt.Message.Id, attempt.Message.Attempts + 1);
        var sender = attempt.Envelope.ReversePath.Mailbox!;
        var utf8 = about.Flags.HasFlag(MessageFlags.Utf8);
        var date = UnixMicros.ToDateTimeOffset(now);
        var output = new ArrayBufferWriter<byte>(4096);
        DsnWriter.Write(
            new DsnReport
            {
                ReportingMta = hostName,
                From = Postmaster(hostName),
                To = sender,
                MessageId = $"{id}@{hostName}",
                Date = date,
                ArrivalDate = UnixMicros.ToDateTimeOffset(about.AcceptedMicros),
                AboutMessageId = about.MessageIdHeader.Length > 0 ? about.MessageIdHeader : null,
                Recipients = [.. failed.Select(recipient => RecipientOf(attempt, recipient, states[recipient], replies[recipient], date))],
                OriginalHeader = ReadHeader(spool, attempt.Message.Id),
                IsUtf8 = utf8,
            },
            output);
        var content = output.WrittenSpan.ToArray();
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
            Subject = DsnText.English.FailedSubject,
            FromDomain = hostName,
        };
        return new DeliveryReport(id, facts, new Envelope(ReversePath.Null, [new ForwardPath(sender)], flags, content.Length), content);
    }

    private static DsnRecipient RecipientOf(Attempt attempt, int recipient, RecipientState state, SmtpReply? reply, DateTimeOffset date) => new()
    {
        FinalRecipient = attempt.Envelope.Recipients[recipient].Mailbox,
        Action = DsnAction.Failed,
        Status = StatusOf(reply, state),
        RemoteMta = attempt.NextHop.StartsWith("mx:", StringComparison.Ordinal) ? null : attempt.NextHop.LastIndexOf(':') is > 0 and var colon ? attempt.NextHop[..colon].Trim('[', ']') : null,
        Reply = reply,
        LastAttempt = date,
    };

    // RFC 3464 section 2.3.4: class 5 even where the last answer was transient, because it failed for good now; 4.4.7 becomes 5.4.7 (expired).
    private static EnhancedStatus StatusOf(SmtpReply? reply, RecipientState state) => state switch
    {
        RecipientState.Expired => Expired,
        _ when reply?.Status is { Class: 5 } status => status,
        _ => new EnhancedStatus(5, reply?.Code is >= 550 and <= 553 ? 1 : 0, 0),
    };

    // A host whose name is no domain (a bare word is one, an empty name is not) still reports.
    private static Mailbox Postmaster(string hostName) =>
        Mailbox.TryParse("postmaster@" + hostName, out var postmaster) || Mailbox.TryParse("postmaster@localhost", out postmaster)
            ? postmaster!
            : throw new InvalidOperationException("postmaster@localhost is an address");

    private static byte[] ReadHeader(MailSpool spool, SpoolId id)
    {
        MessageContent content;
        try
        {
            content = spool.OpenContent(id);
        }
        catch (IOException)
        {
            // It may be what the report is about.
            return [];
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
                return header[..(end + 2)];
            }
        }

        return header[..length];
    }
}
