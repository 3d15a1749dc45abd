namespace Tsunagi.Protocols.Net.Radius;

/// <summary>The kind of a packet: its first octet (IANA, "RADIUS Packet Type Codes"). Any other octet is carried as its number.</summary>
public enum RadiusCode : byte
{
    /// <summary>RFC 2865 section 4.1.</summary>
    AccessRequest = 1,

    /// <summary>RFC 2865 section 4.2.</summary>
    AccessAccept = 2,

    /// <summary>RFC 2865 section 4.3.</summary>
    AccessReject = 3,

    /// <summary>RFC 2866 section 4.1.</summary>
    AccountingRequest = 4,

    /// <summary>RFC 2866 section 4.2.</summary>
    AccountingResponse = 5,

    /// <summary>RFC 2865 section 4.4.</summary>
    AccessChallenge = 11,

    /// <summary>RFC 5997 section 3.</summary>
    StatusServer = 12,

    /// <summary>Reserved by RFC 2865 section 3.</summary>
    StatusClient = 13,

    /// <summary>RFC 5176 section 2.1.</summary>
    DisconnectRequest = 40,

    /// <summary>RFC 5176 section 2.1.</summary>
    DisconnectAck = 41,

    /// <summary>RFC 5176 section 2.1.</summary>
    DisconnectNak = 42,

    /// <summary>RFC 5176 section 2.2.</summary>
    CoaRequest = 43,

    /// <summary>RFC 5176 section 2.2.</summary>
    CoaAck = 44,

    /// <summary>RFC 5176 section 2.2.</summary>
    CoaNak = 45,

    /// <summary>RFC 7930 section 4: the answer to what is too long or of a kind that is not understood (RADIUS/TCP and TLS).</summary>
    ProtocolError = 52,
}
