namespace Tsunagi.Protocols.Net.Dns;

/// <summary>The OPT record (RFC 6891 section 6.1).</summary>
public sealed record DnsEdns
{
    /// <summary>
    /// Largest UDP message the sender takes. 1,232 passes every path without fragments; values below 512 mean 512 (RFC 6891 section 6.2.3).
    /// </summary>
    public ushort UdpPayloadOctets { get; init; } = 1232;

    /// <summary>0 is the only version there is.</summary>
    public byte Version { get; init; }

    /// <summary>DO: the sender understands DNSSEC records (RFC 3225).</summary>
    public bool DnssecOk { get; init; }

    /// <summary>The options as they stand in the record.</summary>
    public ReadOnlyMemory<byte> Options { get; init; }

    /// <inheritdoc/>
    public bool Equals(DnsEdns? other) =>
        other is not null && (UdpPayloadOctets, Version, DnssecOk) == (other.UdpPayloadOctets, other.Version, other.DnssecOk)
            && Options.Span.SequenceEqual(other.Options.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(UdpPayloadOctets, Version, DnssecOk, Options.Length);
}
