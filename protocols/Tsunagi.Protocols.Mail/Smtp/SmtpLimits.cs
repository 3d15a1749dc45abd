namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>
/// The sizes a command may have, in octets. The defaults of the paths are the ones every implementation must take
/// (RFC 5321 section 4.5.3.1); raising them makes addresses that other hosts may refuse.
/// </summary>
public sealed record SmtpLimits
{
    /// <summary>The limits of RFC 5321.</summary>
    public static SmtpLimits Default { get; } = new();

    /// <summary>Local part as written on the wire, quotes included (RFC 5321 section 4.5.3.1.1).</summary>
    public int LocalPartOctets { get; init; } = 64;

    /// <summary>Domain name or address literal (RFC 5321 section 4.5.3.1.2).</summary>
    public int DomainOctets { get; init; } = 255;

    /// <summary>Path with its angle brackets (RFC 5321 section 4.5.3.1.3).</summary>
    public int PathOctets { get; init; } = 256;

    /// <summary>Parameters behind one MAIL or RCPT. Every extension known today together stays below this.</summary>
    public int Parameters { get; init; } = 16;
}
