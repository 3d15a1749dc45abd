using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Routing.Bgp;

/// <summary>
/// One session with one router, over and over (RFC 4271 section 8): (1) Idle waits for its turn, longer after each failure; (2) Connect dials, Active waits for the
/// router to dial; (3) OpenSent: OPENs are exchanged and checked; (4) OpenConfirm: the first KEEPALIVE; (5) Established: what is wanted is announced, changes follow, until
/// either side ends it. Each side is either the one that dials or the one that waits, so two connections never collide (section 6.8).
/// </summary>
internal sealed partial class BgpSession(
    PeerOptions peer, RoutingOptions options, RouteCompiler compiler, Func<IReadOnlyList<WantedRoute>> wanted, TimeProvider time, ILogger log)
{
    // RFC 4271 section 8.2.2: until the hold time is agreed on, a large one.
    private static readonly TimeSpan OpenDeadline = TimeSpan.FromMinutes(4);

    private readonly Channel<Socket> _given = Channel.CreateBounded<Socket>(1);
    private readonly IPAddress _address = IPAddress.Parse(peer.Address);
    private readonly CoalescedSignal _signal = new();
    private volatile string _state = "Idle";
    private volatile IReadOnlyList<string> _families = [];
    private volatile string? _lastError;
    private long _sinceMicros = time.NowMicros();
    private long _sessions;
    private int _announced;
    private int _unsent;
    private bool _wasUp;

    public RoutePeer View => new(
        peer.Name, peer.Address, peer.As, _state, Interlocked.Read(ref _sinceMicros), _families, Volatile.Read(ref _announced), Volatile.Read(ref _unsent), Interlocked.Read(ref _sessions), _lastError);

    private bool IsExternal => peer.As != options.As;

    /// <summary>What is wanted has changed.</summary>
    public void Pulse() => _signal.Pulse();

    public bool Accepts(IPAddress from) => peer.Passive && _state == "Active" && (from.IsIPv4MappedToIPv6 ? from.MapToIPv4() : from).Equals(_address);

    /// <summary>Hands over a connection that the router made; false when there is one waiting.</summary>
    public bool Give(Socket socket) => _given.Writer.TryWrite(socket);

    public async Task RunAsync(CancellationToken stoppingToken)
    {
        var wait = options.FirstRetry;
        while (!stoppingToken.IsCancellationRequested)
        {
            var sessions = Interlocked.Read(ref _sessions);
            try
            {
                // (2)
                using var socket = peer.Passive ? await AcceptAsync(stoppingToken) : await ConnectAsync(stoppingToken);
                socket.NoDelay = true;
                await using var stream = new NetworkStream(socket, ownsSocket: false);
                await TalkAsync(stream, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (BgpEndedException ended)
            {
                Ended(ended.Message);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                Ended(e is OperationCanceledException ? $"connecting to {peer.Address}:{peer.Port}: no answer in {options.ConnectDeadline.TotalSeconds:0} s" : e.Message);
            }

            // (1)
            wait = Interlocked.Read(ref _sessions) > sessions ? options.FirstRetry : TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, options.LongestRetry.Ticks));
            try
            {
                await Task.Delay(wait, time, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        Move("Idle");
    }

    private async Task<Socket> AcceptAsync(CancellationToken stoppingToken)
    {
        Move("Active");
        return await _given.Reader.ReadAsync(stoppingToken);
    }

    private async Task<Socket> ConnectAsync(CancellationToken stoppingToken)
    {
        Move("Connect");
        var socket = new Socket(_address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (peer.LocalAddress.Length > 0)
            {
                socket.Bind(new IPEndPoint(IPAddress.Parse(peer.LocalAddress), 0));
            }

            using var deadline = new CancellationTokenSource(options.ConnectDeadline, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stoppingToken);
            await socket.ConnectAsync(new IPEndPoint(_address, peer.Port), both.Token);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task TalkAsync(Stream stream, CancellationToken stoppingToken)
    {
        var reader = PipeReader.Create(stream);
        var encoding = new BgpEncoding { External = IsExternal };

        // (3)
        Move("OpenSent");
        await stream.WriteAsync(BgpMessageWriter.Write(OurOpen(), encoding), stoppingToken);
        var their = await ReadAsync(reader, encoding, OpenDeadline, stream, stoppingToken) as BgpOpen ?? throw await EndAsync(stream, encoding, new BgpNotification(5, 1, ReadOnlyMemory<byte>.Empty), "another message came where OPEN should");
        if (Wrong(their) is { } wrong)
        {
            throw await EndAsync(stream, encoding, wrong.Notification, wrong.Why);
        }

        encoding = encoding with { FourOctetAs = their.Capabilities.OfType<BgpFourOctetAsCapability>().Any() };
        var hold = TimeSpan.FromSeconds(Math.Min(options.HoldSeconds, their.HoldTimeSeconds));
        var families = Offered().Intersect(their.Families()).ToList();

        // (4)
        Move("OpenConfirm");
        await stream.WriteAsync(BgpMessageWriter.Write(new BgpKeepalive(), encoding), stoppingToken);
        if (await ReadAsync(reader, encoding, hold == TimeSpan.Zero ? OpenDeadline : hold, stream, stoppingToken) is not BgpKeepalive)
        {
            throw await EndAsync(stream, encoding, new BgpNotification(5, 2, ReadOnlyMemory<byte>.Empty), "another message came where KEEPALIVE should");
        }

        // (5)
        _families = [.. families.Select(static family => family.ToString())];
        Interlocked.Increment(ref _sessions);
        Move("Established");
        LogUp(log, peer.Name, string.Join(", ", _families));
        var established = new BgpEstablished(stream, encoding, families, hold, compiler, wanted, _signal, options.AnnouncePace, time);
        try
        {
            await RunAsync(established, reader, encoding, hold, stream, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // With graceful restart agreed on, the router keeps what it was told until we are back; without, it must forget it now.
            if (options.RestartSeconds == 0 || !their.Capabilities.OfType<BgpGracefulRestartCapability>().Any())
            {
                await EndAsync(stream, encoding, BgpNotification.Shutdown(2, "the program stops"), "the program stops");
            }

            throw;
        }
        finally
        {
            _families = [];
            Volatile.Write(ref _announced, 0);
            _wasUp = true;
        }
    }

    private async Task RunAsync(BgpEstablished established, PipeReader reader, BgpEncoding encoding, TimeSpan hold, Stream stream, CancellationToken stoppingToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var work = new List<Task> { established.AnnounceAsync((announced, unsent) => (_, _) = (Interlocked.Exchange(ref _announced, announced), Interlocked.Exchange(ref _unsent, unsent)), over.Token) };
        if (hold > TimeSpan.Zero)
        {
            work.Add(established.KeepAliveAsync(over.Token));
        }

        work.Add(ListenAsync(established, reader, encoding, hold, stream, over.Token));
        try
        {
            await await Task.WhenAny(work);
        }
        finally
        {
            await over.CancelAsync();
            try
            {
                await Task.WhenAll(work);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or BgpEndedException or SocketException)
            {
                // The first of them says why; it is on its way up.
            }
        }
    }

    private async Task ListenAsync(BgpEstablished established, PipeReader reader, BgpEncoding encoding, TimeSpan hold, Stream stream, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await ReadAsync(reader, encoding, hold == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : hold, stream, cancellationToken) is BgpRouteRefresh { Subtype: 0 } refresh)
            {
                established.Refresh(refresh.Family);
                _signal.Pulse();
            }
        }
    }

    /// <summary>The next message. A NOTIFICATION, a silence longer than <paramref name="within"/> or octets that are no BGP end the session.</summary>
    private async Task<BgpMessage> ReadAsync(PipeReader reader, BgpEncoding encoding, TimeSpan within, Stream stream, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(within, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        while (true)
        {
            ReadResult result;
            try
            {
                result = await reader.ReadAsync(both.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw await EndAsync(stream, encoding, new BgpNotification(4, 0, ReadOnlyMemory<byte>.Empty), $"nothing was heard for {within.TotalSeconds:0} s");
            }

            var buffer = result.Buffer;
            var status = BgpFrames.Read(ref buffer, encoding, out var message, out var notification);
            var read = status == BgpFrameStatus.Message ? BgpMessageReader.Read(message.ToArray(), encoding) : null;
            reader.AdvanceTo(buffer.Start, status == BgpFrameStatus.Message ? buffer.Start : buffer.End);
            if (status == BgpFrameStatus.Bad || read is { Handling: BgpErrorHandling.SessionReset or BgpErrorHandling.AfiSafiDisable })
            {
                throw await EndAsync(stream, encoding, read?.Notification ?? notification!, read?.Reason is { Length: > 0 } reason ? reason : "what it sent is no BGP");
            }

            switch (read?.Message)
            {
                case BgpNotification told:
                    throw new BgpEndedException($"the router ended it: NOTIFICATION {told.Code}/{told.Subcode} {told.ShutdownText()}".TrimEnd());
                case { } good:
                    return good;
            }

            if (result.IsCompleted)
            {
                throw new BgpEndedException("the router closed the connection");
            }
        }
    }

    private BgpOpen OurOpen()
    {
        List<BgpCapability> capabilities = [.. Offered().Select(static family => new BgpMultiprotocolCapability(family)), new BgpRouteRefreshCapability(), new BgpFourOctetAsCapability((uint)options.As)];
        if (options.RestartSeconds > 0)
        {
            capabilities.Add(new BgpGracefulRestartCapability(
                Restarted: !_wasUp, Notification: false, (ushort)options.RestartSeconds, [.. Offered().Select(static family => new BgpGracefulFamily(family, ForwardingPreserved: true))]));
        }

        return new BgpOpen((uint)options.As, (ushort)options.HoldSeconds, Identifier(), [.. capabilities]);
    }

    private uint Identifier() => Protocols.Flow.FlowAddress.From(IPAddress.Parse(options.Identifier)).IPv4;

    private (BgpNotification Notification, string Why)? Wrong(BgpOpen their) =>
        their.As != (uint)peer.As ? (new BgpNotification(2, 2, ReadOnlyMemory<byte>.Empty), $"it says its AS is {their.As} and not {peer.As}")
        : their.Identifier == Identifier() && !IsExternal ? (new BgpNotification(2, 3, ReadOnlyMemory<byte>.Empty), $"its identifier is ours ({options.Identifier})")
        : !Offered().Intersect(their.Families()).Any() ? (new BgpNotification(2, 7, ReadOnlyMemory<byte>.Empty), "it speaks none of the families that are wanted")
        : null;

    private IEnumerable<BgpFamily> Offered() => peer.Families.Select(static family => family switch
    {
        PeerFamily.Ipv4Unicast => BgpFamily.IPv4Unicast,
        PeerFamily.Ipv6Unicast => BgpFamily.IPv6Unicast,
        PeerFamily.Ipv4Flowspec => BgpFamily.IPv4FlowSpec,
        _ => BgpFamily.IPv6FlowSpec,
    });

    private async Task<BgpEndedException> EndAsync(Stream stream, BgpEncoding encoding, BgpNotification notification, string why)
    {
        try
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(1), time);
            await stream.WriteAsync(BgpMessageWriter.Write(notification, encoding), deadline.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // It is over either way.
        }

        return new BgpEndedException($"we ended it: {why}");
    }

    private void Move(string state)
    {
        if (_state != state)
        {
            _state = state;
            Interlocked.Exchange(ref _sinceMicros, time.NowMicros());
        }
    }

    private void Ended(string why)
    {
        _lastError = why;
        Move("Idle");
        LogDown(log, peer.Name, why);
    }

    [LoggerMessage(3311, LogLevel.Information, "BGP session with {Peer} is up: {Families}")]
    private static partial void LogUp(ILogger log, string peer, string families);

    [LoggerMessage(3312, LogLevel.Warning, "BGP session with {Peer} is down: {Why}")]
    private static partial void LogDown(ILogger log, string peer, string why);
}

/// <summary>The session is over; the message says who ended it and why.</summary>
internal sealed class BgpEndedException(string message) : Exception(message);
