namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>The commands a server may hear. The order is the row order of <see cref="SmtpServerTable"/>.</summary>
public enum SmtpVerb
{
    /// <summary>HELO, the greeting without extensions (RFC 5321 section 4.1.1.1).</summary>
    Helo,
    /// <summary>EHLO, the greeting with extensions (RFC 5321 section 4.1.1.1).</summary>
    Ehlo,
    /// <summary>STARTTLS (RFC 3207).</summary>
    StartTls,
    /// <summary>AUTH (RFC 4954).</summary>
    Auth,
    /// <summary>MAIL FROM, begins a transaction (RFC 5321 section 4.1.1.2).</summary>
    Mail,
    /// <summary>RCPT TO (RFC 5321 section 4.1.1.3).</summary>
    Rcpt,
    /// <summary>DATA (RFC 5321 section 4.1.1.4).</summary>
    Data,
    /// <summary>BDAT (RFC 3030); named so that it can be refused by name.</summary>
    Bdat,
    /// <summary>RSET, drops the transaction (RFC 5321 section 4.1.1.5).</summary>
    Rset,
    /// <summary>VRFY (RFC 5321 section 4.1.1.6).</summary>
    Vrfy,
    /// <summary>EXPN (RFC 5321 section 4.1.1.7).</summary>
    Expn,
    /// <summary>HELP (RFC 5321 section 4.1.1.8).</summary>
    Help,
    /// <summary>NOOP (RFC 5321 section 4.1.1.9).</summary>
    Noop,
    /// <summary>QUIT (RFC 5321 section 4.1.1.10).</summary>
    Quit,
    /// <summary>XCLIENT (Postfix's XCLIENT_README).</summary>
    XClient,
}
