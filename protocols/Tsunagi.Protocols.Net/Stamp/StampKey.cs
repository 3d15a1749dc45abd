using System.Buffers;
using System.Security.Cryptography;

namespace Tsunagi.Protocols.Net.Stamp;

/// <summary>The key of a session and what it signs: HMAC-SHA-256, the first 128 bits (RFC 8762 section 4.4, RFC 8972 section 4.8). May be used by several threads.</summary>
public sealed class StampKey
{
    /// <summary>Octets of an HMAC in a packet.</summary>
    public const int HmacOctets = 16;

    /// <summary>Octets of the base packet that its HMAC covers: six blocks.</summary>
    internal const int SignedOctets = 96;

    private const int SequenceOctets = 4;
    private const int OnStack = 1_024;

    private readonly byte[] _key;

    /// <summary>A key of any length.</summary>
    public StampKey(ReadOnlySpan<byte> key) => _key = key.ToArray();

    /// <summary>Whether a base packet of 112 octets or more carries the right HMAC.</summary>
    internal bool Verifies(ReadOnlySpan<byte> packet)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, packet[..SignedOctets], hash);
        return CryptographicOperations.FixedTimeEquals(hash[..HmacOctets], packet.Slice(SignedOctets, HmacOctets));
    }

    /// <summary>Writes the HMAC of a base packet into it.</summary>
    internal void Sign(Span<byte> packet)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, packet[..SignedOctets], hash);
        hash[..HmacOctets].CopyTo(packet.Slice(SignedOctets, HmacOctets));
    }

    /// <summary>The HMAC over a packet's sequence number and the TLVs before the HMAC's own.</summary>
    internal void HashTlvs(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> before, Span<byte> hmac)
    {
        int length = SequenceOctets + before.Length;
        byte[]? rented = length > OnStack ? ArrayPool<byte>.Shared.Rent(length) : null;
        Span<byte> covered = rented is null ? stackalloc byte[OnStack] : rented;
        packet[..SequenceOctets].CopyTo(covered);
        before.CopyTo(covered[SequenceOctets..]);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, covered[..length], hash);
        hash[..HmacOctets].CopyTo(hmac);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
