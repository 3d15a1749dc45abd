namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>The kinds of messages of DHCPv4, the value of option 53 (RFC 2132 section 9.6); others are carried by number.</summary>
public enum Dhcp4Type : byte
{
    /// <summary>None: a message of BOOTP.</summary>
    None = 0,

    /// <summary>A client looks for servers.</summary>
    Discover = 1,

    /// <summary>A server offers.</summary>
    Offer = 2,

    /// <summary>A client takes an offer, or asks to go on.</summary>
    Request = 3,

    /// <summary>A client found its address in use.</summary>
    Decline = 4,

    /// <summary>A server gives.</summary>
    Ack = 5,

    /// <summary>A server refuses.</summary>
    Nak = 6,

    /// <summary>A client gives back.</summary>
    Release = 7,

    /// <summary>A client with an address asks for configuration.</summary>
    Inform = 8,

    /// <summary>A server wants to be asked (RFC 3203).</summary>
    ForceRenew = 9,

    /// <summary>Somebody asks about leases (RFC 4388).</summary>
    LeaseQuery = 10,
}
