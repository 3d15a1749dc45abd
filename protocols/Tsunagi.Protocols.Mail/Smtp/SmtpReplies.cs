namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>The replies every server gives, made once (RFC 5321 section 4.2, RFC 3463 section 3).</summary>
public static class SmtpReplies
{
    /// <summary>250 to RSET.</summary>
    public static SmtpReply Ok { get; } = new(250, new(2, 0, 0), "Ok");
    /// <summary>250 to MAIL.</summary>
    public static SmtpReply SenderOk { get; } = new(250, new(2, 1, 0), "Sender ok");
    /// <summary>250 to RCPT.</summary>
    public static SmtpReply RecipientOk { get; } = new(250, new(2, 1, 5), "Recipient ok");
    /// <summary>354 to DATA.</summary>
    public static SmtpReply StartMailInput { get; } = new(354, null, "End data with <CR><LF>.<CR><LF>");
    /// <summary>250 to the end of data, when the caller has no text of its own.</summary>
    public static SmtpReply MessageOk { get; } = new(250, new(2, 0, 0), "Message accepted");
    /// <summary>220 to STARTTLS.</summary>
    public static SmtpReply ReadyForTls { get; } = new(220, new(2, 0, 0), "Ready to start TLS");
    /// <summary>221 to QUIT.</summary>
    public static SmtpReply Bye { get; } = new(221, new(2, 0, 0), "Bye");
    /// <summary>252 to VRFY: addresses are not confirmed to strangers (RFC 5321 section 7.3).</summary>
    public static SmtpReply CannotVerify { get; } = new(252, new(2, 1, 5), "Cannot verify; send mail to find out");
    /// <summary>214 to HELP.</summary>
    public static SmtpReply Help { get; } = new(214, new(2, 0, 0), "See RFC 5321");
    /// <summary>421: this host will be back (RFC 5321 section 3.8).</summary>
    public static SmtpReply ShuttingDown { get; } = new(421, new(4, 3, 2), "Service shutting down, try again later");
    /// <summary>421: nothing came for too long (RFC 5321 section 4.5.3.2).</summary>
    public static SmtpReply TimedOut { get; } = new(421, new(4, 4, 2), "Timeout, closing connection");
    /// <summary>421: the error limit was passed.</summary>
    public static SmtpReply TooManyErrors { get; } = new(421, new(4, 7, 0), "Too many errors, closing connection");
    /// <summary>421: many commands, no mail.</summary>
    public static SmtpReply TooManyCommands { get; } = new(421, new(4, 7, 0), "Too many commands without mail, closing connection");
    /// <summary>452: the recipients of one transaction are limited (RFC 5321 section 4.5.3.1.10).</summary>
    public static SmtpReply TooManyRecipients { get; } = new(452, new(4, 5, 3), "Too many recipients, send the rest in another transaction");
    /// <summary>451: something of ours failed.</summary>
    public static SmtpReply LocalError { get; } = new(451, new(4, 3, 0), "Local error, try again later");
    /// <summary>452: the disk is full.</summary>
    public static SmtpReply NoStorage { get; } = new(452, new(4, 3, 1), "Insufficient system storage, try again later");
    /// <summary>550: nobody has this address here.</summary>
    public static SmtpReply UnknownRecipient { get; } = new(550, new(5, 1, 1), "Recipient unknown");
    /// <summary>550: not a domain of ours.</summary>
    public static SmtpReply RelayDenied { get; } = new(550, new(5, 7, 1), "Relaying denied");
    /// <summary>552 to SIZE= or to a body beyond the limit (RFC 1870 section 6).</summary>
    public static SmtpReply TooLarge { get; } = new(552, new(5, 3, 4), "Message exceeds the size limit");
    /// <summary>500 to a line beyond the limit.</summary>
    public static SmtpReply LineTooLong { get; } = new(500, new(5, 5, 2), "Line too long");
    /// <summary>521 to a command line that does not end in CRLF: the peer, or something before it, does not speak SMTP.</summary>
    public static SmtpReply BareLineEnd { get; } = new(521, new(5, 5, 2), "Lines must end in CRLF, closing connection");
    /// <summary>554 to a body with line ends other than CRLF.</summary>
    public static SmtpReply BareLineEndInData { get; } = new(554, new(5, 6, 0), "Message refused: bare CR or LF, lines must end in CRLF");
    /// <summary>554 to a body with NUL.</summary>
    public static SmtpReply NulInData { get; } = new(554, new(5, 6, 0), "Message refused: NUL is not allowed");
    /// <summary>550 to an address outside ASCII without SMTPUTF8 (RFC 6531 section 3.5).</summary>
    public static SmtpReply NeedsSmtpUtf8 { get; } = new(550, new(5, 6, 7), "Address needs SMTPUTF8");
    /// <summary>555 to a parameter of an extension that was not offered (RFC 5321 section 4.1.1.11).</summary>
    public static SmtpReply UnknownParameter { get; } = new(555, new(5, 5, 4), "Parameter not recognised or not implemented");
    /// <summary>530: TLS first (RFC 3207 section 4).</summary>
    public static SmtpReply TlsRequired { get; } = new(530, new(5, 7, 0), "Must issue a STARTTLS command first");
    /// <summary>454: TLS is offered and can not be had now (RFC 3207 section 4).</summary>
    public static SmtpReply TlsUnavailable { get; } = new(454, new(4, 7, 0), "TLS not available due to temporary reason");
    /// <summary>502: known and not offered.</summary>
    public static SmtpReply NotImplemented { get; } = new(502, new(5, 5, 1), "Command not implemented");

