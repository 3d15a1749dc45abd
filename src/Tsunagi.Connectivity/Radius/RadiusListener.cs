using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Net;

namespace Tsunagi.Connectivity.Radius;

/// <summary>What is done with a datagram, on the thread of its socket. <paramref name="from"/> is overwritten by the next one; <paramref name="answer"/> is room for 4,096 octets.</summary>
internal delegate void RadiusDatagramHandler(RadiusSocket socket, SocketAddress from, ReadOnlySpan<byte> datagram, Span<byte> answer);

/// <summary>
/// Receives at one address on threads that block: each has a socket of its own, and the kernel gives the datagrams of one sender always to the same. What our own code gets wrong with
/// a datagram is told once a minute and not answered: the NAS then asks another server.
/// </summary>
internal sealed partial class RadiusListener : IDisposable
{
    private const int LongestDatagram = 65_535;
    private const int LongestAnswer = 4_096;
    private const int SolSocket = 1;
    private const int ReusePort = 15;
    private static readonly TimeSpan FailureEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ReceivePause = TimeSpan.FromMilliseconds(200);

    private readonly List<RadiusSocket> _sockets = [];
    private readonly List<Thread> _threads = [];
    private readonly ManualResetEventSlim _stopping = new();
    private readonly string _what;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private long _toldAt;

    private RadiusListener(string what, TimeProvider time, ILogger log)
    {
        _what = what;
        _time = time;
        _log = log;
    }

    /// <summary>Where it listens; with port 0 the port that was given.</summary>
    public IPEndPoint EndPoint => _sockets[0].EndPoint;

    /// <summary>Datagrams that our own code failed on.</summary>
    public long Faults { get; private set; }

    /// <summary>Binds the sockets; <see cref="Start"/> begins to receive.</summary>
    /// <exception cref="IOException">The address can not be bound.</exception>
    public static RadiusListener Bind(string what, string endPoint, int threads, int bufferBytes, TimeProvider time, ILogger log)
    {
        var at = IPEndPoint.Parse(endPoint);
        var listener = new RadiusListener(what, time, log);
        try
        {
            for (var i = 0; i < threads; i++)
            {
                listener._sockets.Add(new RadiusSocket(Open(i == 0 ? at : listener.EndPoint, bufferBytes)));
            }
        }
        catch (SocketException failed)
        {
            listener.Dispose();
            throw new IOException($"receiving {what} at {endPoint}: {failed.Message}", failed);
        }

        LogListening(log, what, listener.EndPoint.ToString(), threads);
        return listener;
    }

    public void Start(RadiusDatagramHandler handle)
    {
        foreach (var socket in _sockets)
        {
            var thread = new Thread(() => Receive(socket, handle)) { IsBackground = true, Name = $"{_what} {socket.EndPoint}" };
            _threads.Add(thread);
            thread.Start();
        }
    }

    public void Stop()
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

    public void Dispose()
    {
        if (!_stopping.IsSet)
        {
            Stop();
        }

        _stopping.Dispose();
    }

    private static Socket Open(IPEndPoint at, int bufferBytes)
    {
        var socket = new Socket(at.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.SetRawSocketOption(SolSocket, ReusePort, BitConverter.GetBytes(1));
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

    private void Receive(RadiusSocket socket, RadiusDatagramHandler handle)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(LongestDatagram, pinned: true);
        var answer = GC.AllocateUninitializedArray<byte>(LongestAnswer, pinned: true);
        var from = new SocketAddress(socket.EndPoint.AddressFamily);
        while (!_stopping.IsSet)
        {
            try
            {
                var length = socket.Socket.ReceiveFrom(buffer, SocketFlags.None, from);
                handle(socket, from, buffer.AsSpan(0, length), answer);
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
                    LogFault(_log, broken, _what, socket.EndPoint.ToString());
                }
            }
        }
    }

    [LoggerMessage(5101, LogLevel.Information, "{What} is received at {EndPoint} by {Threads} threads")]
    private static partial void LogListening(ILogger log, string what, string endPoint, int threads);

    [LoggerMessage(5102, LogLevel.Error, "a datagram of {What} at {EndPoint} could not be handled and is not answered; the access server asks another node")]
    private static partial void LogFault(ILogger log, Exception exception, string what, string endPoint);
}
