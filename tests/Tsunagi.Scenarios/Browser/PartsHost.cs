using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Tenants;
using Tsunagi.Ui;
using Tsunagi.Ui.Forms;
using Tsunagi.Ui.Layout;

namespace Tsunagi.Scenarios.Browser;

/// <summary>The shared parts alone: the gallery, with a fixed caller and no services behind it.</summary>
public sealed class PartsHost : IAsyncLifetime
{
    private WebApplication _app = null!;

    public string Address { get; private set; } = "";

    public IServiceProvider Services => _app.Services;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<CallerOf>(static _ => new Caller("u_00000000000000000000000001", "hanako.suzuki@provider.example", new TenantScope("t_a", "t_a/"), new HashSet<string> { "*" }, true, "en"));
        builder.Services.AddUi();
        _app = builder.Build();
        _app.UseConsoleHeaders();
        _app.UseAntiforgery();
        _app.Services.GetRequiredService<ConsoleNavigation>().Fill(SampleEntries(), [], [typeof(UiServices).Assembly]);
        _app.MapUi();
        _app.MapAct("/console/_parts/act", null, static act =>
        {
            act.Required("name");
            act.Number("days", 1, 14);
            return ValueTask.FromResult(act.Ok ? act.Done("/console/_parts", new LocalizedText("Saved", "保存しました")) : act.Refused());
        });
        await _app.StartAsync();
        Address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static IEnumerable<NavigationEntry> SampleEntries() =>
    [
        new("/console", "layout-dashboard", new("Dashboard", "ダッシュボード"), "", 10),
        new("/console/events", "timeline-event", new("Events", "イベント"), "", 20),
        new("/console/mail", "mail", new("Mail", "メール"), "", 100),
        new("/console/tenants", "sitemap", new("Customers", "顧客"), "", 500),
        new("/console/_parts", "stack-2", new("Parts", "部品"), "", 900),
        new("/console/audit", "history", new("Audit", "監査ログ"), "", 910),
    ];
}