    /// <summary>235: the client is who it says (RFC 4954 section 6).</summary>
    public static SmtpReply AuthOk { get; } = new(235, new(2, 7, 0), "Authentication successful");
    /// <summary>535: the name or the secret is wrong; which of them is not said (RFC 4954 section 6).</summary>
    public static SmtpReply AuthWrong { get; } = new(535, new(5, 7, 8), "Authentication credentials invalid");
    /// <summary>501: what came is no message of the mechanism (RFC 4954 section 4).</summary>
    public static SmtpReply AuthMalformed { get; } = new(501, new(5, 5, 2), "Not a message of this mechanism");
    /// <summary>454: authentication can not be had now (RFC 4954 section 6).</summary>
    public static SmtpReply AuthUnavailable { get; } = new(454, new(4, 7, 0), "Temporary authentication failure");
    /// <summary>530: authenticate first (RFC 4954 section 6).</summary>
    public static SmtpReply AuthRequired { get; } = new(530, new(5, 7, 0), "Authentication required");

    internal static SmtpReply AuthNeedsTls { get; } = new(538, new(5, 7, 11), "Encryption required for authentication, issue STARTTLS first");
    internal static SmtpReply AuthTwice { get; } = new(503, new(5, 5, 1), "Authenticated already");
    internal static SmtpReply AuthInTransaction { get; } = new(503, new(5, 5, 1), "AUTH is not allowed in a transaction");
    internal static SmtpReply AuthMechanismUnknown { get; } = new(504, new(5, 5, 4), "Authentication mechanism not offered");
    internal static SmtpReply AuthCancelled { get; } = new(501, new(5, 7, 0), "Authentication cancelled");
    internal static SmtpReply AuthNotBase64 { get; } = new(501, new(5, 5, 2), "Not base64");
    internal static SmtpReply AuthLineTooLong { get; } = new(500, new(5, 5, 6), "Authentication line too long");
    internal static SmtpReply BadSubmitter { get; } = new(501, new(5, 5, 4), "AUTH= must be <> or an address in xtext");
    internal static SmtpReply HelloFirst { get; } = new(503, new(5, 5, 1), "Send EHLO first");
    internal static SmtpReply MailFirst { get; } = new(503, new(5, 5, 1), "Send MAIL first");
    internal static SmtpReply RecipientFirst { get; } = new(554, new(5, 5, 1), "No valid recipients");
    internal static SmtpReply NestedMail { get; } = new(503, new(5, 5, 1), "A transaction is open already");
    internal static SmtpReply TlsInTransaction { get; } = new(503, new(5, 5, 1), "STARTTLS is not allowed in a transaction");
    internal static SmtpReply TlsActive { get; } = new(503, new(5, 5, 1), "TLS is active already");
}
