using System.Net;

namespace Tsunagi.Tests.Protocols.Flow.Packet;

/// <summary>Packets made of headers.</summary>
internal static class Packets
{
    public static byte[] Ethernet(int type, byte[] payload) => new Wire().Hex("020000000002 020000000001").U16(type).Octets(payload).ToArray();

    public static byte[] Vlan(int vlan, int type, byte[] payload) => new Wire().U16(vlan, type).Octets(payload).ToArray();

    public static byte[] Ip(string source, string destination, int protocol, byte[] payload, int fragment = 0)
    {
        if (IPAddress.Parse(source).GetAddressBytes().Length == 4)
        {
            return new Wire().U8(0x45, 0xB8).U16(20 + payload.Length, 0x1234, fragment).U8(64, protocol).U16(0).Address(source).Address(destination).Octets(payload).ToArray();
        }

        return new Wire().U32(0x6B8_ABCDE).U16(payload.Length).U8(protocol, 63).Address(source).Address(destination).Octets(payload).ToArray();
    }

    public static byte[] UdpHeader(int from, int to, byte[] payload) => new Wire().U16(from, to, 8 + payload.Length, 0).Octets(payload).ToArray();

    public static byte[] Udp(string source, string destination, int from, int to, int octets) => Ip(source, destination, 17, UdpHeader(from, to, new byte[octets]));

    public static byte[] Tcp(string source, string destination, int from, int to, int flags, string text = "") =>
        Ip(source, destination, 6, new Wire().U16(from, to).U32(1000, 0).U16(0x5000 | flags, 1024, 0, 0).Octets(System.Text.Encoding.ASCII.GetBytes(text)).ToArray());
}
