using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Connectivity.Dhcp;
using Tsunagi.Connectivity.Dhcp4;
using Tsunagi.Connectivity.Dhcp6;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Connectivity.Meters;

namespace Tsunagi.Connectivity;

/// <summary>The services of DHCP of both families and their leases.</summary>
internal static class DhcpSetup
{
    public static void AddDhcp(this IServiceCollection services)
    {
        services.AddSingleton(static provider => provider.GetRequiredService<ConnectivityOptions>().Dhcp6);
        services.AddSingleton(static provider => provider.GetRequiredService<ConnectivityOptions>().Dhcp4);
        services.AddSingleton<DelegatedRoutes>();
        services.AddSingleton<LeaseBook>();
        services.AddSingleton<LeaseTail>();
        services.AddSingleton<LeaseStore>();
        services.AddSingleton<LeaseLog>();
        services.AddSingleton<LeaseDesk>();
        services.AddSingleton<LeaseProjector>();
        services.AddSingleton<LeaseKeeper>();
        services.AddSingleton<Dhcp6Notes>();
        services.AddSingleton<Dhcp4Notes>();
        services.AddSingleton<DhcpWatch>();
        services.AddSingleton<Dhcp6Metrics>();
        services.AddSingleton<Dhcp6Server>();
        services.AddSingleton<Dhcp4Metrics>();
        services.AddSingleton<Dhcp4Server>();

        // Started in this order, stopped in the reverse: the log outlives the sockets that write to it and the projection that reads it.
        services.AddHostedService(static provider => provider.GetRequiredService<LeaseLog>());
        services.AddHostedService(static provider => provider.GetRequiredService<LeaseKeeper>());
        services.AddHostedService(static provider => provider.GetRequiredService<LeaseProjector>());
        services.AddHostedService(static provider => provider.GetRequiredService<DhcpWatch>());
        services.AddHostedService(static provider => provider.GetRequiredService<Dhcp6Server>());
        services.AddHostedService(static provider => provider.GetRequiredService<Dhcp4Server>());
    }
}
