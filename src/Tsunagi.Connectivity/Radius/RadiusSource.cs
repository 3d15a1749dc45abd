using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;

namespace Tsunagi.Connectivity.Radius;

/// <summary>Where a datagram came from: an IPv6 address (an IPv4 one in its mapped form) and a port. What duplicates are told by.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RadiusSource(UInt128 Address, ushort Port)
{
    private const int InterNetwork = 2;

    public static RadiusSource Of(SocketAddress address)
    {
        var octets = address.Buffer.Span;
        var port = BinaryPrimitives.ReadUInt16BigEndian(octets[2..]);
        return BinaryPrimitives.ReadUInt16LittleEndian(octets) == InterNetwork
            ? new(((UInt128)0xFFFF << 32) | BinaryPrimitives.ReadUInt32BigEndian(octets[4..]), port)
            : new(BinaryPrimitives.ReadUInt128BigEndian(octets[8..]), port);
    }

    /// <summary>True for an IPv4 address in its mapped form.</summary>
    public bool IsV4 => Address >> 32 == 0xFFFF;

    public IPAddress ToAddress()
    {
        Span<byte> octets = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(octets, Address);
        var address = new IPAddress(octets);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    public override string ToString() => new IPEndPoint(ToAddress(), Port).ToString();
}
