namespace Tsunagi.Protocols.Mail.Spf;

/// <summary>The results of check_host() (RFC 7208 section 2.6).</summary>
public enum SpfVerdict
{
    /// <summary>No domain that can be checked, or it publishes no record.</summary>
    None,
    /// <summary>The domain says nothing of the client.</summary>
    Neutral,
    /// <summary>The client may use the domain.</summary>
    Pass,
    /// <summary>The client may not.</summary>
    Fail,
    /// <summary>The client probably may not.</summary>
    SoftFail,
    /// <summary>The DNS gave no answer; asking again later may help.</summary>
    TempError,
    /// <summary>The record can not be understood, or asks for more than the limits allow.</summary>
    PermError,
}

/// <summary>Whose domain was checked.</summary>
public enum SpfIdentity
{
    /// <summary>The reverse-path (RFC 7208 section 2.4).</summary>
    MailFrom,
    /// <summary>The HELO name, since the reverse-path is null (RFC 7208 section 2.4) or it was asked for (section 2.3).</summary>
    Helo,
}
