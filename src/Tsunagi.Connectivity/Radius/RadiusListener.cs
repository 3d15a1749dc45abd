using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity.Datagrams;

namespace Tsunagi.Connectivity.Radius;

/// <summary>What is done with a datagram, on the thread of its socket. <paramref name="from"/> is overwritten by the next one; <paramref name="answer"/> is room for 4,096 octets.</summary>
internal delegate void RadiusDatagramHandler(RadiusSocket socket, SocketAddress from, ReadOnlySpan<byte> datagram, Span<byte> answer);

/// <summary>
/// Receives at one address on threads that block, each with a socket of its own. What our own code gets wrong with a datagram is not answered: the NAS then asks another server.
/// </summary>
internal sealed partial class RadiusListener : IDisposable
{
    private const int LongestDatagram = 65_535;
    private const int LongestAnswer = 4_096;

    private readonly List<RadiusSocket> _sockets = [];
    private readonly ReceivingThreads _threads;
    private readonly string _what;

    private RadiusListener(string what, TimeProvider time, ILogger log)
    {
        _what = what;
        _threads = new ReceivingThreads(time, (broken, at) => LogFault(log, broken, what, at.ToString()));
    }

    /// <summary>Where it listens; with port 0 the port that was given.</summary>
    public IPEndPoint EndPoint => _sockets[0].EndPoint;

    /// <summary>Datagrams that our own code failed on.</summary>
    public long Faults => _threads.Faults;

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
                listener._sockets.Add(new RadiusSocket(ReceivingSocket.Open(i == 0 ? at : listener.EndPoint, bufferBytes)));
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
            var buffer = GC.AllocateUninitializedArray<byte>(LongestDatagram, pinned: true);
            var answer = GC.AllocateUninitializedArray<byte>(LongestAnswer, pinned: true);
            var from = new SocketAddress(socket.EndPoint.AddressFamily);
            _threads.Start($"{_what} {socket.EndPoint}", socket.EndPoint, () =>
            {
                var length = socket.Socket.ReceiveFrom(buffer, SocketFlags.None, from);
                handle(socket, from, buffer.AsSpan(0, length), answer);
            });
        }
    }

    public void Stop()
    {
        _threads.Stop();
        foreach (var socket in _sockets)
        {
            socket.Dispose();
        }
    }

    public void Dispose()
    {
        Stop();
        _threads.Dispose();
    }

    [LoggerMessage(5101, LogLevel.Information, "{What} is received at {EndPoint} by {Threads} threads")]
    private static partial void LogListening(ILogger log, string what, string endPoint, int threads);

    [LoggerMessage(5102, LogLevel.Error, "a datagram of {What} at {EndPoint} could not be handled and is not answered; the access server asks another node")]
    private static partial void LogFault(ILogger log, Exception exception, string what, string endPoint);
}
