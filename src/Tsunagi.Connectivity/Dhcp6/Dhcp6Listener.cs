using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Net;

namespace Tsunagi.Connectivity.Dhcp6;

/// <summary>What is done with a datagram, on the thread of its socket. <paramref name="from"/> may be overwritten by the next one.</summary>
/// <param name="isMulticast">Whether it was sent to the group of servers; true where that is not known.</param>
internal delegate void Dhcp6Handler(Dhcp6Socket socket, SocketAddress from, ReadOnlySpan<byte> datagram, bool isMulticast);

/// <summary>One socket: of an address that relays send to, or of a link.</summary>
internal sealed class Dhcp6Socket(Socket socket, string link) : IDisposable
{
    public IPEndPoint EndPoint { get; } = (IPEndPoint)socket.LocalEndPoint!;

    public Socket Socket => socket;

    /// <summary>The interface; empty for a socket of relays.</summary>
    public string Link => link;

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
/// Receives at one address, or on one link as a member of the group of relays and servers (RFC 8415 section 7.1), on threads that block. What our own code gets wrong with a datagram is told once a
/// minute and not answered.
/// </summary>
internal sealed partial class Dhcp6Listener : IDisposable
{
    private const int LongestDatagram = 65_535;
    private const int SolSocket = 1;
    private const int ReusePort = 15;
    private const int BindToDevice = 25;
    private static readonly IPAddress Group = IPAddress.Parse("ff02::1:2");
    private static readonly TimeSpan FailureEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ReceivePause = TimeSpan.FromMilliseconds(200);

    private readonly List<Dhcp6Socket> _sockets = [];
    private readonly List<Thread> _threads = [];
    private readonly ManualResetEventSlim _stopping = new();
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private long _toldAt;

    private Dhcp6Listener(TimeProvider time, ILogger log) => (_time, _log) = (time, log);

    /// <summary>Where it listens; with port 0 the port that was given.</summary>
    public IPEndPoint EndPoint => _sockets[0].EndPoint;

    /// <summary>Datagrams that our own code failed on.</summary>
    public long Faults { get; private set; }

    /// <summary>Binds the sockets of an address; <see cref="Start"/> begins to receive.</summary>
    /// <exception cref="IOException">The address can not be bound.</exception>
    public static Dhcp6Listener Bind(string endPoint, Dhcp6ServerOptions options, TimeProvider time, ILogger log)
    {
        var at = IPEndPoint.TryParse(endPoint, out var parsed) ? parsed : throw new InvalidOperationException($"connectivity.dhcp6.listen: \"{endPoint}\" is no address and port");
        var listener = new Dhcp6Listener(time, log);
        try
        {
            for (var i = 0; i < options.Threads; i++)
            {
                listener._sockets.Add(new Dhcp6Socket(Open(i == 0 ? at : listener.EndPoint, options.ReceiveBufferBytes, null), ""));
            }
        }
        catch (SocketException failed)
        {
            listener.Dispose();
            throw new IOException($"receiving DHCPv6 of relays at {endPoint}: {failed.Message}", failed);
        }

        LogListening(log, listener.EndPoint.ToString(), options.Threads);
        return listener;
    }

    /// <summary>Binds the socket of a link.</summary>
    /// <exception cref="IOException">There is no such interface, or it can not be bound to.</exception>
    public static Dhcp6Listener Bind(Dhcp6LinkOption link, Dhcp6ServerOptions options, TimeProvider time, ILogger log)
    {
        var listener = new Dhcp6Listener(time, log);
        try
        {
            var index = NetworkInterface.GetAllNetworkInterfaces().FirstOrDefault(each => each.Name == link.Interface)?.GetIPProperties().GetIPv6Properties().Index
                ?? throw new IOException($"receiving DHCPv6 on {link.Interface}: there is no such interface");
            var socket = Open(new IPEndPoint(IPAddress.IPv6Any, link.Port), options.ReceiveBufferBytes, link.Interface);
            listener._sockets.Add(new Dhcp6Socket(socket, link.Interface));
            socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.AddMembership, new IPv6MulticastOption(Group, index));
            socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.PacketInformation, optionValue: true);
        }
        catch (Exception failed) when (failed is SocketException or NetworkInformationException)
        {
            listener.Dispose();
            throw new IOException($"receiving DHCPv6 on {link.Interface}: {failed.Message}", failed);
        }
        catch (IOException)
        {
            listener.Dispose();
            throw;
        }

