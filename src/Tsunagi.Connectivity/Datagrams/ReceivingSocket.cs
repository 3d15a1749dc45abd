using System.Net;
using System.Net.Sockets;
using Tsunagi.Core.Net;

namespace Tsunagi.Connectivity.Datagrams;

/// <summary>Sockets of UDP that threads of ours block in; several may be bound to one address, and the kernel gives the datagrams of one sender always to the same.</summary>
internal static class ReceivingSocket
{
    private const int SolSocket = 1;
    private const int ReusePort = 15;

    /// <summary>How long a thread waits for a datagram before it looks whether it is to stop.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <param name="prepare">What else is to be set before it is bound.</param>
    /// <exception cref="SocketException">The address can not be bound.</exception>
    public static Socket Open(IPEndPoint at, int bufferBytes, Action<Socket>? prepare = null)
    {
        var socket = new Socket(at.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.SetRawSocketOption(SolSocket, ReusePort, BitConverter.GetBytes(1));
            prepare?.Invoke(socket);
            ReceiveBuffers.Enlarge(socket, bufferBytes);
            socket.ReceiveTimeout = (int)Pause.TotalMilliseconds;
            socket.Bind(at);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
