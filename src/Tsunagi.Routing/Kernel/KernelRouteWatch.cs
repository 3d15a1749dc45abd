using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Routing.Kernel;

/// <summary>Tells the provider's operators of routes that cannot be set.</summary>
internal sealed partial class KernelRouteWatch(Stores stores, Outbox outbox, KernelTroubles troubles, KernelRoutes routes, KernelRouteMetrics metrics, TimeProvider time, ILogger<KernelRouteWatch> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly Findings _found = new(stores, outbox, time);

    internal ValueTask LookAsync(CancellationToken cancellationToken)
    {
        foreach (var (subject, facts) in troubles.Take(Findings.MostAtATime - _found.Count))
        {
            _found.Add(RoutingEvents.Unset, subject, null, facts);
        }

        return _found.TellAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!routes.IsOn)
        {
            return Task.CompletedTask;
        }

        metrics.Begin();
        return Looks.RunAsync("routes of this machine", Every, LookAsync, away => LogAway(log, away), time, log, stoppingToken);
    }

    [LoggerMessage(3341, LogLevel.Warning, "the store is away; routes that cannot be set are told when it is back")]
    private static partial void LogAway(ILogger log, Exception exception);
}
