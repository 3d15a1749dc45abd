using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Tsunagi.Connectivity.Account;
using Tsunagi.Connectivity.Authenticate;
using Tsunagi.Connectivity.Meters;
using Tsunagi.Connectivity.Proxy;
using Tsunagi.Connectivity.Radius;
using Tsunagi.Connectivity.RadSec;
using Tsunagi.Connectivity.Sessions;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Events;
using Tsunagi.Core.Meters;
using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity;

/// <summary>The services of authentication, accounting and sessions.</summary>
internal static class RadiusSetup
{
    public static void AddRadius(this IServiceCollection services)
    {
        services.TryAddSingleton<IDisk, RealDisk>();
        services.AddSingleton<ConnectivityMetrics>();
        services.AddSingleton<NasHealth>();
        services.AddSingleton<RefusedCertificates>();
        services.AddSingleton<RadSecConnections>();
        services.AddSingleton<OpenSessions>();
        services.AddSingleton<RejectBook>();
        services.AddSingleton<SessionStore>();
        services.AddSingleton(static provider => new SessionActs(
            provider.GetRequiredService<Stores>(), provider.GetRequiredService<SessionStore>(), provider.GetRequiredService<NasHealth>(), provider.GetRequiredService<RadSecConnections>(), provider.GetRequiredService<AuditTrail>(),
            provider.GetRequiredService<Outbox>(), provider.GetRequiredService<ConnectivityOptions>().Sessions, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<AccountingLog>();
        services.AddSingleton<OpenSessionFeed>();
        services.AddSingleton<SessionSweeper>();
        services.AddSingleton<RadiusWatch>();
        services.AddSingleton<RadiusProxy>();
        services.AddSingleton<ProxyWatch>();
        services.AddSingleton<AccountingRelay>();
        services.AddSingleton(static provider => ActivatorUtilities.CreateInstance<SessionProjector>(provider));
        services.AddSingleton(static provider => ActivatorUtilities.CreateInstance<AccessServer>(provider));
        services.AddSingleton<AccountingServer>();
        services.AddSingleton<IMeterSource, SessionMeters>();
        services.AddSingleton<ClientAuthorities>();
        services.AddSingleton<RadSecPeers>();
        services.AddSingleton<RadSecConnectionHandler>();
        services.AddSingleton<RadSecListener>();
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>>(static provider => provider.GetRequiredService<RadSecListener>());

        // Started in this order, stopped in the reverse: the log outlives the sockets that write to it and the projection that reads it.
        services.AddHostedService(static provider => provider.GetRequiredService<AccountingLog>());
        services.AddHostedService(static provider => provider.GetRequiredService<SessionProjector>());
        services.AddHostedService(static provider => provider.GetRequiredService<OpenSessionFeed>());
        services.AddHostedService(static provider => provider.GetRequiredService<SessionSweeper>());
        services.AddHostedService(static provider => provider.GetRequiredService<RadiusWatch>());
        services.AddHostedService(static provider => provider.GetRequiredService<RadiusProxy>());
        services.AddHostedService(static provider => provider.GetRequiredService<ProxyWatch>());
        services.AddHostedService(static provider => provider.GetRequiredService<AccountingRelay>());
        services.AddHostedService(static provider => provider.GetRequiredService<AccountingServer>());
        services.AddHostedService(static provider => provider.GetRequiredService<AccessServer>());
    }
}
