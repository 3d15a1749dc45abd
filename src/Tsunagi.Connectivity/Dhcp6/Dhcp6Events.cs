using Tsunagi.Connectivity.Dhcp;
using Tsunagi.Core.Events;

namespace Tsunagi.Connectivity.Dhcp6;

/// <summary>The events of DHCPv6.</summary>
internal static class Dhcp6Events
{
    public const string UnknownClient = "connectivity.dhcp6.unknown-client@1";
    public const string UnknownRelay = "connectivity.dhcp6.unknown-relay@1";
    public const string Refused = "connectivity.dhcp6.refused@1";
    public const string Declined = "connectivity.dhcp6.declined@1";
    public const string Flooded = "connectivity.dhcp6.flooded@1";

    public static readonly IReadOnlyList<EventDeclaration> All = new DhcpEvents("DHCPv6", "connectivity.dhcp6", UnknownClient, UnknownRelay, Refused, Declined, Flooded).All;
}
