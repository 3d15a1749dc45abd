using System.Net;
using System.Net.Sockets;

namespace Tsunagi.Tests.Testing;

/// <summary>A port of loopback that nobody has at this moment, for a program that must be told one; our own listeners are given 0.</summary>
internal static class FreePorts
{
    public static int Tcp() => Of(SocketType.Stream, ProtocolType.Tcp);

    public static int Udp() => Of(SocketType.Dgram, ProtocolType.Udp);

    private static int Of(SocketType type, ProtocolType protocol)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, protocol);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
