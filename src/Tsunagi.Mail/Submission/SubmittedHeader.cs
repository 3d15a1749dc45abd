using System.Text;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Submission;

/// <summary>
/// What a submitted message's header section must and lacks (RFC 6409 sections 6 and 8): every author in From, and the Sender, is one that the credential may use; a Date and a Message-ID are made where
/// the device has none. Only what can be read in one way alone is taken, because another reader would read the rest otherwise.
/// </summary>
internal static class SubmittedHeader
{
    private static readonly SmtpReply TooLarge = new(554, new EnhancedStatus(5, 6, 0), "The header of the message is too large");
    private static readonly SmtpReply NoFrom = new(554, new EnhancedStatus(5, 6, 0), "The message needs one From field that can be read");
    private static readonly SmtpReply Malformed = new(554, new EnhancedStatus(5, 6, 0), "The header of the message has lines that are no fields");

    /// <param name="section">The header section as it arrived.</param>
    /// <param name="isWhole">False when it was too large to be kept.</param>
    /// <returns>Why it is refused; null when it is taken.</returns>
    public static SmtpReply? WhyNot(ReadOnlySpan<byte> section, bool isWhole, HeaderLimits limits, IReadOnlyList<string> senders)
    {
        if (!isWhole)
        {
            return TooLarge;
        }

        var (froms, sendersSeen) = (0, 0);
        var fields = new HeaderReader(section, limits);
        while (fields.Read())
        {
            var isFrom = fields.Field.Is("From"u8);
            if (!isFrom && !fields.Field.Is("Sender"u8))
            {
                continue;
            }

            froms += isFrom ? 1 : 0;
            sendersSeen += isFrom ? 0 : 1;
            if (!AddressField.TryReadAll(fields.Field.Body, out var mailboxes) || froms > 1 || sendersSeen > 1 || (!isFrom && mailboxes.Count != 1))
            {
                return NoFrom;
            }

            foreach (var mailbox in mailboxes)
            {
                if (!AllowedSenders.Contains(senders, mailbox))
                {
                    return NotAllowed(mailbox);
                }
            }
        }

        return fields.End == HeaderEnd.Limit ? TooLarge : fields.Malformed > 0 ? Malformed : froms == 0 ? NoFrom : null;
    }

    /// <summary>The fields that are missing, each with its line end (RFC 6409 sections 8.2 and 8.3).</summary>
    public static string Missing(bool hasDate, bool hasMessageId, string id, string hostName, long acceptedMicros) =>
        (hasDate ? "" : $"Date: {MailDate.Format(UnixMicros.ToDateTimeOffset(acceptedMicros))}\r\n") + (hasMessageId ? "" : $"Message-ID: <{id}@{hostName}>\r\n");

    /// <summary>550 5.7.1 (RFC 6409 section 6.1).</summary>
    public static SmtpReply NotAllowed(Mailbox? sender) =>
        new(550, new EnhancedStatus(5, 7, 1), $"This credential may not send as {(sender is null ? "nobody" : sender.ToString())}");
}
