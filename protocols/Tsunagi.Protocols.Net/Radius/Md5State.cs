using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tsunagi.Protocols.Net.Radius;

/// <summary>
/// MD5 (RFC 1321) as a value that can be copied: a keyed state made once per secret saves two of the four blocks of a short HMAC, and nothing is allocated. What RADIUS
/// asks of MD5 is the hash of a few blocks; the one-shot functions of the base library cost more than that in the call alone.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal struct Md5State
{
    public const int HashOctets = 16;
    private const int BlockOctets = 64;

    private uint _a;
    private uint _b;
    private uint _c;
    private uint _d;
    private long _length;
    private Block _buffer;

    public static Md5State Start() => new() { _a = 0x67452301, _b = 0xEFCDAB89, _c = 0x98BADCFE, _d = 0x10325476 };

    public static void Hash(ReadOnlySpan<byte> content, Span<byte> hash)
    {
        Md5State state = Start();
        state.Update(content);
        state.Finish(hash);
    }

    public void Update(ReadOnlySpan<byte> content)
    {
        int held = (int)(_length & (BlockOctets - 1));
        _length += content.Length;
        Span<byte> buffer = _buffer;
        if (held > 0)
        {
            int taken = Math.Min(BlockOctets - held, content.Length);
            content[..taken].CopyTo(buffer[held..]);
            content = content[taken..];
            if (held + taken < BlockOctets)
            {
                return;
            }

            Transform(buffer);
        }

        while (content.Length >= BlockOctets)
        {
            Transform(content);
            content = content[BlockOctets..];
        }

        content.CopyTo(buffer);
    }

    /// <summary>Ends the hash; the state is used up.</summary>
    public void Finish(Span<byte> hash)
    {
        Span<byte> buffer = _buffer;
        int held = (int)(_length & (BlockOctets - 1));
        buffer[held++] = 0x80;
        if (held > BlockOctets - 8)
        {
            buffer[held..].Clear();
            Transform(buffer);
            held = 0;
        }

        buffer[held..(BlockOctets - 8)].Clear();
        BinaryPrimitives.WriteInt64LittleEndian(buffer[(BlockOctets - 8)..], _length * 8);
        Transform(buffer);
        BinaryPrimitives.WriteUInt32LittleEndian(hash, _a);
        BinaryPrimitives.WriteUInt32LittleEndian(hash[4..], _b);
        BinaryPrimitives.WriteUInt32LittleEndian(hash[8..], _c);
        BinaryPrimitives.WriteUInt32LittleEndian(hash[12..], _d);
    }

    // The 64 steps of RFC 1321 section 3.4, written out.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Transform(ReadOnlySpan<byte> block)
    {
        block = block[..BlockOctets];
        uint x0 = BinaryPrimitives.ReadUInt32LittleEndian(block[0..]);
        uint x1 = BinaryPrimitives.ReadUInt32LittleEndian(block[4..]);
        uint x2 = BinaryPrimitives.ReadUInt32LittleEndian(block[8..]);
        uint x3 = BinaryPrimitives.ReadUInt32LittleEndian(block[12..]);
        uint x4 = BinaryPrimitives.ReadUInt32LittleEndian(block[16..]);
        uint x5 = BinaryPrimitives.ReadUInt32LittleEndian(block[20..]);
        uint x6 = BinaryPrimitives.ReadUInt32LittleEndian(block[24..]);
        uint x7 = BinaryPrimitives.ReadUInt32LittleEndian(block[28..]);
        uint x8 = BinaryPrimitives.ReadUInt32LittleEndian(block[32..]);
        uint x9 = BinaryPrimitives.ReadUInt32LittleEndian(block[36..]);
        uint x10 = BinaryPrimitives.ReadUInt32LittleEndian(block[40..]);
        uint x11 = BinaryPrimitives.ReadUInt32LittleEndian(block[44..]);
        uint x12 = BinaryPrimitives.ReadUInt32LittleEndian(block[48..]);
        uint x13 = BinaryPrimitives.ReadUInt32LittleEndian(block[52..]);
        uint x14 = BinaryPrimitives.ReadUInt32LittleEndian(block[56..]);
        uint x15 = BinaryPrimitives.ReadUInt32LittleEndian(block[60..]);
        uint a = _a, b = _b, c = _c, d = _d;
        a = b + BitOperations.RotateLeft(a + (d ^ (b & (c ^ d))) + x0 + 0xD76AA478u, 7);
        d = a + BitOperations.RotateLeft(d + (c ^ (a & (b ^ c))) + x1 + 0xE8C7B756u, 12);
        c = d + BitOperations.RotateLeft(c + (b ^ (d & (a ^ b))) + x2 + 0x242070DBu, 17);
        b = c + BitOperations.RotateLeft(b + (a ^ (c & (d ^ a))) + x3 + 0xC1BDCEEEu, 22);
        a = b + BitOperations.RotateLeft(a + (d ^ (b & (c ^ d))) + x4 + 0xF57C0FAFu, 7);
        d = a + BitOperations.RotateLeft(d + (c ^ (a & (b ^ c))) + x5 + 0x4787C62Au, 12);
        c = d + BitOperations.RotateLeft(c + (b ^ (d & (a ^ b))) + x6 + 0xA8304613u, 17);
        b = c + BitOperations.RotateLeft(b + (a ^ (c & (d ^ a))) + x7 + 0xFD469501u, 22);
        a = b + BitOperations.RotateLeft(a + (d ^ (b & (c ^ d))) + x8 + 0x698098D8u, 7);
        d = a + BitOperations.RotateLeft(d + (c ^ (a & (b ^ c))) + x9 + 0x8B44F7AFu, 12);
        c = d + BitOperations.RotateLeft(c + (b ^ (d & (a ^ b))) + x10 + 0xFFFF5BB1u, 17);
        b = c + BitOperations.RotateLeft(b + (a ^ (c & (d ^ a))) + x11 + 0x895CD7BEu, 22);
        a = b + BitOperations.RotateLeft(a + (d ^ (b & (c ^ d))) + x12 + 0x6B901122u, 7);
        d = a + BitOperations.RotateLeft(d + (c ^ (a & (b ^ c))) + x13 + 0xFD987193u, 12);
        c = d + BitOperations.RotateLeft(c + (b ^ (d & (a ^ b))) + x14 + 0xA679438Eu, 17);
        b = c + BitOperations.RotateLeft(b + (a ^ (c & (d ^ a))) + x15 + 0x49B40821u, 22);
        a = b + BitOperations.RotateLeft(a + (c ^ (d & (b ^ c))) + x1 + 0xF61E2562u, 5);
        d = a + BitOperations.RotateLeft(d + (b ^ (c & (a ^ b))) + x6 + 0xC040B340u, 9);
        c = d + BitOperations.RotateLeft(c + (a ^ (b & (d ^ a))) + x11 + 0x265E5A51u, 14);
        b = c + BitOperations.RotateLeft(b + (d ^ (a & (c ^ d))) + x0 + 0xE9B6C7AAu, 20);
        a = b + BitOperations.RotateLeft(a + (c ^ (d & (b ^ c))) + x5 + 0xD62F105Du, 5);
        d = a + BitOperations.RotateLeft(d + (b ^ (c & (a ^ b))) + x10 + 0x02441453u, 9);
        c = d + BitOperations.RotateLeft(c + (a ^ (b & (d ^ a))) + x15 + 0xD8A1E681u, 14);
        b = c + BitOperations.RotateLeft(b + (d ^ (a & (c ^ d))) + x4 + 0xE7D3FBC8u, 20);
        a = b + BitOperations.RotateLeft(a + (c ^ (d & (b ^ c))) + x9 + 0x21E1CDE6u, 5);
        d = a + BitOperations.RotateLeft(d + (b ^ (c & (a ^ b))) + x14 + 0xC33707D6u, 9);
        c = d + BitOperations.RotateLeft(c + (a ^ (b & (d ^ a))) + x3 + 0xF4D50D87u, 14);
        b = c + BitOperations.RotateLeft(b + (d ^ (a & (c ^ d))) + x8 + 0x455A14EDu, 20);
        a = b + BitOperations.RotateLeft(a + (c ^ (d & (b ^ c))) + x13 + 0xA9E3E905u, 5);
        d = a + BitOperations.RotateLeft(d + (b ^ (c & (a ^ b))) + x2 + 0xFCEFA3F8u, 9);
        c = d + BitOperations.RotateLeft(c + (a ^ (b & (d ^ a))) + x7 + 0x676F02D9u, 14);
        b = c + BitOperations.RotateLeft(b + (d ^ (a & (c ^ d))) + x12 + 0x8D2A4C8Au, 20);
        a = b + BitOperations.RotateLeft(a + (b ^ c ^ d) + x5 + 0xFFFA3942u, 4);
        d = a + BitOperations.RotateLeft(d + (a ^ b ^ c) + x8 + 0x8771F681u, 11);
        c = d + BitOperations.RotateLeft(c + (d ^ a ^ b) + x11 + 0x6D9D6122u, 16);
        b = c + BitOperations.RotateLeft(b + (c ^ d ^ a) + x14 + 0xFDE5380Cu, 23);
        a = b + BitOperations.RotateLeft(a + (b ^ c ^ d) + x1 + 0xA4BEEA44u, 4);
        d = a + BitOperations.RotateLeft(d + (a ^ b ^ c) + x4 + 0x4BDECFA9u, 11);
        c = d + BitOperations.RotateLeft(c + (d ^ a ^ b) + x7 + 0xF6BB4B60u, 16);
        b = c + BitOperations.RotateLeft(b + (c ^ d ^ a) + x10 + 0xBEBFBC70u, 23);
        a = b + BitOperations.RotateLeft(a + (b ^ c ^ d) + x13 + 0x289B7EC6u, 4);
        d = a + BitOperations.RotateLeft(d + (a ^ b ^ c) + x0 + 0xEAA127FAu, 11);
        c = d + BitOperations.RotateLeft(c + (d ^ a ^ b) + x3 + 0xD4EF3085u, 16);
        b = c + BitOperations.RotateLeft(b + (c ^ d ^ a) + x6 + 0x04881D05u, 23);
        a = b + BitOperations.RotateLeft(a + (b ^ c ^ d) + x9 + 0xD9D4D039u, 4);
        d = a + BitOperations.RotateLeft(d + (a ^ b ^ c) + x12 + 0xE6DB99E5u, 11);
        c = d + BitOperations.RotateLeft(c + (d ^ a ^ b) + x15 + 0x1FA27CF8u, 16);
        b = c + BitOperations.RotateLeft(b + (c ^ d ^ a) + x2 + 0xC4AC5665u, 23);
        a = b + BitOperations.RotateLeft(a + (c ^ (b | ~d)) + x0 + 0xF4292244u, 6);
        d = a + BitOperations.RotateLeft(d + (b ^ (a | ~c)) + x7 + 0x432AFF97u, 10);
        c = d + BitOperations.RotateLeft(c + (a ^ (d | ~b)) + x14 + 0xAB9423A7u, 15);
        b = c + BitOperations.RotateLeft(b + (d ^ (c | ~a)) + x5 + 0xFC93A039u, 21);
        a = b + BitOperations.RotateLeft(a + (c ^ (b | ~d)) + x12 + 0x655B59C3u, 6);
        d = a + BitOperations.RotateLeft(d + (b ^ (a | ~c)) + x3 + 0x8F0CCC92u, 10);
        c = d + BitOperations.RotateLeft(c + (a ^ (d | ~b)) + x10 + 0xFFEFF47Du, 15);
        b = c + BitOperations.RotateLeft(b + (d ^ (c | ~a)) + x1 + 0x85845DD1u, 21);
        a = b + BitOperations.RotateLeft(a + (c ^ (b | ~d)) + x8 + 0x6FA87E4Fu, 6);
        d = a + BitOperations.RotateLeft(d + (b ^ (a | ~c)) + x15 + 0xFE2CE6E0u, 10);
        c = d + BitOperations.RotateLeft(c + (a ^ (d | ~b)) + x6 + 0xA3014314u, 15);
        b = c + BitOperations.RotateLeft(b + (d ^ (c | ~a)) + x13 + 0x4E0811A1u, 21);
        a = b + BitOperations.RotateLeft(a + (c ^ (b | ~d)) + x4 + 0xF7537E82u, 6);
        d = a + BitOperations.RotateLeft(d + (b ^ (a | ~c)) + x11 + 0xBD3AF235u, 10);
        c = d + BitOperations.RotateLeft(c + (a ^ (d | ~b)) + x2 + 0x2AD7D2BBu, 15);
        b = c + BitOperations.RotateLeft(b + (d ^ (c | ~a)) + x9 + 0xEB86D391u, 21);
        _a += a;
        _b += b;
        _c += c;
        _d += d;
    }

    [InlineArray(BlockOctets)]
    private struct Block
    {
        private byte _first;
    }
}
