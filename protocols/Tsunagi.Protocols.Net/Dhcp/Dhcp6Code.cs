namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>Numbers of DHCPv6 options that a server works with; <see cref="DhcpRegistry.Dhcp6"/> names all.</summary>
public static class Dhcp6Code
{
    /// <summary>The client's DUID.</summary>
    public const ushort ClientId = 1;

    /// <summary>The server's DUID.</summary>
    public const ushort ServerId = 2;

    /// <summary>Addresses that do not change.</summary>
    public const ushort IaNa = 3;

    /// <summary>Temporary addresses.</summary>
    public const ushort IaTa = 4;

    /// <summary>One address of them.</summary>
    public const ushort IaAddress = 5;

    /// <summary>What the client asks for.</summary>
    public const ushort OptionRequest = 6;

    /// <summary>How much a server wants to be chosen.</summary>
    public const ushort Preference = 7;

    /// <summary>Hundredths of a second since the client began.</summary>
    public const ushort ElapsedTime = 8;

    /// <summary>A message within a relay's.</summary>
    public const ushort RelayMessage = 9;

    /// <summary>How it went.</summary>
    public const ushort StatusCode = 13;

    /// <summary>Two messages instead of four.</summary>
    public const ushort RapidCommit = 14;

    /// <summary>The relay's name for where the client is.</summary>
    public const ushort InterfaceId = 18;

    /// <summary>Name servers (RFC 3646).</summary>
    public const ushort DnsServers = 23;

    /// <summary>Domains to search (RFC 3646).</summary>
    public const ushort DomainList = 24;

    /// <summary>Delegated prefixes.</summary>
    public const ushort IaPd = 25;

    /// <summary>One prefix of them.</summary>
    public const ushort IaPrefix = 26;

    /// <summary>The relay's name for the far end (RFC 4649).</summary>
    public const ushort RemoteId = 37;

    /// <summary>The relay's name for the subscriber (RFC 4580).</summary>
    public const ushort SubscriberId = 38;

    /// <summary>The name of the DS-Lite AFTR (RFC 6334).</summary>
    public const ushort AftrName = 64;

    /// <summary>The client's link-layer address as its relay saw it (RFC 6939).</summary>
    public const ushort ClientLinkLayerAddress = 79;
}
