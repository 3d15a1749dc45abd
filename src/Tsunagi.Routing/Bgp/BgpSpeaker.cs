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
    private readonly IServiceProvider _services;
    private readonly ILogger<BgpSpeaker> _log;
    private IReadOnlyList<IWantedRoutes> _sources = [];
    private TcpListener? _listener;

    public BgpSpeaker(RoutingOptions options, IServiceProvider services, TimeProvider time, ILogger<BgpSpeaker> log)
    {
        _options = options;
        _log = log;
        var compiler = new RouteCompiler(options);
        _sessions = [.. options.Peers.Select(peer => new BgpSession(peer, options, compiler, () => Wanted, time, log))];
        _services = services;
    }

    public IReadOnlyList<RoutePeer> Peers => [.. _sessions.Select(static session => session.View)];

    /// <summary>Where passive peers connect to; with port 0, known once the program has started.</summary>
    public IPEndPoint? EndPoint => (IPEndPoint?)_listener?.LocalEndpoint;

    // (1) One too many is told to nobody: what a router cannot take might take it down.
    private IReadOnlyList<WantedRoute> Wanted =>
        [.. _sources.SelectMany(static source => source.Wanted).OrderBy(static route => route.Key, StringComparer.Ordinal).Take(_options.MaxRoutes)];

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

        // The modules that want routes ask for us, and we for them: they are found when everything is there.
        _sources = [.. (IEnumerable<IWantedRoutes>)_services.GetService(typeof(IEnumerable<IWantedRoutes>))!];
        foreach (var source in _sources)
        {
            source.Changed += (_, _) => Pulse();
        }

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
