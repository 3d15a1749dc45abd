using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Connectivity.Dhcp6;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Connectivity.Meters;

namespace Tsunagi.Connectivity;

/// <summary>The services of DHCPv6 and its leases.</summary>
internal static class Dhcp6Setup
{
    public static void AddDhcp6(this IServiceCollection services)
    {
        services.AddSingleton(static provider => provider.GetRequiredService<ConnectivityOptions>().Dhcp6);
        services.AddSingleton<DelegatedRoutes>();
        services.AddSingleton<LeaseBook>();
        services.AddSingleton<LeaseTail>();
        services.AddSingleton<LeaseStore>();
        services.AddSingleton<LeaseLog>();
        services.AddSingleton<LeaseDesk>();
        services.AddSingleton<LeaseProjector>();
        services.AddSingleton<LeaseKeeper>();
        services.AddSingleton<Dhcp6Notes>();
        services.AddSingleton<Dhcp6Watch>();
        services.AddSingleton<Dhcp6Metrics>();
        services.AddSingleton<Dhcp6Server>();

        // Started in this order, stopped in the reverse: the log outlives the sockets that write to it and the projection that reads it.
        services.AddHostedService(static provider => provider.GetRequiredService<LeaseLog>());
        services.AddHostedService(static provider => provider.GetRequiredService<LeaseKeeper>());
        services.AddHostedService(static provider => provider.GetRequiredService<LeaseProjector>());
        services.AddHostedService(static provider => provider.GetRequiredService<Dhcp6Watch>());
        services.AddHostedService(static provider => provider.GetRequiredService<Dhcp6Server>());
    }
}
