using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace Tsunagi.Ui.Dashboard;

/// <summary>Adds parts to the dashboard.</summary>
public static class DashboardServices
{
    public static IServiceCollection AddDashboardPart<TComponent>(this IServiceCollection services, string permission, int order, DashboardPlace place)
        where TComponent : IComponent => services.AddSingleton(new DashboardPart(typeof(TComponent), permission, order, place));
}
