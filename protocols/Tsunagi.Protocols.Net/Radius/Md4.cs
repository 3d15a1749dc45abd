using System.Buffers.Binary;
using System.Numerics;

namespace Tsunagi.Protocols.Net.Radius;

/// <summary>MD4 (RFC 1320), which MS-CHAP keeps passwords in and the base library does not have. Not for anything else.</summary>
internal static class Md4
{
    public const int HashOctets = 16;
    private const int BlockOctets = 64;

    public static void Hash(ReadOnlySpan<byte> content, Span<byte> hash)
    {
        Span<uint> state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476];
        ReadOnlySpan<byte> rest = content;
        while (rest.Length >= BlockOctets)
        {
            Transform(state, rest);
            rest = rest[BlockOctets..];
        }

        Span<byte> tail = stackalloc byte[BlockOctets * 2];
        tail.Clear();
        rest.CopyTo(tail);
        tail[rest.Length] = 0x80;
        int tailOctets = rest.Length < BlockOctets - 8 ? BlockOctets : BlockOctets * 2;
        BinaryPrimitives.WriteInt64LittleEndian(tail[(tailOctets - 8)..], content.Length * 8L);
        Transform(state, tail);
        if (tailOctets > BlockOctets)
        {
            Transform(state, tail[BlockOctets..]);
        }

        for (int i = 0; i < 4; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(hash[(i * 4)..], state[i]);
        }
    }

    // RFC 1320 section 3.4: three rounds of sixteen steps.
    private static void Transform(Span<uint> state, ReadOnlySpan<byte> block)
    {
        Span<uint> x = stackalloc uint[16];
        for (int i = 0; i < 16; i++)
        {
            x[i] = BinaryPrimitives.ReadUInt32LittleEndian(block[(i * 4)..]);
        }

        ReadOnlySpan<byte> order2 = [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15];
        ReadOnlySpan<byte> order3 = [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15];
        ReadOnlySpan<byte> turns = [3, 7, 11, 19, 3, 5, 9, 13, 3, 9, 11, 15];
        uint a = state[0], b = state[1], c = state[2], d = state[3];
        for (int i = 0; i < 48; i++)
        {
            (uint mixed, uint word) = (i >> 4) switch
            {
                0 => (d ^ (b & (c ^ d)), x[i]),
                1 => ((b & c) | (b & d) | (c & d), x[order2[i & 15]] + 0x5A827999),
                _ => (b ^ c ^ d, x[order3[i & 15]] + 0x6ED9EBA1),
            };
            uint turned = BitOperations.RotateLeft(a + mixed + word, turns[((i >> 4) * 4) + (i & 3)]);
            (a, d, c, b) = (d, c, b, turned);
        }

        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
    }
}
