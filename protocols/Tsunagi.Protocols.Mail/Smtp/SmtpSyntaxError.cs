namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>Why a command line was not understood, with the reply it earns (RFC 5321 section 4.2.2, RFC 3463).</summary>
/// <param name="Code">500, 501, 504, 553 or 555.</param>
/// <param name="Status">The enhanced status code.</param>
/// <param name="Reason">One sentence for the peer; never holds bytes of the peer.</param>
/// <param name="Offset">Octet of the line where reading stopped.</param>
public readonly record struct SmtpSyntaxError(int Code, EnhancedStatus Status, string Reason, int Offset)
{
    /// <summary>The reply the server gives.</summary>
    public SmtpReply ToReply() => new(Code, Status, Reason);

    internal static SmtpSyntaxError Unknown() => new(500, new(5, 5, 2), "Command not recognised", 0);
    internal static SmtpSyntaxError Argument(string reason, int offset) => new(501, new(5, 5, 4), reason, offset);
    internal static SmtpSyntaxError Sender(string reason, int offset) => new(501, new(5, 1, 7), reason, offset);
    internal static SmtpSyntaxError Recipient(string reason, int offset) => new(501, new(5, 1, 3), reason, offset);
}
