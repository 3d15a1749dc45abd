namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>The kinds of messages of DHCPv6 that clients, relays and servers exchange over UDP (RFC 8415 section 7.3); others are carried by number.</summary>
public enum Dhcp6Type : byte
{
    /// <summary>A client looks for servers.</summary>
    Solicit = 1,

    /// <summary>A server offers.</summary>
    Advertise = 2,

    /// <summary>A client takes an offer.</summary>
    Request = 3,

    /// <summary>A client asks whether its addresses fit the link.</summary>
    Confirm = 4,

    /// <summary>A client asks its server to go on.</summary>
    Renew = 5,

    /// <summary>A client asks any server to go on.</summary>
    Rebind = 6,

    /// <summary>A server answers.</summary>
    Reply = 7,

    /// <summary>A client gives back.</summary>
    Release = 8,

    /// <summary>A client found an address in use.</summary>
    Decline = 9,

    /// <summary>A server wants to be asked.</summary>
    Reconfigure = 10,

    /// <summary>A client asks for configuration without addresses.</summary>
    InformationRequest = 11,

    /// <summary>A relay passes on to a server.</summary>
    RelayForward = 12,

    /// <summary>A server answers through a relay.</summary>
    RelayReply = 13,

    /// <summary>Somebody asks about leases (RFC 5007 section 4.1).</summary>
    LeaseQuery = 14,

    /// <summary>A server tells about leases.</summary>
    LeaseQueryReply = 15,

    /// <summary>DHCPv4 within DHCPv6 (RFC 7341 section 6.1), to a server.</summary>
    Dhcp4Query = 20,

    /// <summary>DHCPv4 within DHCPv6, from a server.</summary>
    Dhcp4Response = 21,
}