        LogOnLink(log, link.Interface, link.Port);
        return listener;
    }

    public void Start(Dhcp6Handler handle)
    {
        foreach (var socket in _sockets)
        {
            var thread = new Thread(() => Receive(socket, handle)) { IsBackground = true, Name = $"DHCPv6 {(socket.Link.Length > 0 ? socket.Link : socket.EndPoint)}" };
            _threads.Add(thread);
            thread.Start();
        }
    }

    public void Dispose()
    {
        if (!_stopping.IsSet)
        {
            _stopping.Set();
            foreach (var thread in _threads)
            {
                thread.Join(TimeSpan.FromSeconds(5));
            }

            foreach (var socket in _sockets)
            {
                socket.Dispose();
            }
        }

        _stopping.Dispose();
    }

    private static Socket Open(IPEndPoint at, int bufferBytes, string? device)
    {
        var socket = new Socket(at.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.SetRawSocketOption(SolSocket, ReusePort, BitConverter.GetBytes(1));
            if (device is not null)
            {
                socket.SetRawSocketOption(SolSocket, BindToDevice, Encoding.ASCII.GetBytes(device + "\0"));
            }

            ReceiveBuffers.Enlarge(socket, bufferBytes);

            socket.ReceiveTimeout = (int)ReceivePause.TotalMilliseconds;
            socket.Bind(at);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void Receive(Dhcp6Socket socket, Dhcp6Handler handle)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(LongestDatagram, pinned: true);
        var from = new SocketAddress(socket.EndPoint.AddressFamily);
        while (!_stopping.IsSet)
        {
            try
            {
                if (socket.Link.Length == 0)
                {
                    var length = socket.Socket.ReceiveFrom(buffer, SocketFlags.None, from);
                    handle(socket, from, buffer.AsSpan(0, length), isMulticast: true);
                }
                else
                {
                    var flags = SocketFlags.None;
                    EndPoint sender = new IPEndPoint(IPAddress.IPv6Any, 0);
                    var length = socket.Socket.ReceiveMessageFrom(buffer.AsSpan(), ref flags, ref sender, out var packet);
                    handle(socket, sender.Serialize(), buffer.AsSpan(0, length), packet.Address.IsIPv6Multicast);
                }
            }
            catch (SocketException nothing) when (nothing.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock or SocketError.Interrupted or SocketError.ConnectionRefused)
            {
                // Nothing came, or an answer found nobody; look whether it is over.
            }
            catch (Exception) when (_stopping.IsSet)
            {
                return;
            }
            catch (Exception broken)
            {
                // The one place for what goes wrong with a datagram: it is not answered, the listener lives.
                Faults++;
                if (_toldAt == 0 || _time.GetElapsedTime(_toldAt) > FailureEvery)
                {
                    _toldAt = _time.GetTimestamp();
                    LogFault(_log, broken, socket.EndPoint.ToString());
                }
            }
        }
    }

    [LoggerMessage(5201, LogLevel.Information, "DHCPv6 of relays is received at {EndPoint} by {Threads} threads")]
    private static partial void LogListening(ILogger log, string endPoint, int threads);

    [LoggerMessage(5202, LogLevel.Information, "DHCPv6 of clients is received on {Interface} at port {Port}")]
    private static partial void LogOnLink(ILogger log, string @interface, int port);

    [LoggerMessage(5203, LogLevel.Error, "a datagram of DHCPv6 at {EndPoint} could not be handled and is not answered; the client asks again")]
    private static partial void LogFault(ILogger log, Exception exception, string endPoint);
}
