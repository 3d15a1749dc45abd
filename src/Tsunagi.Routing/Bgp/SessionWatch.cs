using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.Routing.Bgp;

/// <summary>Tells the provider's operators when a session goes down for longer than a moment, and when it is back: once each.</summary>
internal sealed partial class SessionWatch(Stores stores, IRouteRealiser routes, Outbox outbox, TimeProvider time, ILogger<SessionWatch> log) : BackgroundService
{
    private const long MomentMicros = 10 * UnixMicros.PerSecond;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly HashSet<string> _down = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _upAt = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = time.NowMicros();
        try
        {
            using var timer = new PeriodicTimer(Every, time);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var peer in routes.Peers)
                {
                    await LookAsync(peer, started, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    private async ValueTask LookAsync(RoutePeer peer, long started, CancellationToken cancellationToken)
    {
        var isUp = peer.State == "Established";
        if (isUp)
        {
            _upAt[peer.Name] = time.NowMicros();
        }

        var isDown = !isUp && time.NowMicros() - _upAt.GetValueOrDefault(peer.Name, started) > MomentMicros;
        if ((isDown && !_down.Contains(peer.Name)) || (isUp && _down.Contains(peer.Name)))
        {
            try
            {
                await TellAsync(isDown ? RoutingEvents.Down : RoutingEvents.Up, peer, cancellationToken);
                _ = isDown ? _down.Add(peer.Name) : _down.Remove(peer.Name);
            }
            catch (StoreUnavailableException away)
            {
                LogStoreAway(log, away);
            }
        }
    }

    private async ValueTask TellAsync(string type, RoutePeer peer, CancellationToken cancellationToken)
    {
        var id = Id.New("e", time);
        await stores.Control.WriteAsync(
            async transaction =>
            {
                var provider = await ProviderTenant.PathAsync(transaction);
                if (provider is not null)
                {
                    await outbox.AppendAsync(transaction, new Event(
                        id, type, time.NowMicros(), provider, peer.Name, JsonSerializer.Serialize(new { peer = peer.Name, address = peer.Address, error = peer.LastError, since = peer.SinceAt })));
                }

                return true;
            },
            cancellationToken);
    }

    [LoggerMessage(3321, LogLevel.Warning, "the store is away; the state of BGP sessions is told when it is back")]
    private static partial void LogStoreAway(ILogger log, Exception exception);
}
