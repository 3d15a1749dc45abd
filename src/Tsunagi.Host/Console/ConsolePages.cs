using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Modules;
using Tsunagi.Ui;
using Tsunagi.Ui.Layout;

namespace Tsunagi.Host.Console;

/// <summary>The console and portal: the shell's own pages, and those of the modules.</summary>
public static class ConsolePages
{
    /// <summary>Adds what the pages need; <see cref="CallerOf"/> and the services behind the pages are the host's to add.</summary>
    public static IServiceCollection AddConsole(this IServiceCollection services)
    {
        services.AddUi();
        return services;
    }

    /// <summary>Maps every page, form and stream under <c>/console</c>. Call after the modules have mapped theirs.</summary>
    public static void MapConsole(this WebApplication app, IReadOnlyCollection<ModuleMap> modules)
    {
        app.Services.GetRequiredService<ConsoleNavigation>().Fill(
            modules.SelectMany(static module => module.Navigation),
            modules.SelectMany(static module => module.Pages).Prepend(Assembly.GetExecutingAssembly()));
        app.MapUi();
        Preferences.Map(app);
    }
}
