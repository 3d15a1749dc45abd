using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Collect;

/// <summary>Who sent a datagram. The port belongs to it: two processes behind one address have templates of their own under the same numbers.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ExporterKey(FlowAddress Address, ushort Port)
{
    private const int IPv4At = 4;
    private const int IPv6At = 8;
    private const int PortAt = 2;

    public override string ToString() => Address.IsIPv4 ? $"{Address}:{Port}" : $"[{Address}]:{Port}";

    /// <summary>Reads a socket address (struct sockaddr_in and sockaddr_in6: family, port, …) without making objects of it.</summary>
    public static ExporterKey Of(SocketAddress address)
    {
        var octets = address.Buffer.Span;
        var port = BinaryPrimitives.ReadUInt16BigEndian(octets[PortAt..]);
        return address.Family == AddressFamily.InterNetwork
            ? new(FlowAddress.FromOctets(octets.Slice(IPv4At, 4)), port)
            : new(FlowAddress.FromOctets(octets.Slice(IPv6At, 16)), port);
    }

    public static bool TryParse(string text, out ExporterKey key)
    {
        var good = IPEndPoint.TryParse(text, out var point);
        key = good ? new(FlowAddress.From(point!.Address), (ushort)point.Port) : default;
        return good;
    }
}
