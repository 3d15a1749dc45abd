using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Numerics;

namespace Tsunagi.Core.Net.Proxy;

/// <summary>
/// The header of the PROXY protocol version 2 (HAProxy "The PROXY protocol", 2020/03/05, section 2.2):
/// <code>
/// 12 bytes signature | ver 4 bits = 2, cmd 4 bits (0 LOCAL, 1 PROXY) | family 4 bits, protocol 4 bits | length u16 | addresses | TLVs
/// </code>
/// </summary>
/// <param name="Source">The true peer, or null when the sender speaks for itself (LOCAL) or names no IP address (UNSPEC, AF_UNIX).</param>
/// <param name="Destination">The address the peer connected to; null as above.</param>
/// <param name="Length">Bytes of the header on the wire; the protocol's own bytes follow.</param>
public readonly record struct ProxyHeader(IPEndPoint? Source, IPEndPoint? Destination, int Length)
{
    private const int FixedLength = 16;
    private const int Ipv4Length = 12;
    private const int Ipv6Length = 36;
    private const int UnixLength = 216;
    private const byte TlvCrc32c = 0x03;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>Reads the header at the start of <paramref name="input"/>. Never throws; consumes nothing by itself.</summary>
    public static ProxyParse TryParse(in ReadOnlySequence<byte> input, int maxBytes, out ProxyHeader header, out string? problem)
    {
        header = default;
        problem = null;
        Span<byte> start = stackalloc byte[FixedLength];
        var have = (int)Math.Min(input.Length, FixedLength);
        input.Slice(0, have).CopyTo(start);
        var compared = Math.Min(have, Signature.Length);
        if (!start[..compared].SequenceEqual(Signature[..compared]))
        {
            problem = "the connection does not begin with the signature of PROXY version 2";
            return ProxyParse.Bad;
        }

        if (have < FixedLength)
        {
            return ProxyParse.NeedMore;
        }

        var length = FixedLength + BinaryPrimitives.ReadUInt16BigEndian(start[14..]);
        if (length > maxBytes)
        {
            problem = $"the header has {length} bytes, more than the limit of {maxBytes}";
            return ProxyParse.Bad;
        }

        if (input.Length < length)
        {
            return ProxyParse.NeedMore;
        }

        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var whole = rented.AsSpan(0, length);
            input.Slice(0, length).CopyTo(whole);
            problem = Read(whole, out header);
            return problem is null ? ProxyParse.Ok : ProxyParse.Bad;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Writes a header as a balancer would: for tests, and for our own hops between nodes.</summary>
    public static byte[] Write(IPEndPoint source, IPEndPoint destination)
    {
        var addressBytes = source.Address.GetAddressBytes();
        var v4 = addressBytes.Length == 4;
        var header = new byte[FixedLength + (v4 ? Ipv4Length : Ipv6Length)];
        Signature.CopyTo(header);
        header[12] = 0x21;
        header[13] = (byte)(v4 ? 0x11 : 0x21);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(14), (ushort)(header.Length - FixedLength));
        addressBytes.CopyTo(header, FixedLength);
        destination.Address.GetAddressBytes().CopyTo(header, FixedLength + addressBytes.Length);
        var ports = header.AsSpan(FixedLength + 2 * addressBytes.Length);
        BinaryPrimitives.WriteUInt16BigEndian(ports, (ushort)source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(ports[2..], (ushort)destination.Port);
        return header;
    }

    private static string? Read(Span<byte> whole, out ProxyHeader header)
    {
        header = new ProxyHeader(null, null, whole.Length);
        var (version, command) = (whole[12] >> 4, whole[12] & 0x0F);
        if (version != 2 || command > 1)
        {
            return $"version {version} command {command} is not version 2 with LOCAL or PROXY";
        }

        // "the receiver must accept this connection as valid and must use the real connection endpoints and discard the protocol block"
        if (command == 0)
        {
            return null;
        }

        var (family, protocol) = (whole[13] >> 4, whole[13] & 0x0F);
        if (family > 3 || protocol > 2)
        {
            return $"address family {family} with protocol {protocol} is not assigned";
        }

        var addressLength = family switch { 1 => Ipv4Length, 2 => Ipv6Length, 3 => UnixLength, _ => 0 };
        var body = whole[FixedLength..];
        if (body.Length < addressLength)
        {
            return $"{body.Length} bytes are too few for the addresses of family {family}";
        }

        if (CheckTlvs(whole, FixedLength + addressLength) is { } problem)
        {
            return problem;
        }

        // Only TCP names a peer of ours: UNSPEC and AF_UNIX keep the real endpoints, as does a datagram header on a stream.
        if (protocol == 1 && family is 1 or 2)
        {
            var size = family == 1 ? 4 : 16;
            var ports = body[(2 * size)..];
            header = new ProxyHeader(
                new IPEndPoint(new IPAddress(body[..size]), BinaryPrimitives.ReadUInt16BigEndian(ports)),
                new IPEndPoint(new IPAddress(body[size..(2 * size)]), BinaryPrimitives.ReadUInt16BigEndian(ports[2..])),
                whole.Length);
        }

        return null;
    }

    // TLV: type u8, length u16, value. Unknown types are skipped; PP2_TYPE_CRC32C (section 2.2.3) must be verified when present.
    private static string? CheckTlvs(Span<byte> whole, int at)
    {
        while (at < whole.Length)
        {
            if (whole.Length - at < 3)
            {
                return $"a TLV at byte {at} is cut short";
            }

            var type = whole[at];
            var length = BinaryPrimitives.ReadUInt16BigEndian(whole[(at + 1)..]);
            var value = at + 3;
            if (whole.Length - value < length)
            {
                return $"the TLV of type {type} at byte {at} is longer than the header";
            }

            if (type == TlvCrc32c && !ChecksumHolds(whole, value, length))
            {
                return "the checksum of the header is wrong";
            }

            at = value + length;
        }

        return null;
    }

    private static bool ChecksumHolds(Span<byte> whole, int at, int length)
    {
        if (length != 4)
        {
            return false;
        }

        // "The checksum is calculated over the whole header with the value's own four bytes zero."
        var sent = BinaryPrimitives.ReadUInt32BigEndian(whole[at..]);
        whole.Slice(at, 4).Clear();
        var crc = uint.MaxValue;
        foreach (var b in whole)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        BinaryPrimitives.WriteUInt32BigEndian(whole[at..], sent);
        return ~crc == sent;
    }
}
