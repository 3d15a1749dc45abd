using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Net;
using Tsunagi.Core.Time;
using Tsunagi.Routers.Meters;

namespace Tsunagi.Routers.Heartbeats;

/// <summary>
/// The way of a heartbeat: (1) its datagram is received, on the thread of its socket, (2) <see cref="HeartbeatBook"/> takes it or says why not, (3) for an id that this node does not know <see cref="HeartbeatLookups"/> asks the
/// store, and lets the datagram try again, (4) <see cref="HeartbeatWriter"/> brings what was heard into the store, in batches, (5) <see cref="HeartbeatWatch"/> tells which boxes are not heard any more. Nothing is ever answered.
/// </summary>
internal sealed partial class HeartbeatListener(RoutersOptions options, HeartbeatBook book, HeartbeatLookups lookups, RouterMetrics metrics, TimeProvider time, ILogger<HeartbeatListener> log) : IHostedService, IDisposable
{
    private const int LongestDatagram = 65_535;
    private const int MostTold = 5;
    private static readonly TimeSpan ReceivePause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan FailureEvery = TimeSpan.FromMinutes(1);

    private readonly List<Socket> _sockets = [];
    private readonly List<IPEndPoint> _endPoints = [];
    private readonly List<Thread> _threads = [];
    private readonly ManualResetEventSlim _stopping = new();
    private long _failedAt;

    /// <summary>Where it listens; with port 0, known once the program has started.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => _endPoints;

    /// <summary>The servers that a box which called at this address is told.</summary>
    public IReadOnlyList<IPEndPoint> Told(IPAddress called)
    {
        var here = called.IsIPv4MappedToIPv6 ? called.MapToIPv4() : called;
        return options.Heartbeats.Servers.Count > 0 ? [.. options.Heartbeats.Servers.Select(IPEndPoint.Parse)]
            : [.. _endPoints.Select(point => IPAddress.Any.Equals(point.Address) || IPAddress.IPv6Any.Equals(point.Address) ? new IPEndPoint(here, point.Port) : point).Distinct().Take(MostTold)];
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var address in options.Heartbeats.Listen)
        {
            var socket = Bind(IPEndPoint.Parse(address));
            _sockets.Add(socket);
            _endPoints.Add((IPEndPoint)socket.LocalEndPoint!);
            LogListening(log, _endPoints[^1].ToString(), socket.ReceiveBufferSize);
        }

        foreach (var (i, socket) in _sockets.Index())
        {
            var point = _endPoints[i];
            var thread = new Thread(() => Receive(socket, point)) { IsBackground = true, Name = "heartbeats " + point };
            _threads.Add(thread);
            thread.Start();
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _stopping.Set();
        foreach (var socket in _sockets)
        {
            socket.Dispose();
        }

        foreach (var thread in _threads)
        {
            thread.Join(TimeSpan.FromSeconds(5));
        }

        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _stopping.Set();
        foreach (var socket in _sockets)
        {
            socket.Dispose();
        }

        _stopping.Dispose();
    }

    /// <summary>(2) (3)</summary>
    internal void Take(ReadOnlySpan<byte> datagram, UInt128 from)
    {
        var outcome = book.Take(datagram, from, time.NowMicros());
        if (outcome is HeartbeatOutcome.Unknown or HeartbeatOutcome.PerhapsNewKey && !lookups.TryAsk(datagram, from))
        {
            metrics.Beat("busy");
            return;
        }

        metrics.Beat(outcome);
    }

    private Socket Bind(IPEndPoint at)
    {
        var socket = new Socket(at.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = (int)ReceivePause.TotalMilliseconds };
        try
        {
            ReceiveBuffers.Enlarge(socket, options.Heartbeats.ReceiveBufferBytes);

            socket.Bind(at);
            return socket;
        }
        catch (SocketException failed)
        {
            socket.Dispose();
            throw new IOException($"receiving heartbeats at {at}: {failed.Message}", failed);
        }
    }

    // (1)
    private void Receive(Socket socket, IPEndPoint point)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(LongestDatagram, pinned: true);
        var from = new SocketAddress(point.AddressFamily);
        while (!_stopping.IsSet)
        {
            try
            {
                var length = socket.ReceiveFrom(buffer, SocketFlags.None, from);
                Take(buffer.AsSpan(0, length), HeartbeatAddress.Of(from));
            }
            catch (SocketException nothing) when (nothing.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock or SocketError.Interrupted)
            {
                // Nothing came; look whether it is over.
            }
            catch (Exception) when (_stopping.IsSet)
            {
                return;
            }
            catch (Exception broken)
            {
                // The one place for what goes wrong with a datagram: it is not counted, the listener lives.
                if (_failedAt == 0 || time.GetElapsedTime(_failedAt) > FailureEvery)
                {
                    _failedAt = time.GetTimestamp();
                    LogBroken(log, broken, point.ToString());
                }

                if (broken is SocketException)
                {
                    _stopping.Wait(ReceivePause);
                }
            }
        }
    }

    [LoggerMessage(6110, LogLevel.Information, "heartbeats are received at {EndPoint} (buffer of {BufferBytes} bytes)")]
    private static partial void LogListening(ILogger log, string endPoint, int bufferBytes);

    [LoggerMessage(6111, LogLevel.Error, "a heartbeat at {EndPoint} could not be received or taken and was left out")]
    private static partial void LogBroken(ILogger log, Exception exception, string endPoint);
}
