using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Tsunagi.Core.Net;

/// <summary>
/// Sends datagrams of UDP over IPv4 to a hardware address on one link of Ethernet: to who has no address yet, and so can not be asked for it by ARP (packet(7)). Needs CAP_NET_RAW. Thread-safe: each datagram is
/// one call.
/// </summary>
public sealed partial class LinkSender : IDisposable
{
    /// <summary>Octets of IP's and UDP's headers in front of what is sent.</summary>
    public const int HeaderOctets = 28;

    private const int AddressFamilyPacket = 17;
    private const int Datagram = 2 | 0x80000; // SOCK_DGRAM, SOCK_CLOEXEC: the kernel writes the frame's header
    private const ushort Ip = 0x0800;
    private const byte Udp = 17;
    private const byte Hops = 64;

    private readonly int _index;
    private readonly Lock _turn = new();
    private int _descriptor;

    /// <param name="interfaceIndex">The index of the interface.</param>
    /// <exception cref="Win32Exception">The program may not have such a socket.</exception>
    public LinkSender(int interfaceIndex)
    {
        _index = interfaceIndex;

        // Protocol 0: nothing is received.
        _descriptor = Calls.Socket(AddressFamilyPacket, Datagram, 0);
        if (_descriptor < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Sends one datagram; false when the kernel refused it.</summary>
    /// <param name="source">4 octets, as <paramref name="destination"/>.</param>
    /// <param name="hardware">6 octets.</param>
    public bool Send(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> source, ushort sourcePort, ReadOnlySpan<byte> destination, ushort destinationPort, ReadOnlySpan<byte> hardware)
    {
        if (source.Length != 4 || destination.Length != 4 || hardware.Length != 6 || payload.Length > ushort.MaxValue - HeaderOctets)
        {
            return false;
        }

        var packet = Packet(payload, source, sourcePort, destination, destinationPort);

        // struct sockaddr_ll
        Span<byte> to = stackalloc byte[20];
        to.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(to, AddressFamilyPacket);
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], Ip);
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], _index);
        to[11] = (byte)hardware.Length;
        hardware.CopyTo(to[12..]);
        lock (_turn)
        {
            return _descriptor >= 0 && Calls.SendTo(_descriptor, packet, (nuint)packet.Length, 0, to, to.Length) == packet.Length;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_turn)
        {
            if (_descriptor >= 0)
            {
                _ = Calls.Close(_descriptor);
                _descriptor = -1;
            }
        }
    }

    /// <summary>The packet of IPv4: RFC 791 section 3.1, RFC 768.</summary>
    internal static byte[] Packet(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> source, ushort sourcePort, ReadOnlySpan<byte> destination, ushort destinationPort)
    {
        var packet = new byte[HeaderOctets + payload.Length];
        var ip = packet.AsSpan();
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)packet.Length);
        ip[8] = Hops;
        ip[9] = Udp;
        source.CopyTo(ip[12..]);
        destination.CopyTo(ip[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], Sum(ip[..20], 0));
        var udp = ip[20..];
        BinaryPrimitives.WriteUInt16BigEndian(udp, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], destinationPort);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)udp.Length);
        payload.CopyTo(udp[8..]);

        // The pseudo header: both addresses, the protocol, the length.
        var before = Udp + (uint)udp.Length;
        for (var at = 12; at < 20; at += 2)
        {
            before += BinaryPrimitives.ReadUInt16BigEndian(ip[at..]);
        }

        var sum = Sum(udp, before);
        BinaryPrimitives.WriteUInt16BigEndian(udp[6..], sum == 0 ? ushort.MaxValue : sum);
        return packet;
    }

    // RFC 1071
    private static ushort Sum(ReadOnlySpan<byte> octets, uint before)
    {
        ulong sum = before;
        for (; octets.Length > 1; octets = octets[2..])
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(octets);
        }

        sum += octets.Length > 0 ? (uint)octets[0] << 8 : 0;
        while (sum > ushort.MaxValue)
        {
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        }

        return (ushort)~sum;
    }

    private static partial class Calls
    {
        [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
        public static partial int Socket(int family, int type, int protocol);

        [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
        public static partial nint SendTo(int socket, ReadOnlySpan<byte> octets, nuint length, int flags, ReadOnlySpan<byte> address, int addressOctets);

        [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
        public static partial int Close(int descriptor);
    }
}
