namespace Tsunagi.Ddos.Sharing;

/// <summary>An incident of somebody else's, as a peer shared it with us.</summary>
/// <param name="Tlp">"amber": how closely we are to hold it.</param>
/// <param name="Victim">What the peer says of who was attacked: "anonymised", or a prefix.</param>
/// <param name="Version">Its maker's, µs.</param>
internal sealed record ForeignIncident(
    string Id, string Peer, string StixId, string GroupName, string Tlp, string Name, string Description, string Vector, long Confidence, long OpenedAt, long? ClosedAt, long PeakPackets, long PeakBits, long Sources,
    string Victim, string TopPorts, long Version, long Revoked, long ReceivedAt, long ExpiresAt)
{
    public const string Columns =
        "id, peer, stix_id, group_name, tlp, name, description, vector, confidence, opened_at, closed_at, peak_packets, peak_bits, sources, victim, top_ports, version, revoked, received_at, expires_at";
}

/// <summary>A sender that a peer named.</summary>
internal sealed record ForeignSource(string Peer, string StixId, string Network, string Protocol, long Port, string Name, long Confidence, long ReceivedAt, long ExpiresAt)
{
    public const string Columns = "peer, stix_id, network, protocol, port, name, confidence, received_at, expires_at";
}

/// <summary>A pattern that is kept and not understood.</summary>
internal sealed record ForeignPattern(string Peer, string StixId, string Pattern, string Problem, string Name, long ReceivedAt);

/// <summary>A source of one of our incidents that a peer named before.</summary>
/// <param name="Confidence">What is left of it today, 0 to 100.</param>
internal sealed record KnownSource(string Address, string Peer, string Name, int Confidence);
