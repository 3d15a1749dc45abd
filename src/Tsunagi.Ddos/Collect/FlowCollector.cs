using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Net;
using Tsunagi.Core.Time;
using Tsunagi.Ddos.Archive;
using Tsunagi.Ddos.Detect;
using Tsunagi.Ddos.Meters;
using Tsunagi.Ddos.Tee;
using Tsunagi.Ddos.Traffic;
using Tsunagi.Protocols.Flow;

namespace Tsunagi.Ddos.Collect;

/// <summary>
/// The way of a datagram, on the thread of its socket: (1) it is received; (2) its sender must be an allowed exporter; (3) copies go to the other
/// collectors; (4) it is decoded by its exporter's templates and rates; (5) each record is counted for the tenant whose prefix its destination is in
/// (<see cref="TrafficCounter"/>), spread over the time it speaks of, and put by to be kept (<see cref="FlowArchive"/>), and where the datagram may be forged its targets are
/// noted (<see cref="ExporterDoubt"/>); (6) every 100 ms, on a thread of its own, what was counted is held against the
/// limits (<see cref="Detector"/>). Steps 2 to 6 take turns: one lock a datagram, so state and counters need none of their own.
/// </summary>
internal sealed partial class FlowCollector(
    DdosOptions options, ExporterTable exporters, ExporterMemory memory, DatagramTee tee, DoubtedTargets doubted, TrafficCounter traffic, FlowArchive archive, Detector detector, BaselineFile baselines, DdosMetrics metrics, TimeProvider time,
    ILogger<FlowCollector> log) : IHostedService, IDisposable
{
    private const int LongestDatagram = 65_535;
    private static readonly TimeSpan FailureEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ReceivePause = TimeSpan.FromMilliseconds(500);

    private readonly Lock _turn = new();
    private readonly FlowBatch _batch = new();
    private readonly List<FlowSocket> _sockets = [];
    private readonly List<Thread> _threads = [];
    private readonly ManualResetEventSlim _stopping = new();
    private long _keptAt;
    private long _usualKeptAt;
    private long _failedAt;

    /// <summary>Where it listens; with port 0, known once the program has started.</summary>
    public IReadOnlyList<FlowSocket> Sockets => _sockets;

    /// <summary>Held while an exporter's state or the counters are read or changed.</summary>
    public Lock Turn => _turn;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if ((DatagramTee.Check(options.Collect) ?? CheckListen(options.Collect)) is { } wrong)
        {
            throw new InvalidOperationException(wrong);
        }

        memory.Load();
        baselines.Load();
        _usualKeptAt = _keptAt = time.GetTimestamp();
        foreach (var text in options.Collect.Listen)
        {
            var socket = FlowSocket.Bind(IPEndPoint.Parse(text), options.Collect.ReceiveBufferBytes);
            _sockets.Add(socket);
            LogListening(log, socket.EndPoint.ToString(), socket.BufferBytes);
        }

        foreach (var socket in _sockets)
        {
            Start(() => Receive(socket), "flows " + socket.EndPoint);
        }

        Start(Look, "flow looks");
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

        if (_sockets.Count > 0)
        {
            memory.Save(_turn);
            baselines.Save(_turn);
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

    /// <summary>Steps 2 to 5; returns false when the sender is not allowed.</summary>
    internal bool Take(ExporterKey from, ReadOnlySpan<byte> datagram)
    {
        // (2)
        if (exporters.Of(from) is not { } exporter)
        {
            metrics.Refused();
            return false;
        }

        // (3)
        tee.Send(datagram);

        // (4) and (5)
        lock (_turn)
        {
            var milliseconds = TrafficSlots.Now(time);
            var unixMilliseconds = time.GetUtcNow().ToUnixTimeMilliseconds();
            _batch.Begin();
            exporter.Redefined = 0;
            var sink = new CountingSink(_batch, traffic, archive, exporter, milliseconds, unixMilliseconds, exporter.Cover(milliseconds));
            var result = exporter.State.Decode(datagram, unixMilliseconds, ref sink);
            sink.Flush();
            if (exporter.Doubt.Judge(milliseconds, exporter.Redefined) && !exporter.IsTrusted)
            {
                doubted.Note(_batch.Destinations, _batch.HasMoreDestinations, $"{exporter.Key}: {exporter.Doubt.Why}", milliseconds, exporter.Doubt.HoldUntil(milliseconds));
            }

            exporter.Datagrams++;
            exporter.Octets += datagram.Length;
            exporter.Records += result.Flows;
            exporter.Origin = result.Origin == FlowOrigin.None ? exporter.Origin : result.Origin;
            exporter.LastMicros = time.NowMicros();
            metrics.Received(result.Flows, result.Missing, result.Problems);
        }

        return true;
    }

    private static string? CheckListen(CollectOptions collect)
    {
        foreach (var text in collect.Listen)
        {
            if (!IPEndPoint.TryParse(text, out _))
            {
                return $"ddos.collect.listen: \"{text}\" is no address and port";
            }
        }

        return collect.Listen.Count > 0 && collect.Exporters.Count == 0 ? "ddos.collect.exporters: say who may send; a forged flow would be an attack that is none" : null;
    }

    private void Start(Action body, string name)
    {
        var thread = new Thread(() => body()) { IsBackground = true, Name = name };
        _threads.Add(thread);
        thread.Start();
    }

    // (1)
    private void Receive(FlowSocket socket)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(LongestDatagram, pinned: true);
        var from = new SocketAddress(socket.EndPoint.AddressFamily);
        socket.Socket.ReceiveTimeout = (int)ReceivePause.TotalMilliseconds;
        while (!_stopping.IsSet)
        {
            try
            {
                var length = socket.Socket.ReceiveFrom(buffer, SocketFlags.None, from);
                socket.Datagrams++;
                var at = time.GetTimestamp();
                Take(ExporterKey.Of(from), buffer.AsSpan(0, length));
                socket.Busy(time.GetElapsedTime(at));
            }
            catch (SocketException nothing) when (nothing.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock or SocketError.Interrupted)
            {
                // Nothing came; look whether it is over.
            }
            catch (Exception) when (_stopping.IsSet)
            {
                return;
            }
            catch (SocketException failed)
            {
                // The kernel is short of something: the socket lives.
                TellFailure(failed, (log, exception) => LogBroken(log, exception, socket.EndPoint.ToString()));
                _stopping.Wait(ReceivePause);
            }
            catch (Exception broken)
            {
                // The one place for what our own code gets wrong with a datagram: it dies, the listener lives.
                TellFailure(broken, static (log, exception) => LogNotCounted(log, exception));
            }
        }
    }

    /// <summary>The same fault may come with every datagram: it is told once a minute.</summary>
    private void TellFailure(Exception failure, Action<ILogger, Exception> tell)
    {
        if (_failedAt == 0 || time.GetElapsedTime(_failedAt) > FailureEvery)
        {
            _failedAt = time.GetTimestamp();
            tell(log, failure);
        }
    }

    // (6)
    private void Look()
    {
        while (!_stopping.Wait(TrafficSlots.Length))
        {
            try
            {
                lock (_turn)
                {
                    detector.Look(TrafficSlots.At(time));
                    archive.Look(time.GetUtcNow().ToUnixTimeMilliseconds());
                }
            }
            catch (Exception broken)
            {
                TellFailure(broken, static (log, exception) => LogLookFailed(log, exception));
            }

            if (time.GetElapsedTime(_keptAt) >= options.Collect.KeepStateEvery && _sockets.Count > 0)
            {
                _keptAt = time.GetTimestamp();
                memory.Save(_turn);
            }

            if (time.GetElapsedTime(_usualKeptAt) >= options.Detect.KeepUsualEvery && _sockets.Count > 0)
            {
                _usualKeptAt = time.GetTimestamp();
                baselines.Save(_turn);
            }
        }
    }

    [LoggerMessage(3111, LogLevel.Information, "flow datagrams are received at {EndPoint} (buffer of {BufferBytes} bytes)")]
    private static partial void LogListening(ILogger log, string endPoint, int bufferBytes);

    [LoggerMessage(3112, LogLevel.Error, "receiving flow datagrams at {EndPoint} failed and is tried again: attacks seen only there are not seen meanwhile")]
    private static partial void LogBroken(ILogger log, Exception exception, string endPoint);

    [LoggerMessage(3113, LogLevel.Error, "a flow datagram could not be counted and was left out")]
    private static partial void LogNotCounted(ILogger log, Exception exception);

    [LoggerMessage(3114, LogLevel.Error, "a look at the traffic counters failed; the next one goes on")]
    private static partial void LogLookFailed(ILogger log, Exception exception);

    /// <summary>One listening socket.</summary>
    internal sealed class FlowSocket : IDisposable
    {
        private readonly string? _inode;
        private long _longestBusy;

        private FlowSocket(Socket socket)
        {
            Socket = socket;
            EndPoint = (IPEndPoint)socket.LocalEndPoint!;
            BufferBytes = socket.ReceiveBufferSize;
            _inode = UdpDrops.InodeOf(socket.Handle);
        }

        public Socket Socket { get; }

        public IPEndPoint EndPoint { get; }

        public int BufferBytes { get; }

        public long Datagrams { get; set; }

        /// <summary>The longest time that its thread did not listen since this was asked last: what the kernel must keep meanwhile.</summary>
        public TimeSpan TakeLongestBusy() => new(Interlocked.Exchange(ref _longestBusy, 0));

        public void Busy(TimeSpan time) => _longestBusy = Math.Max(Volatile.Read(ref _longestBusy), time.Ticks);

        public long KernelDrops => _inode is { } inode ? UdpDrops.Of(inode) : 0;

        public static FlowSocket Bind(IPEndPoint address, int bufferBytes)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                ReceiveBuffers.Enlarge(socket, bufferBytes);

                socket.Bind(address);
                return new FlowSocket(socket);
            }
            catch (SocketException failed)
            {
                socket.Dispose();
                throw new IOException($"receiving flow datagrams at {address}: {failed.Message}", failed);
            }
        }

        public void Dispose() => Socket.Dispose();
    }
}
