namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>Numbers of DHCPv4 options that a server works with; <see cref="DhcpRegistry.Dhcp4"/> names all.</summary>
public static class Dhcp4Code
{
    /// <summary>The mask of the client's link.</summary>
    public const byte SubnetMask = 1;

    /// <summary>Routers of the link.</summary>
    public const byte Routers = 3;

    /// <summary>Name servers.</summary>
    public const byte DnsServers = 6;

    /// <summary>The domain that the client is in.</summary>
    public const byte DomainName = 15;

    /// <summary>The MTU of the link.</summary>
    public const byte InterfaceMtu = 26;

    /// <summary>Time servers.</summary>
    public const byte NtpServers = 42;

    /// <summary>The address that the client would like to have, or was offered.</summary>
    public const byte RequestedAddress = 50;

    /// <summary>Seconds for which the client has its address.</summary>
    public const byte LeaseTime = 51;

    /// <summary>The address that the server is told by.</summary>
    public const byte ServerId = 54;

    /// <summary>Options that the client asks for.</summary>
    public const byte ParameterRequest = 55;

    /// <summary>Why a request was refused.</summary>
    public const byte Message = 56;

    /// <summary>The longest message that the client takes, as a datagram of IP.</summary>
    public const byte LongestMessage = 57;

    /// <summary>Seconds until the client asks its server to go on (T1).</summary>
    public const byte RenewalTime = 58;

    /// <summary>Seconds until it asks any (T2).</summary>
    public const byte RebindingTime = 59;

    /// <summary>What the client is told by.</summary>
    public const byte ClientId = 61;

    /// <summary>Two messages instead of four (RFC 4039).</summary>
    public const byte RapidCommit = 80;

    /// <summary>What relays say (RFC 3046).</summary>
    public const byte RelayAgent = 82;

    /// <summary>The network would rather have no IPv4 on the client (RFC 8925).</summary>
    public const byte Ipv6OnlyPreferred = 108;

    /// <summary>Domains to search (RFC 3397).</summary>
    public const byte DomainSearch = 119;

    /// <summary>Routes by prefix (RFC 3442).</summary>
    public const byte ClasslessRoutes = 121;
}
