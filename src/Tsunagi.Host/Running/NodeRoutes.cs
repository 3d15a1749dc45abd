using Tsunagi.Core;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Modules;
using Tsunagi.Host.Console;
using Tsunagi.Host.Telemetry;
using Tsunagi.Ui;
using Tsunagi.Ui.Errors;

namespace Tsunagi.Host.Running;

/// <summary>Everything the node answers by HTTP: health and metrics, the API of Core and the modules, console and portal.</summary>
internal static class NodeRoutes
{
    public static void AddServices(IServiceCollection services)
    {
        services.AddConsole();
    }

    public static void Map(WebApplication app, IReadOnlyList<IServiceModule> modules)
    {
        app.UseResponseCompression();
        app.UseApiErrors();
        app.UseConsoleHeaders();
        app.UseConsoleErrors();
        app.UseRouting();
        app.UseCaller();
        app.UseIdempotency();
        app.UseAntiforgery();

        HealthRoutes.Map(app);
        app.MapGet("/", static () => Results.Redirect("/console")).AllowsAnyone();
        var api = app.MapApi();
        CoreApi.Map(api);
        var maps = new List<ModuleMap>();
        foreach (var module in modules)
        {
            var description = module.Describe();
            var map = new ModuleMap(description.Name, api.MapGroup("/" + description.Id), app);
            module.Map(map);
            maps.Add(map);
        }

        app.MapConsole(maps);
    }
}
