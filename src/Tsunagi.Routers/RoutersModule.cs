using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Meters;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Routers.Api;
using Tsunagi.Routers.Arms;
using Tsunagi.Routers.Contract;
using Tsunagi.Routers.Cwmp;
using Tsunagi.Routers.Devices;
using Tsunagi.Routers.Heartbeats;
using Tsunagi.Routers.Helpdesk;
using Tsunagi.Routers.Import;
using Tsunagi.Routers.Meters;
using Tsunagi.Routers.Pages;
using Tsunagi.Routers.Push;
using Tsunagi.Routers.Tasks;
using Tsunagi.Routers.Verbs;
using Tsunagi.Ui.Dashboard;
using Tsunagi.Ui.Live;
using Tsunagi.Ui.Subjects;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Routers;

/// <summary>
/// Managed routers: boxes at customers' sites call, belong to a site, are read, and are helped. The folders in the order data walks them: Contract (which sites are
/// managed), Devices (who called, whose it is, what it told), Cwmp (the server of TR-069 that routers call), Tasks (what is done in a session), Arms (the servers that
/// routers with ARMS pull their site's configuration from, and their tunnels), Heartbeats (the datagrams in which those tell that they live), Push (versions brought to boxes ring by ring, each with its outcome), Helpdesk (with the customer on the phone), Import (another server's list), Simulate (honest routers
/// for tests and the demo), Meters, then Api, Pages, Verbs. The walk of a router's message is told in <see cref="AcsServer"/> and <see cref="ArmsServer"/>, that of a tunnel in
/// <see cref="ArmsTunnelHandler"/>, that of a heartbeat in <see cref="HeartbeatListener"/>, that of a call in <see cref="HelpDesk"/>.
/// </summary>
public sealed class RoutersModule : IServiceModule
{
    public const string Id = "routers";

    public ModuleDescription Describe() => new(
        Id,
        new("Managed routers", "ルーター管理"),
        new("Routers at customers' sites call this program: those with TR-069 are read and helped from the console and never written to, those with ARMS pull their site's configuration.",
            "お客様拠点のルーターを管理します。TR-069機器は読み取りとサポートのみ行い、ARMS対応機には拠点の設定を配布します。"),
        RunsOn.EveryNode,
        Specifications:
        [
            new PlanSpecification(
                ManagedRouterSettings.Kind,
                new("Managed router", "ルーター管理"),
                new("The router of one site: seen, read, helped. The configuration belongs to the site, not to the box.", "一拠点のルーターの監視・読み取り・サポート。設定は機器ではなく拠点に属します。"),
                typeof(ManagedRouterSettings),
                [RouterMeters.Devices, RouterMeters.SilentMinutes]),
        ],
        Meters: RouterMeters.All,
        Events: RouterEvents.All,
        Permissions: RoutersPermissions.All,
        Schema: [RoutersSchema.Control])
    {
        Options = typeof(RoutersOptions),
    };

    public void AddServices(IServiceCollection services, object? options)
    {
        var routers = (RoutersOptions)options!;
        services.TryAddSingleton(routers);
        services.AddSingleton<ManagedSites>();
        services.AddSingleton<ISubscriptionRule>(static provider => provider.GetRequiredService<ManagedSites>());
        services.AddSingleton<RouterMetrics>();
        services.AddSingleton<IMeterSource, RouterMeterSource>();
        services.AddSingleton<DeviceStore>().AddSingleton<DeviceBook>().AddSingleton<DeviceSecrets>().AddSingleton<TreeStore>();
        services.AddSingleton<SiteSettings>();
        services.AddSingleton<RouterFigures>().AddSingleton<ILiveFigures>(static provider => provider.GetRequiredService<RouterFigures>());
        services.AddDashboardPart<RouterTile>(RoutersPermissions.DeviceRead, 40, DashboardPlace.Figures);
        services.AddSingleton<TaskBook>();
        services.AddSingleton<AcsAccess>().AddSingleton<AcsSessions>().AddSingleton<AcsServer>().AddSingleton<ConnectionRequests>();
        services.AddSingleton(routers.Heartbeats).AddSingleton<HeartbeatBook>().AddSingleton<HeartbeatKeys>().AddSingleton<HeartbeatStore>().AddSingleton<HeartbeatWatch>();
        services.AddSingleton<HeartbeatLookups>().AddSingleton<HeartbeatListener>().AddSingleton<HeartbeatWriter>();
        services.AddSingleton<ArmsTunnels>().AddSingleton<ArmsAccess>().AddSingleton<ArmsAuthority>().AddSingleton<SiteConfigurations>().AddSingleton<ArmsStore>().AddSingleton<PullCalls>();
        services.AddSingleton<ArmsServer>().AddSingleton<ArmsTunnelHandler>().AddSingleton<ArmsListener>();
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>>(static provider => provider.GetRequiredService<ArmsListener>());
        services.AddSingleton<IStartupFilter>(static provider => provider.GetRequiredService<ArmsListener>());
        services.AddSingleton<HelpDesk>();
        services.AddSingleton<GenieImport>();
        services.AddSingleton<AcsListener>();
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>>(static provider => provider.GetRequiredService<AcsListener>());
        services.AddSingleton<IStartupFilter>(static provider => provider.GetRequiredService<AcsListener>());
        services.AddSingleton(RoutersRefusals.Words);
        services.AddTable<RouterTable>();
        services.AddSingleton(new SubjectPage("rt", "/console/routers/devices/{0}", "router", new("Router", "ルーター")));
        services.AddSingleton<PushSignal>().AddSingleton<PushBook>().AddSingleton<PushOutcomes>().AddSingleton<PushRunner>();
        services.AddTable<PushTable>().AddTable<PushBoxTable>();
        services.AddSingleton(new SubjectPage("ru", "/console/routers/pushes/{0}", "send", new("Push", "設定配信")));
        services.AddHostedService(static provider => provider.GetRequiredService<PushRunner>());
        services.AddHostedService<RoutersWatch>();

        // Ended in the other order: the writer keeps what the listener took last.
        services.AddHostedService(static provider => provider.GetRequiredService<HeartbeatWriter>());
        services.AddHostedService(static provider => provider.GetRequiredService<HeartbeatLookups>());
        services.AddHostedService(static provider => provider.GetRequiredService<HeartbeatListener>());
    }

    public void Map(ModuleMap map)
    {
        RoutersApi.Map(map.Api);
        map.Verbs.AddRange(RouterVerbs.All);
        map.Verbs.AddRange(CwmpVerbs.All);
        map.Verbs.AddRange(ArmsVerbs.All);
        map.Verbs.AddRange(PushVerbs.All);
        map.Pages.Add(typeof(RoutersModule).Assembly);
        map.Navigation.Add(new NavigationEntry("/console/routers/devices", "router", new("Routers", "ルーター"), RoutersPermissions.DeviceRead, 160));
        map.Navigation.Add(new NavigationEntry("/console/routers/pushes", "send", new("Pushes to routers", "ルーターへの配信"), RoutersPermissions.DeviceRead, 161));
        RouterActs.Map(map.Root);
        ConfigurationActs.Map(map.Root);
        PushActs.Map(map.Root);
    }

    public ValueTask<IReadOnlyList<ReconcileOutcome>> ReconcileAsync(
        IServiceProvider services, DesiredSnapshot snapshot, IReadOnlySet<string> changedKeys, CancellationToken cancellationToken) =>
        services.GetRequiredService<ManagedSites>().ApplyAsync(snapshot, cancellationToken);
}
