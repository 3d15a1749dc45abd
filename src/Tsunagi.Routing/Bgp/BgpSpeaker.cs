using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Exchange.Routes;

namespace Tsunagi.Routing.Bgp;

/// <summary>
/// Tells the routers what the modules want: (1) the wishes of all modules are put together, (2) each session (<see cref="BgpSession"/>) holds them against what it
/// has announced, (3) withdraws what is not wanted any more, then announces what is new; (4) a router that asks again is told again. Nothing is accepted from a router.
/// </summary>
internal sealed partial class BgpSpeaker : BackgroundService, IRouteRealiser
{
    private readonly RoutingOptions _options;
    private readonly IReadOnlyList<BgpSession> _sessions;
    private readonly Wishes _wishes;
    private readonly ILogger<BgpSpeaker> _log;
    private TcpListener? _listener;

    public BgpSpeaker(RoutingOptions options, IServiceProvider services, TimeProvider time, ILogger<BgpSpeaker> log)
    {
        _options = options;
        _log = log;
        var compiler = new RouteCompiler(options);
        _wishes = new Wishes(options, services);

        // (1)
        _sessions = [.. options.Peers.Select(peer => new BgpSession(peer, options, compiler, () => _wishes.Wanted, time, log))];
    }

    public IReadOnlyList<RoutePeer> Peers => [.. _sessions.Select(static session => session.View)];

    /// <summary>Where passive peers connect to; with port 0, known once the program has started.</summary>
    public IPEndPoint? EndPoint => (IPEndPoint?)_listener?.LocalEndpoint;

    /// <summary>Wakes every session.</summary>
    public void Pulse()
    {
        foreach (var session in _sessions)
        {
            session.Pulse();
        }
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (_options.Peers.FirstOrDefault(static peer => !IPAddress.TryParse(peer.Address, out _) || (peer.LocalAddress.Length > 0 && !IPAddress.TryParse(peer.LocalAddress, out _))) is { } wrong)
        {
            throw new InvalidOperationException($"routing.peers: {wrong.Name} needs addresses, not names (\"{wrong.Address}\", \"{wrong.LocalAddress}\")");
        }

        _wishes.Hear(Pulse);
        if (_options.Listen.Length > 0)
        {
            _listener = new TcpListener(IPEndPoint.Parse(_options.Listen));
            _listener.Start(16);
        }

        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _listener?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var running = _sessions.Select(session => session.RunAsync(stoppingToken)).ToList();
        if (_listener is not null)
        {
            running.Add(AcceptAsync(_listener, stoppingToken));
        }

        await Task.WhenAll(running);
    }

    private async Task AcceptAsync(TcpListener listener, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var socket = await listener.AcceptSocketAsync(stoppingToken);
                var from = ((IPEndPoint)socket.RemoteEndPoint!).Address;
                var session = _sessions.FirstOrDefault(each => each.Accepts(from));
                if (session is null || !session.Give(socket))
                {
                    LogTurnedAway(_log, from.ToString());
                    socket.Dispose();
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException failed)
            {
                LogAcceptFailed(_log, failed);
            }
        }
    }

    [LoggerMessage(3301, LogLevel.Warning, "a BGP connection from {Address} was turned away: it is no passive peer, or has a session")]
    private static partial void LogTurnedAway(ILogger log, string address);

    [LoggerMessage(3302, LogLevel.Warning, "a BGP connection could not be accepted")]
    private static partial void LogAcceptFailed(ILogger log, Exception exception);
}
