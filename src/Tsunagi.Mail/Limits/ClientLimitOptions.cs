using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Tsunagi.Mail.Limits;

/// <summary>How often one client (an IPv4 address, an IPv6 /64) may come to the gateway's own listener. Customers' own servers are limited as their tenant instead.</summary>
public sealed record ClientLimitOptions
{
    /// <summary>Connections in a minute; 0 for no limit.</summary>
    [Range(0, 1_000_000)]
    public int ConnectionsPerMinute { get; init; } = 300;

    /// <summary>Messages in an hour; 0 for no limit.</summary>
    [Range(0, 100_000_000)]
    public int MessagesPerHour { get; init; } = 20_000;

    /// <summary>Clients counted at once, 32 octets each; beyond them one that came least is forgotten for one that comes.</summary>
    [Range(1_024, 16_777_216)]
    public int Entries { get; init; } = 65_536;

    /// <summary>Networks that are not limited: this machine, and large senders that are welcome.</summary>
    public IReadOnlyList<IPNetwork> Exempt { get; init; } = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")];
}
