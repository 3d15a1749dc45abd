using System.Net.Sockets;

namespace Tsunagi.Core.Net;

/// <summary>What the kernel keeps of datagrams while the program is busy.</summary>
public static class ReceiveBuffers
{
    private const int SolSocket = 1;
    private const int ReceiveBufferForce = 33; // SO_RCVBUFFORCE

    /// <summary>Asks for so many bytes: above net.core.rmem_max for those who may (CAP_NET_ADMIN), else as many of them as that allows.</summary>
    public static void Enlarge(Socket socket, int bytes)
    {
        ArgumentNullException.ThrowIfNull(socket);
        try
        {
            socket.SetRawSocketOption(SolSocket, ReceiveBufferForce, BitConverter.GetBytes(bytes));
        }
        catch (SocketException)
        {
            socket.ReceiveBufferSize = bytes;
        }
    }
}
