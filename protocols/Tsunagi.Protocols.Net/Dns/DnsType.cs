namespace Tsunagi.Protocols.Net.Dns;

/// <summary>Types of records and questions; every other number is carried as it is.</summary>
public enum DnsType : ushort
{
    /// <summary>IPv4 address (RFC 1035 section 3.4.1).</summary>
    A = 1,
    /// <summary>Name server (RFC 1035 section 3.3.11).</summary>
    Ns = 2,
    /// <summary>Alias (RFC 1035 section 3.3.1).</summary>
    Cname = 5,
    /// <summary>Start of a zone (RFC 1035 section 3.3.13).</summary>
    Soa = 6,
    /// <summary>Pointer, used for addresses (RFC 1035 section 3.3.12).</summary>
    Ptr = 12,
    /// <summary>Mail exchange (RFC 1035 section 3.3.9).</summary>
    Mx = 15,
    /// <summary>Text (RFC 1035 section 3.3.14).</summary>
    Txt = 16,
    /// <summary>IPv6 address (RFC 3596 section 2.1).</summary>
    Aaaa = 28,
    /// <summary>EDNS (RFC 6891 section 6.1.1); read into <see cref="DnsMessage.Edns"/>.</summary>
    Opt = 41,
    /// <summary>Certificate association (RFC 6698 section 2).</summary>
    Tlsa = 52,
    /// <summary>Service binding (RFC 9460); carried as octets.</summary>
    Svcb = 64,
    /// <summary>Service binding of HTTP (RFC 9460); carried as octets.</summary>
    Https = 65,
    /// <summary>All types, in questions only (RFC 1035 section 3.2.3).</summary>
    Any = 255,
}
