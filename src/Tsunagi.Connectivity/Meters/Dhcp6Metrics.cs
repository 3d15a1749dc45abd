using System.Diagnostics.Metrics;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Protocols.Net.Dhcp;

namespace Tsunagi.Connectivity.Meters;

/// <summary>What operators watch of DHCPv6.</summary>
internal sealed class Dhcp6Metrics : IDisposable
{
    private readonly Meter _meter = new("Tsunagi.Connectivity");
    private readonly Counter<long> _received;
    private readonly Counter<long> _answered;
    private readonly Counter<long> _dropped;

    public Dhcp6Metrics(LeaseBook book)
    {
        _received = _meter.CreateCounter<long>("tsunagi.connectivity.dhcp6.received", "{message}", "Messages of clients of DHCPv6, by kind");
        _answered = _meter.CreateCounter<long>("tsunagi.connectivity.dhcp6.answered", "{message}", "Answers to clients of DHCPv6, by kind; what they promise is on the disk");
        _dropped = _meter.CreateCounter<long>("tsunagi.connectivity.dhcp6.dropped", "{datagram}", "Datagrams of DHCPv6 that were not answered, by cause");
        _meter.CreateObservableGauge("tsunagi.connectivity.dhcp6.leases", () =>
        {
            lock (book.Turn)
            {
                return book.Bound;
            }
        }, "{lease}", "Leases of DHCPv6 that last, of all nodes as this one knows them");
    }

    public void Received(Dhcp6Type type) => _received.Add(1, new KeyValuePair<string, object?>("type", NameOf(type)));

    public void Answered(Dhcp6Type type) => _answered.Add(1, new KeyValuePair<string, object?>("type", NameOf(type)));

    public void Dropped(string cause) => _dropped.Add(1, new KeyValuePair<string, object?>("cause", cause));

    public void Dispose() => _meter.Dispose();

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
