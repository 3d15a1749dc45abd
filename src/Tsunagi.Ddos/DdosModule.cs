using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Core.Meters;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Ddos.Api;
using Tsunagi.Ddos.Archive;
using Tsunagi.Ddos.Archive.Rollups;
using Tsunagi.Ddos.Collect;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Detect;
using Tsunagi.Ddos.DryRun;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Meters;
using Tsunagi.Ddos.Mitigate;
using Tsunagi.Ddos.Pages;
using Tsunagi.Ddos.Sharing;
using Tsunagi.Ddos.Tee;
using Tsunagi.Ddos.Traffic;
using Tsunagi.Ddos.Verbs;
using Tsunagi.Ui.Dashboard;
using Tsunagi.Ui.Live;
using Tsunagi.Ui.Subjects;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Ddos;

/// <summary>
/// DDoS protection: receives what routers tell of their traffic, counts it for the tenants' prefixes, and tells of attacks.
/// The folders in the order data walks them: Contract (who bought what), Collect (sockets, exporters), Tee (copies), Archive (what is kept), Traffic (counters), Detect (limits, kinds of attacks, what is usual),
/// Incidents (what is told), Mitigate (rules that would stop it, their ledger, who releases them), DryRun (what all of that would have done to kept traffic), Sharing (what others are told and tell), Meters (what is billed), then Api, Pages, Verbs. The walk of a datagram is told in <see cref="FlowCollector"/>,
/// that of a rule in <see cref="Ledger"/>, that of a shared incident in <see cref="ShareDesk"/> and back in <see cref="PeerKeeper"/>.
/// </summary>
public sealed class DdosModule : IServiceModule, IStandbyModule
{
    public const string Id = "ddos";

    public ModuleDescription Describe() => new(
        Id,
        new("DDoS protection", "DDoS対策"),
        new("Sees attacks on customers' networks in what routers tell of their traffic, and announces the rules that stop them.",
            "ルーターのフロー情報からお客様ネットワークへの攻撃を検知し、遮断ルールを広告します。"),
        RunsOn.EveryNode,
        Specifications:
        [
            new PlanSpecification(
                ProtectionSettings.Kind,
                new("DDoS protection", "DDoS対策"),
                new("The customer's prefixes are watched; attacks are told with figures and evidence, and rules against them can be announced.",
                    "お客様のプレフィックスを監視し、攻撃を数値と根拠とともに通知します。対策ルールの広告もできます。"),
                typeof(ProtectionSettings),
                [DdosMeters.Incidents]),
        ],
        Meters: DdosMeters.All,
        Events: DdosEvents.All,
        Permissions: DdosPermissions.All,
        Schema: [DdosSchema.Control])
    {
        Options = typeof(DdosOptions),
    };

    public void AddServices(IServiceCollection services, object? options)
    {
        var ddos = (DdosOptions)options!;
        services.TryAddSingleton(ddos);
        services.TryAddSingleton<IDisk, RealDisk>();
        services.AddSingleton(ddos.Collect).AddSingleton(ddos.Traffic).AddSingleton(ddos.Detect);
        services.AddSingleton<ProtectionContracts>();
        services.AddSingleton<ProvedPrefixes>();
        services.AddSingleton<ISubscriptionRule>(static provider => provider.GetRequiredService<ProvedPrefixes>());
        services.AddSingleton<DdosMetrics>();
        services.AddSingleton<ExporterTable>();
        services.AddSingleton<ExporterMemory>();
        services.AddSingleton<DoubtedTargets>();
        services.AddSingleton<DatagramTee>();
        services.AddSingleton<WatchList>();
        services.AddSingleton<TrafficCounter>();
        services.AddSingleton<IncidentBook>();
        services.AddSingleton<Baselines>();
        services.AddSingleton<BaselineFile>();
        services.AddSingleton<Detector>();
        services.AddSingleton<FlowArchive>();
        services.AddSingleton(static provider => provider.GetRequiredService<FlowArchive>().Segments);
        services.AddSingleton(static provider => provider.GetRequiredService<FlowArchive>().Rolled);
        services.AddSingleton<FlowRollups>();
        services.AddSingleton(ddos.Archive).AddSingleton<FlowSearch>();
        services.AddSingleton<FlowCollector>();
        services.AddSingleton<IncidentWriter>();
        services.AddSingleton<IncidentStore>();
        services.AddSingleton<TrafficView>();
        services.AddSingleton<FlowTop>().AddSingleton<FlowTimeline>();
        services.AddSingleton<IMeterSource, IncidentMeters>();
        services.AddSingleton<Ledger>();
        services.AddSingleton<IWantedRoutes>(static provider => provider.GetRequiredService<Ledger>());
        services.AddSingleton<MitigationStore>();
        services.AddSingleton<DryRunGate>().AddSingleton<DryRunStore>().AddSingleton<DryRunner>().AddSingleton<DryRunDesk>();
        services.AddSingleton<ResponseModes>();
        services.AddSingleton<Responder>();
        services.AddSingleton<DropReader>();
        services.AddSingleton(ddos.Sharing).AddSingleton<ShareStore>().AddSingleton<ForeignStore>().AddSingleton<CollectionStore>().AddSingleton<ShareDesk>().AddSingleton<PeerBook>().AddSingleton<PeerClient>();
        services.AddSingleton<Intake>().AddSingleton<TaxiiAccess>().AddSingleton<TaxiiInbox>().AddSingleton<TaxiiServer>();
        services.AddSingleton<IncidentFigures>().AddSingleton<ILiveFigures>(static provider => provider.GetRequiredService<IncidentFigures>());
        services.AddDashboardPart<IncidentTile>(DdosPermissions.IncidentRead, 30, DashboardPlace.Figures);
        services.AddSingleton(DdosRefusals.Words);
        services.AddTable<IncidentTable>();
        services.AddTable<MitigationTable>();
        services.AddTable<DryRunTable>();
        services.AddTable<ShareTable>();
        services.AddTable<ForeignTable>();
        services.AddSingleton(new SubjectPage("di", "/console/ddos/incidents/{0}", "shield", new("DDoS incident", "DDoSインシデント")));
        services.AddSingleton(new SubjectPage("mg", "/console/ddos/mitigations/{0}", "ban", new("DDoS rule", "DDoS対策ルール")));

        services.AddSingleton(new SubjectPage("dr", "/console/ddos/dry-runs/{0}", "history", new("DDoS dry run", "DDoSドライラン")));

        // Started in this order, stopped in the reverse: the writer outlives the collector that tells it. The sessions of routing start after the ledger they announce.
        services.AddHostedService(static provider => provider.GetRequiredService<Ledger>());
        services.AddHostedService(static provider => provider.GetRequiredService<IncidentWriter>());
        services.AddHostedService(static provider => provider.GetRequiredService<FlowArchive>());
        services.AddHostedService(static provider => provider.GetRequiredService<FlowRollups>());
        services.AddHostedService(static provider => provider.GetRequiredService<FlowCollector>());
        services.AddHostedService(static provider => provider.GetRequiredService<Responder>());
        services.AddHostedService(static provider => provider.GetRequiredService<DropReader>());
        services.AddHostedService(static provider => provider.GetRequiredService<DryRunDesk>());
        services.AddSingleton<CollectWatch>();
        services.AddHostedService(static provider => provider.GetRequiredService<CollectWatch>());
        services.AddHostedService<PeerKeeper>();
    }

