namespace Tsunagi.Protocols.Net.Stamp;

/// <summary>How test packets of a session are protected (RFC 8762 section 4). Both ends know it beforehand: a packet does not say.</summary>
public enum StampMode
{
    /// <summary>Not at all: 44 octets and what follows.</summary>
    Unauthenticated,

    /// <summary>By an HMAC-SHA-256 of the base packet: 112 octets and what follows.</summary>
    Authenticated,
}
