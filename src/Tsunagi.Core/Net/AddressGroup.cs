using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Tsunagi.Core.Net;

/// <summary>
/// What counts as one peer when peers are limited: an IPv4 address, or the /64 of an IPv6 address, because a single customer site holds a whole
/// /64 and could otherwise come from 2^64 addresses. IPv4-mapped IPv6 addresses count as the IPv4 address.
/// </summary>
public readonly record struct AddressGroup
{
    private readonly bool _v6;
    private readonly ulong _bits;

    private AddressGroup(bool v6, ulong bits)
    {
        _v6 = v6;
        _bits = bits;
    }

    public static AddressGroup Of(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return address.AddressFamily == AddressFamily.InterNetwork
            ? new AddressGroup(v6: false, BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : new AddressGroup(v6: true, BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }

    /// <summary>The group of a connection's peer. Peers without an IP address (unix sockets) are one group.</summary>
    public static AddressGroup Of(EndPoint? endPoint) => endPoint is IPEndPoint ip ? Of(ip.Address) : default;

    /// <summary>"192.0.2.1" or "2001:db8::/64".</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        if (!_v6)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)_bits);
            return new IPAddress(bytes[..4]).ToString();
        }

        BinaryPrimitives.WriteUInt64BigEndian(bytes, _bits);
        return new IPAddress(bytes) + "/64";
    }
}
