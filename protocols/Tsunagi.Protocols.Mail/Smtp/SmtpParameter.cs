namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>One parameter behind MAIL or RCPT, or one extension behind EHLO (RFC 5321 section 4.1.2).</summary>
/// <param name="Keyword">In upper case.</param>
/// <param name="Value">What stands behind the equals sign; null when there is none.</param>
public readonly record struct SmtpParameter(string Keyword, string? Value)
{
    /// <summary><c>KEYWORD</c> or <c>KEYWORD=value</c>.</summary>
    public override string ToString() => Value is null ? Keyword : $"{Keyword}={Value}";
}
