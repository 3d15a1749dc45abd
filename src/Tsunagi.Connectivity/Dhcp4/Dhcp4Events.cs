using Tsunagi.Connectivity.Dhcp;
using Tsunagi.Core.Events;

namespace Tsunagi.Connectivity.Dhcp4;

/// <summary>The events of DHCPv4.</summary>
internal static class Dhcp4Events
{
    public const string UnknownClient = "connectivity.dhcp4.unknown-client@1";
    public const string UnknownRelay = "connectivity.dhcp4.unknown-relay@1";
    public const string Refused = "connectivity.dhcp4.refused@1";
    public const string Declined = "connectivity.dhcp4.declined@1";
    public const string Flooded = "connectivity.dhcp4.flooded@1";

    public static readonly IReadOnlyList<EventDeclaration> All = new DhcpEvents("DHCPv4", "connectivity.dhcp4", UnknownClient, UnknownRelay, Refused, Declined, Flooded).All;
}
