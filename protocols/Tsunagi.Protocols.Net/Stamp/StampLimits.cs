namespace Tsunagi.Protocols.Net.Stamp;

/// <summary>What a reader takes from a peer.</summary>
public sealed record StampLimits
{
    /// <summary>The limits used where none are given.</summary>
    public static readonly StampLimits Default = new();

    /// <summary>The longest test packet in octets.</summary>
    public int PacketOctets { get; init; } = 9_000;

    /// <summary>The most TLVs of a packet.</summary>
    public int Tlvs { get; init; } = 32;
}
