namespace Tsunagi.Protocols.Net.Dns;

/// <summary>RCODE, extended to 12 bits by EDNS (RFC 1035 section 4.1.1, RFC 6891 section 6.1.3).</summary>
public enum DnsResponseCode : ushort
{
    /// <summary>No error; also the answer that the name has no record of the type.</summary>
    NoError = 0,
    /// <summary>The server could not read the question.</summary>
    FormatError = 1,
    /// <summary>The server failed.</summary>
    ServerFailure = 2,
    /// <summary>NXDOMAIN: there is no such name.</summary>
    NameError = 3,
    /// <summary>The server does not do this.</summary>
    NotImplemented = 4,
    /// <summary>The server will not.</summary>
    Refused = 5,
    /// <summary>The version of EDNS is unknown to the server (RFC 6891 section 9).</summary>
    BadVersion = 16,
}
