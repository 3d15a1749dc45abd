namespace Tsunagi.Protocols.Mail.Dkim;

/// <summary>How much a message may change on its way (RFC 6376 section 3.4).</summary>
public enum Canonicalization
{
    /// <summary>Almost nothing (sections 3.4.1 and 3.4.3).</summary>
    Simple,
    /// <summary>White space and the case of field names (sections 3.4.2 and 3.4.4).</summary>
    Relaxed,
}
