namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>What the caller of <see cref="SmtpServerMachine"/> does next.</summary>
public enum SmtpStepKind
{
    /// <summary>Write the reply, read the next line.</summary>
    Reply,
    /// <summary>Decide on <see cref="SmtpServerMachine.Command"/>'s reverse-path, then <see cref="SmtpServerMachine.Answer"/>.</summary>
    AskMail,
    /// <summary>Decide on <see cref="SmtpServerMachine.Command"/>'s forward-path, then <see cref="SmtpServerMachine.Answer"/>.</summary>
    AskRecipient,
    /// <summary>Decide whether a message may come now (disk space, shutdown), then <see cref="SmtpServerMachine.Answer"/>.</summary>
    AskData,
    /// <summary>Write the reply (354), read the message with <see cref="SmtpDataReader"/>, then <see cref="SmtpServerMachine.DataEnded"/>.</summary>
    ReadData,
    /// <summary>The message is whole and well-formed: make it durable, then <see cref="SmtpServerMachine.Answer"/>.</summary>
    AskMessage,
    /// <summary>
    /// Write the reply (220); drop the connection if any octet is buffered behind the command (STARTTLS ends its group, RFC 3207 section 4
    /// and RFC 2920 section 3.1); shake hands; then <see cref="SmtpServerMachine.TlsStarted"/>.
    /// </summary>
    StartTls,
    /// <summary>
    /// Go on with the authentication by <see cref="SmtpServerMachine.AuthMechanism"/> and <see cref="SmtpServerMachine.AuthResponse"/>, then
    /// <see cref="SmtpServerMachine.Answer"/>: 334 with a challenge in base64, 235, or a refusal.
    /// </summary>
    AskAuth,
    /// <summary>
    /// Begin another machine over the same connection, under the same TLS, with what <see cref="SmtpServerMachine.Told"/> says of the client, as if it had connected just now: its greeting
    /// is the reply. Whatever was decided by the address before is decided again.
    /// </summary>
    StartAnew,
    /// <summary>Write the reply (221, 421 or 521), close.</summary>
    Close,
}

/// <summary>One decision of the machine.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Reply">What to write first; null for the questions.</param>
public readonly record struct SmtpStep(SmtpStepKind Kind, SmtpReply? Reply);
