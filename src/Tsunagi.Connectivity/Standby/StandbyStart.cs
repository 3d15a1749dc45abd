using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Connectivity.Account;
using Tsunagi.Connectivity.Authenticate;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Meters;
using Tsunagi.Connectivity.Proxy;
using Tsunagi.Connectivity.Radius;
using Tsunagi.Connectivity.Sessions;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Standby;

/// <summary>
/// Connectivity of a node that starts while its database is away: (1) the copy of an earlier run is put in force, (2) the log of accounting is opened, (3) authentication and accounting answer by
/// datagrams. What is accounted becomes sessions when the node has started whole. Not here: RADIUS over TLS, addresses of our own pools, counting of simultaneous use over nodes, DHCP.
/// </summary>
internal sealed partial class StandbyStart(LineCopyFile file, LineSnapshotHolder holder, StandbyPools pools, ConnectivityOptions options, ILogger<StandbyStart> log) : IHostedService
{
    public static void AddServices(IServiceCollection services)
    {
        services.AddSingleton<LineSnapshotHolder>();
        services.AddSingleton<LineCopyFile>();
        services.AddSingleton<ConnectivityMetrics>();
        services.AddSingleton<NasHealth>();
        services.AddSingleton<OpenSessions>();
        services.AddSingleton<RejectBook>();
        services.AddSingleton<RadiusProxy>();
        services.AddSingleton<AccountingLog>();
        services.AddSingleton<AccountingServer>();
        services.AddSingleton<StandbyPools>();
        services.AddSingleton<IAddressPools>(static provider => provider.GetRequiredService<StandbyPools>());
        services.AddSingleton(static provider => ActivatorUtilities.CreateInstance<AccessServer>(provider));

        // (1) to (3)
        services.AddHostedService<StandbyStart>();
        services.AddHostedService(static provider => provider.GetRequiredService<AccountingLog>());
        services.AddHostedService(static provider => provider.GetRequiredService<RadiusProxy>());
        services.AddHostedService(static provider => provider.GetRequiredService<AccountingServer>());
        services.AddHostedService(static provider => provider.GetRequiredService<AccessServer>());
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (file.Read(out var problem) is { } copy)
        {
            var snapshot = copy.ToSnapshot(RealmRules.Of(options));
            pools.Set(copy.Pools);
            holder.Set(snapshot);
            LogCopy(log, UnixMicros.ToDateTimeOffset(copy.At), snapshot.Lines.Count, snapshot.Nases.Count);
        }
        else
        {
            LogNone(log, problem);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(4312, LogLevel.Warning, "the database is away; access servers are answered from the copy of {At:u}: {Lines} lines, {Nases} access servers; addresses of pools are not given")]
    private static partial void LogCopy(ILogger log, DateTimeOffset at, int lines, int nases);

    [LoggerMessage(4313, LogLevel.Error, "the database is away, and no access server is answered until it is back: of the copy of lines, {Problem}")]
    private static partial void LogNone(ILogger log, string problem);
}
