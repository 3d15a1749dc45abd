using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Proxy;

/// <summary>Tells the provider of home servers that are dead as this node sees them, and back.</summary>
internal sealed partial class ProxyWatch(Stores stores, RadiusProxy proxy, Node node, Outbox outbox, TimeProvider time, ILogger<ProxyWatch> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    private readonly Findings _found = new(stores, outbox, time);

    /// <summary>One look.</summary>
    internal ValueTask LookAsync(CancellationToken cancellationToken)
    {
        if (_found.Count < Findings.MostAtATime)
        {
            foreach (var change in proxy.TakeChanges())
            {
                var (server, lane) = (change.Lane.Server.Name, change.Lane);
                var realms = proxy.Realms.Where(realm => realm.Servers.Contains(lane.Server)).Select(static realm => realm.Name);
                _found.Add(
                    change.IsDead ? ProxyEvents.Dead : ProxyEvents.Back, server, null,
                    JsonSerializer.Serialize(new { server, port = lane.IsAccounting ? "accounting" : "authentication", address = lane.EndPoint.ToString(), node = node.Name, realms, forged = lane.Forged }));
            }
        }

        return _found.TellAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        proxy.Realms.Count > 0 ? Looks.RunAsync("home servers", Every, LookAsync, away => LogAway(log, away), time, log, stoppingToken) : Task.CompletedTask;

    [LoggerMessage(5191, LogLevel.Warning, "the store is away; which home servers are dead is told when it is back")]
    private static partial void LogAway(ILogger log, Exception exception);
}