    public bool CanStandBy(string dataDirectory) => LedgerStandby.HasRules(dataDirectory);

    public void AddStandby(IServiceCollection services, object? options) => LedgerStandby.AddServices(services, (DdosOptions)options!);

    public void Map(ModuleMap map)
    {
        DdosApi.Map(map.Api);
        map.Verbs.AddRange(DetectVerbs.All);
        map.Verbs.AddRange(DdosVerbs.All);
        map.Verbs.AddRange(SwitchVerbs.All);
        map.Verbs.AddRange(DryRunVerbs.All);
        DryRunApi.Map(map.Api);
        map.Verbs.AddRange(SharingVerbs.All);
        SharingApi.Map(map.Api);
        TaxiiServer.Map(map.Root);
        map.TradeVerbs.AddRange(FlowVerbs.All);
        map.TradeVerbs.AddRange(SeriesVerbs.All);
        map.Pages.Add(typeof(DdosModule).Assembly);
        map.Navigation.Add(new NavigationEntry("/console/ddos/incidents", "shield", new("DDoS incidents", "DDoSインシデント"), DdosPermissions.IncidentRead, 150));
        map.Navigation.Add(new NavigationEntry("/console/ddos/traffic", "activity", new("Protected traffic", "保護対象の通信"), DdosPermissions.TrafficRead, 151));
        map.Navigation.Add(new NavigationEntry("/console/ddos/series", "chart-area-line", new("Traffic over time", "通信の推移"), DdosPermissions.TrafficRead, 151));
        map.Navigation.Add(new NavigationEntry("/console/ddos/mitigations", "ban", new("DDoS rules", "DDoS対策ルール"), DdosPermissions.MitigationRead, 152));
        map.Navigation.Add(new NavigationEntry("/console/ddos/protections", "adjustments", new("DDoS responses", "DDoS対応モード"), DdosPermissions.MitigationRead, 153));
        map.Navigation.Add(new NavigationEntry("/console/ddos/dry-runs", "history", new("DDoS dry runs", "DDoSドライラン"), DdosPermissions.DryRunRead, 153));
        map.Navigation.Add(new NavigationEntry("/console/ddos/exporters", "router", new("Flow exporters", "フロー送信元"), DdosPermissions.ExporterRead, 154));
        map.Navigation.Add(new NavigationEntry("/console/ddos/sessions", "route", new("BGP sessions", "BGPセッション"), DdosPermissions.ExporterRead, 155));
        map.Navigation.Add(new NavigationEntry("/console/ddos/sharing", "share", new("Threat sharing", "脅威情報共有"), DdosPermissions.SharingRead, 156));
        DdosActs.Map(map.Root);
        SharingActs.Map(map.Root);
    }

    public async ValueTask<IReadOnlyList<ReconcileOutcome>> ReconcileAsync(
        IServiceProvider services, DesiredSnapshot snapshot, IReadOnlySet<string> changedKeys, CancellationToken cancellationToken)
    {
        var proved = await services.GetRequiredService<ProvedPrefixes>().ReadAsync(cancellationToken);
        return services.GetRequiredService<ProtectionContracts>().Apply(snapshot, proved);
    }
}
