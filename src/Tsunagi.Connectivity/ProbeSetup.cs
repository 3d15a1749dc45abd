using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Connectivity.Probes;
using Tsunagi.Connectivity.Sla;

namespace Tsunagi.Connectivity;

/// <summary>The services of probes and of the SLA.</summary>
internal static class ProbeSetup
{
    public static void AddProbes(this IServiceCollection services)
    {
        services.AddSingleton(static provider => provider.GetRequiredService<ConnectivityOptions>().Probes);
        services.AddSingleton<ProbeBook>();
        services.AddSingleton<ProbeWriter>();
        services.AddSingleton<Reflectors>();
        services.AddSingleton<Prober>();
        services.AddSingleton<OutageBook>();
        services.AddSingleton<IncidentWatch>();
        services.AddHostedService(static provider => provider.GetRequiredService<IncidentWatch>());
        services.AddSingleton<MaintenanceBook>();
        services.AddSingleton<SlaDesk>().AddSingleton<SlaCredits>();
        services.AddHostedService(static provider => provider.GetRequiredService<Reflectors>());
        services.AddHostedService(static provider => provider.GetRequiredService<Prober>());
    }
}
