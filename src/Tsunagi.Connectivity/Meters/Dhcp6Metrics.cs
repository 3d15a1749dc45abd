using Tsunagi.Connectivity.Leases;
using Tsunagi.Protocols.Net.Dhcp;

namespace Tsunagi.Connectivity.Meters;

/// <summary>What operators watch of DHCPv6.</summary>
internal sealed class Dhcp6Metrics(LeaseBook book) : DhcpMetrics("dhcp6", "DHCPv6", () => book.Bound - book.Bound4)
{
    public void Received(Dhcp6Type type) => Received(NameOf(type));

    public void Answered(Dhcp6Type type) => Answered(NameOf(type));

    // Names are made once: no text for each message.
    private static string NameOf(Dhcp6Type type) => type switch
    {
        Dhcp6Type.Solicit => "solicit",
        Dhcp6Type.Advertise => "advertise",
        Dhcp6Type.Request => "request",
        Dhcp6Type.Confirm => "confirm",
        Dhcp6Type.Renew => "renew",
        Dhcp6Type.Rebind => "rebind",
        Dhcp6Type.Reply => "reply",
        Dhcp6Type.Release => "release",
        Dhcp6Type.Decline => "decline",
        Dhcp6Type.InformationRequest => "information-request",
        _ => "other",
    };
}
