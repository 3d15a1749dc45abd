using System.Buffers.Binary;

namespace Tsunagi.Protocols.Net.Stamp;

/// <summary>One TLV where it lies in its packet (RFC 8972 section 4): flags, type, length, value.</summary>
public readonly ref struct StampTlv
{
    /// <summary>Octets before the value.</summary>
    public const int HeaderOctets = 4;

    internal StampTlv(ReadOnlySpan<byte> octets, int offset, bool isWhole)
    {
        Octets = octets;
        Offset = offset;
        IsWhole = isWhole;
    }

    /// <summary>Header and value; where it is not whole, what is there of it.</summary>
    public ReadOnlySpan<byte> Octets { get; }

    /// <summary>Where it begins, from the start of the packet's TLVs.</summary>
    public int Offset { get; }

    /// <summary>False when its length runs over the end of the packet.</summary>
    public bool IsWhole { get; }

    /// <summary>What the reflector made of it.</summary>
    public StampTlvFlags Flags => (StampTlvFlags)Octets[0];

    /// <summary>What it holds.</summary>
    public StampTlvType Type => (StampTlvType)Octets[1];

    /// <summary>The length that it states.</summary>
    public int Length => BinaryPrimitives.ReadUInt16BigEndian(Octets[2..]);

    /// <summary>What stands behind the header.</summary>
    public ReadOnlySpan<byte> Value => Octets[HeaderOctets..];
}
