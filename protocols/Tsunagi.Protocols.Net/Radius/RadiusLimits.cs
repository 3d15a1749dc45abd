namespace Tsunagi.Protocols.Net.Radius;

/// <summary>What a reader takes from a peer.</summary>
public sealed record RadiusLimits
{
    /// <summary>The limits used where none are given.</summary>
    public static readonly RadiusLimits Default = new();

    /// <summary>The longest packet: 4,096 octets over UDP (RFC 2865 section 3); RFC 7930 allows up to 65,535 over TCP and TLS.</summary>
    public int PacketOctets { get; init; } = 4_096;

    /// <summary>The most attributes of a packet.</summary>
    public int Attributes { get; init; } = 512;

    /// <summary>How deep TLVs may lie in TLVs when a packet is taken apart by a dictionary.</summary>
    public int Depth { get; init; } = 8;
}
