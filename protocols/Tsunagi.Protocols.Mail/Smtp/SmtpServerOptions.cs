namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>What one listener offers and allows.</summary>
public sealed record SmtpServerOptions
{
    /// <summary>The name in the greeting and in the reply to EHLO: a domain, as the host is called in the DNS.</summary>
    public required string HostName { get; init; }

    /// <summary>Offer STARTTLS while the connection is in the clear.</summary>
    public bool OfferStartTls { get; init; }

    /// <summary>Refuse MAIL before TLS; for submission and agreed links, never for a public MX (RFC 3207 section 4).</summary>
    public bool RequireTls { get; init; }

    /// <summary>Offer XCLIENT: only to a proxy that is trusted to say who its client is.</summary>
    public bool OfferXClient { get; init; }

    /// <summary>Names of the mechanisms of AUTH, the strongest first (RFC 4954); offered under TLS alone. None: no AUTH.</summary>
    public IReadOnlyList<string> AuthMechanisms { get; init; } = [];

    /// <summary>Refuse mail before AUTH (RFC 6409 section 4.3).</summary>
    public bool RequireAuth { get; init; }

    /// <summary>Failed authentications before 421 ends the session.</summary>
    public int MaxAuthFailures { get; init; } = 3;

    /// <summary>
    /// Longest line of an authentication with its CRLF; RFC 4954 section 4 calls 12,288 octets enough for every mechanism. The reader of a session's lines is made
    /// for <see cref="LongestLineOctets"/>.
    /// </summary>
    public int MaxAuthLineOctets { get; init; } = 12_290;

    /// <summary>The longest line that any command may have.</summary>
    public int LongestLineOctets => AuthMechanisms.Count > 0 ? Math.Max(MaxLineOctets, MaxAuthLineOctets) : MaxLineOctets;

    /// <summary>Offer SMTPUTF8 (RFC 6531).</summary>
    public bool OfferSmtpUtf8 { get; init; } = true;

    /// <summary>Largest message in octets, told by SIZE (RFC 1870) and held to.</summary>
    public long MaxMessageOctets { get; init; } = 50 * 1024 * 1024;

    /// <summary>Accepted recipients of one transaction; RFC 5321 section 4.5.3.1.8 wants at least 100.</summary>
    public int MaxRecipients { get; init; } = 1000;

    /// <summary>Errors of the client (500–555 by the machine) before 421 ends the session.</summary>
    public int MaxErrors { get; init; } = 20;

    /// <summary>Recipients refused by policy before 421 ends the session; the brake on guessing addresses.</summary>
    public int MaxRefusedRecipients { get; init; } = 100;

    /// <summary>NOOP, RSET, VRFY, HELP, EHLO and STARTTLS since the last accepted message before 421 ends the session.</summary>
    public int MaxIdleCommands { get; init; } = 100;

    /// <summary>
    /// Longest command line with its CRLF. RFC 5321 section 4.5.3.1.4 says 512 and lets extensions add to it; 2,048 holds all of them.
    /// </summary>
    public int MaxLineOctets { get; init; } = 2048;

    /// <summary>Sizes of paths and parameter lists.</summary>
    public SmtpLimits Limits { get; init; } = SmtpLimits.Default;
}
