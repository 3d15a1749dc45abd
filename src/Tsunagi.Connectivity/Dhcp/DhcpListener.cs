using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity.Datagrams;

namespace Tsunagi.Connectivity.Dhcp;

/// <summary>What is done with a datagram, on the thread of its socket. <paramref name="from"/> may be overwritten by the next one.</summary>
/// <param name="isToAll">Whether it was sent to all of the link: to a group, or by broadcast.</param>
internal delegate void DhcpHandler(DhcpSocket socket, SocketAddress from, ReadOnlySpan<byte> datagram, bool isToAll);

/// <summary>One socket: of an address that relays send to, or of a link.</summary>
/// <param name="link">The interface; empty for a socket of relays.</param>
internal sealed class DhcpSocket(Socket socket, string link) : IDisposable
{
    public IPEndPoint EndPoint { get; } = (IPEndPoint)socket.LocalEndPoint!;

    public Socket Socket => socket;

    /// <summary>The interface; empty for a socket of relays.</summary>
    public string Link => link;

    /// <summary>Whether it may hear what was sent to all of a link: its own link, or any address of IPv4, which is broadcast to as well.</summary>
    public bool HearsAll { get; } = link.Length > 0 || ((IPEndPoint)socket.LocalEndPoint!).Address.Equals(IPAddress.Any);

    /// <summary>Sends an answer; what the kernel refuses is lost as a datagram may be, and the client asks again.</summary>
    public void Send(ReadOnlySpan<byte> answer, SocketAddress to)
    {
        try
        {
            socket.SendTo(answer, SocketFlags.None, to);
        }
        catch (SocketException)
        {
            // The way back is closed or the buffer is full.
        }
        catch (ObjectDisposedException)
        {
            // The program stops.
        }
    }

    public void Dispose() => socket.Dispose();
}

/// <summary>
/// Receives DHCP of one family at one address, or on one link, on threads that block. What our own code gets wrong with a datagram is not answered.
/// </summary>
internal sealed partial class DhcpListener : IDisposable
{
    private const int LongestDatagram = 65_535;
    private const int SolSocket = 1;
    private const int BindToDevice = 25;

    private readonly List<DhcpSocket> _sockets = [];
    private readonly ReceivingThreads _threads;
    private readonly string _family;

    private DhcpListener(string family, TimeProvider time, ILogger log)
    {
        _family = family;
        _threads = new ReceivingThreads(time, (broken, at) => LogFault(log, broken, family, at.ToString()));
    }

    /// <summary>Where it listens; with port 0 the port that was given.</summary>
    public IPEndPoint EndPoint => _sockets[0].EndPoint;

    /// <summary>Datagrams that our own code failed on.</summary>
    public long Faults => _threads.Faults;

    /// <summary>Binds the sockets of an address; <see cref="Start"/> begins to receive.</summary>
    /// <param name="family">"DHCPv6", as messages call it.</param>
    /// <exception cref="IOException">The address can not be bound.</exception>
    public static DhcpListener Bind(string family, IPEndPoint at, int threads, int bufferBytes, TimeProvider time, ILogger log)
    {
        var listener = new DhcpListener(family, time, log);
        try
        {
            for (var i = 0; i < threads; i++)
            {
                listener._sockets.Add(new DhcpSocket(Open(i == 0 ? at : listener.EndPoint, bufferBytes, null), ""));
            }
        }
        catch (SocketException failed)
        {
            listener.Dispose();
            throw new IOException($"receiving {family} of relays at {at}: {failed.Message}", failed);
        }

        LogListening(log, family, listener.EndPoint.ToString(), threads);
        return listener;
    }

    /// <summary>Binds the socket of a link.</summary>
    /// <param name="any">Any address of the family, and the port.</param>
    /// <param name="join">What the family needs of a socket to hear all that is sent on the link, and to answer there.</param>
    /// <exception cref="IOException">There is no such interface, or it can not be bound to.</exception>
    public static DhcpListener Bind(string family, string link, IPEndPoint any, int bufferBytes, Action<Socket, IPInterfaceProperties> join, TimeProvider time, ILogger log)
    {
        var listener = new DhcpListener(family, time, log);
        try
        {
            var properties = NetworkInterface.GetAllNetworkInterfaces().FirstOrDefault(each => each.Name == link)?.GetIPProperties() ?? throw new IOException($"receiving {family} on {link}: there is no such interface");
            var socket = Open(any, bufferBytes, link);
            listener._sockets.Add(new DhcpSocket(socket, link));
            join(socket, properties);
        }
        catch (Exception failed) when (failed is SocketException or NetworkInformationException)
        {
            listener.Dispose();
            throw new IOException($"receiving {family} on {link}: {failed.Message}", failed);
        }
        catch (IOException)
        {
            listener.Dispose();
            throw;
        }

        LogOnLink(log, family, link, any.Port);
        return listener;
    }

    public void Start(DhcpHandler handle)
    {
        foreach (var socket in _sockets)
        {
            _threads.Start($"{_family} {(socket.Link.Length > 0 ? socket.Link : socket.EndPoint)}", socket.EndPoint, socket.HearsAll ? OfAll(socket, handle) : OfOwn(socket, handle));
        }
    }

    public void Dispose()
    {
        _threads.Stop();
        foreach (var socket in _sockets)
        {
            socket.Dispose();
        }

        _threads.Dispose();
    }

    private static Socket Open(IPEndPoint at, int bufferBytes, string? device) => ReceivingSocket.Open(at, bufferBytes, socket =>
    {
        if (device is not null)
        {
            socket.SetRawSocketOption(SolSocket, BindToDevice, Encoding.ASCII.GetBytes(device + "\0"));
        }

        if (at.Address.Equals(IPAddress.Any))
        {
            // Which address a datagram was sent to.
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.PacketInformation, optionValue: true);
        }
    });

    private static Action OfOwn(DhcpSocket socket, DhcpHandler handle)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(LongestDatagram, pinned: true);
        var from = new SocketAddress(socket.EndPoint.AddressFamily);
        return () =>
        {
            var length = socket.Socket.ReceiveFrom(buffer, SocketFlags.None, from);
            handle(socket, from, buffer.AsSpan(0, length), isToAll: false);
        };
    }

    private static Action OfAll(DhcpSocket socket, DhcpHandler handle)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(LongestDatagram, pinned: true);
        var any = socket.EndPoint.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;
        return () =>
        {
            var flags = SocketFlags.None;
            EndPoint sender = new IPEndPoint(any, 0);
            var length = socket.Socket.ReceiveMessageFrom(buffer.AsSpan(), ref flags, ref sender, out var packet);
            handle(socket, sender.Serialize(), buffer.AsSpan(0, length), packet.Address.IsIPv6Multicast || packet.Address.Equals(IPAddress.Broadcast));
        };
    }

    [LoggerMessage(5201, LogLevel.Information, "{Family} of relays is received at {EndPoint} by {Threads} threads")]
    private static partial void LogListening(ILogger log, string family, string endPoint, int threads);

    [LoggerMessage(5202, LogLevel.Information, "{Family} of clients is received on {Interface} at port {Port}")]
    private static partial void LogOnLink(ILogger log, string family, string @interface, int port);

    [LoggerMessage(5203, LogLevel.Error, "a datagram of {Family} at {EndPoint} could not be handled and is not answered; the client asks again")]
    private static partial void LogFault(ILogger log, Exception exception, string family, string endPoint);
}
