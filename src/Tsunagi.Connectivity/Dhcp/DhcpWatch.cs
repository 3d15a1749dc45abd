using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity.Dhcp4;
using Tsunagi.Connectivity.Dhcp6;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Dhcp;

/// <summary>Tells what was noted of DHCP of both families, every few seconds in one transaction: a line's to whom the line belongs, what has no line to the provider.</summary>
internal sealed partial class DhcpWatch(Stores stores, Dhcp6Notes notes6, Dhcp4Notes notes4, Outbox outbox, ConnectivityOptions options, TimeProvider time, ILogger<DhcpWatch> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    private readonly Findings _found = new(stores, outbox, time);

    /// <summary>One look.</summary>
    internal ValueTask LookAsync(CancellationToken cancellationToken)
    {
        foreach (var notes in (DhcpNotes[])[notes6, notes4])
        {
            foreach (var (type, subject, tenantPath, facts) in notes.Take(Findings.MostAtATime - _found.Count))
            {
                _found.Add(type, subject, tenantPath, facts);
            }
        }

        return _found.TellAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        options.Dhcp6.IsOn || options.Dhcp4.IsOn ? Looks.RunAsync("clients of DHCP", Every, LookAsync, away => LogAway(log, away), time, log, stoppingToken) : Task.CompletedTask;

    [LoggerMessage(5231, LogLevel.Warning, "the store is away; what is wrong with clients of DHCP is told when it is back")]
    private static partial void LogAway(ILogger log, Exception exception);
}
