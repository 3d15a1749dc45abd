namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>Where a session stands (RFC 5321 section 4.1.4).</summary>
public enum SmtpServerState
{
    /// <summary>Greeting sent; no EHLO yet, or none since STARTTLS.</summary>
    Connected,
    /// <summary>EHLO or HELO accepted, no transaction open.</summary>
    Greeted,
    /// <summary>MAIL accepted.</summary>
    Mail,
    /// <summary>At least one RCPT accepted.</summary>
    Recipients,
    /// <summary>354 sent; what comes is the message.</summary>
    Data,
    /// <summary>334 sent; the next line is the client's response (RFC 4954 section 4).</summary>
    Authenticating,
    /// <summary>Last reply given.</summary>
    Closed,
}

/// <summary>What a command meets in a state.</summary>
public enum SmtpRule
{
    /// <summary>The command is carried out.</summary>
    Allow,
    /// <summary>503: EHLO first.</summary>
    HelloFirst,
    /// <summary>503: MAIL first.</summary>
    MailFirst,
    /// <summary>554: no valid recipients (RFC 5321 section 3.3).</summary>
    RecipientFirst,
    /// <summary>503: a transaction is open.</summary>
    Nested,
    /// <summary>503: STARTTLS inside a transaction.</summary>
    TlsInTransaction,
    /// <summary>503: AUTH inside a transaction (RFC 4954 section 4).</summary>
    AuthInTransaction,
    /// <summary>502: known by name, not offered.</summary>
    NotImplemented,
}

/// <summary>
/// The order RFC 5321 section 4.1.4 allows, as one table. What the state becomes is in the last column, where it is not "same".
/// </summary>
public static class SmtpServerTable
{
    private const SmtpRule Allow = SmtpRule.Allow, Hello = SmtpRule.HelloFirst, Mail = SmtpRule.MailFirst, Rcpt = SmtpRule.RecipientFirst,
        Nested = SmtpRule.Nested, NoTls = SmtpRule.TlsInTransaction, NoAuth = SmtpRule.AuthInTransaction, None = SmtpRule.NotImplemented;

    // Rows in the order of SmtpVerb, columns in the order of SmtpServerState; Data, Authenticating and Closed take no commands.
    private static readonly SmtpRule[,] Rules =
    {
        //                Connected Greeted Mail    Recipients   next state when carried out
        /* HELO     */ { Allow,    Allow,  Allow,  Allow },  // Greeted, transaction dropped
        /* EHLO     */ { Allow,    Allow,  Allow,  Allow },  // Greeted, transaction dropped (section 4.1.4)
        /* STARTTLS */ { Hello,    Allow,  NoTls,  NoTls },  // Connected, everything forgotten (RFC 3207 section 4.2)
        /* AUTH     */ { Hello,    Allow,  NoAuth, NoAuth }, // Authenticating, then Greeted; 502 everywhere when no mechanism is offered
        /* MAIL     */ { Hello,    Allow,  Nested, Nested }, // Mail
        /* RCPT     */ { Hello,    Mail,   Allow,  Allow },  // Recipients
        /* DATA     */ { Hello,    Mail,   Rcpt,   Allow },  // Data, then Greeted whatever becomes of the message
        /* BDAT     */ { None,     None,   None,   None },
        /* RSET     */ { Allow,    Allow,  Allow,  Allow },  // Greeted (Connected stays), transaction dropped
        /* VRFY     */ { Allow,    Allow,  Allow,  Allow },
        /* EXPN     */ { None,     None,   None,   None },
        /* HELP     */ { Allow,    Allow,  Allow,  Allow },
        /* NOOP     */ { Allow,    Allow,  Allow,  Allow },
        /* QUIT     */ { Allow,    Allow,  Allow,  Allow },  // Closed
        /* XCLIENT  */ { Allow,    Allow,  Nested, Nested }, // another session begins; 502 everywhere when it is not offered
    };

    /// <summary>What <paramref name="verb"/> meets in <paramref name="state"/>, which is one that takes commands.</summary>
    public static SmtpRule Rule(SmtpServerState state, SmtpVerb verb)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((int)state, (int)SmtpServerState.Recipients, nameof(state));
        return Rules[(int)verb, (int)state];
    }
}
