using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Inbound;

/// <summary>Replies that only this gateway gives; the common ones are <see cref="SmtpReplies"/>.</summary>
internal static class SmtpSessionReplies
{
    public static SmtpReply TooManyMessages { get; } = new(421, new EnhancedStatus(4, 7, 0), "Enough messages on this connection, please open another");

    public static SmtpReply TenantBusy { get; } = new(451, new EnhancedStatus(4, 7, 0), "Too many connections for this recipient's domain, try again later");

    public static SmtpReply TooSlow { get; } = new(421, new EnhancedStatus(4, 4, 2), "The message comes too slowly, closing connection");

    /// <summary>RFC 5321 section 6.3, RFC 3463 code 4.6.</summary>
    public static SmtpReply Loop { get; } = new(554, new EnhancedStatus(5, 4, 6), "Mail loop: the message has been through too many hosts, or through this one before");

    public static SmtpReply NoEightBit { get; } = new(554, new EnhancedStatus(5, 6, 3), "The recipient's server takes 7-bit messages only");

    public static SmtpReply NoUtf8Header { get; } = new(554, new EnhancedStatus(5, 6, 9), "The recipient's server does not take UTF-8 header fields");
}
