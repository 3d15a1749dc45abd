using Tsunagi.Connectivity.Leases;
using Tsunagi.Protocols.Net.Dhcp;

namespace Tsunagi.Connectivity.Meters;

/// <summary>What operators watch of DHCPv4.</summary>
internal sealed class Dhcp4Metrics(LeaseBook book) : DhcpMetrics("dhcp4", "DHCPv4", () => book.Bound4)
{
    public void Received(Dhcp4Type type) => Received(NameOf(type));

    public void Answered(Dhcp4Type type) => Answered(NameOf(type));

    // Names are made once: no text for each message.
    private static string NameOf(Dhcp4Type type) => type switch
    {
        Dhcp4Type.Discover => "discover",
        Dhcp4Type.Offer => "offer",
        Dhcp4Type.Request => "request",
        Dhcp4Type.Decline => "decline",
        Dhcp4Type.Ack => "ack",
        Dhcp4Type.Nak => "nak",
        Dhcp4Type.Release => "release",
        Dhcp4Type.Inform => "inform",
        _ => "other",
    };
}
