using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tsunagi.Connectivity.AccessServers;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Api;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Dhcp4;
using Tsunagi.Connectivity.Dhcp6;
using Tsunagi.Connectivity.Import.FreeRadius;
using Tsunagi.Connectivity.Import.Kea;
using Tsunagi.Connectivity.Import.Plan;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Connectivity.Lines;
using Tsunagi.Connectivity.Meters;
using Tsunagi.Connectivity.Pages;
using Tsunagi.Connectivity.Probes;
using Tsunagi.Connectivity.Proxy;
using Tsunagi.Connectivity.Sessions;
using Tsunagi.Connectivity.Sla;
using Tsunagi.Connectivity.Standby;
using Tsunagi.Connectivity.Verbs;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Search;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Ui.Dashboard;
using Tsunagi.Ui.Subjects;
using Tsunagi.Ui.Tables;

namespace Tsunagi.Connectivity;

/// <summary>
/// Connectivity: who may connect, with which addresses, and who had them when. The folders in the order data walks them: Contract (what a subscription means to its lines; the
/// snapshot a node serves from), Lines and AccessServers (what operators keep), Addresses (prefixes, pools, assignments, who had an address), then Api, Pages, Verbs. How a change
/// reaches a node's snapshot is told in <see cref="LineFeed"/>.
/// </summary>
public sealed class ConnectivityModule : IServiceModule, IStandbyModule
{
    public const string Id = "connectivity";

    public ModuleDescription Describe() => new(
        Id,
        new("Connectivity", "接続サービス"),
        new("Lines of broadband and dedicated access: who may connect, with which addresses, and who had them when.", "ブロードバンドと専用線の回線、認証、アドレスの管理を行います。"),
        RunsOn.EveryNode,
        Specifications:
        [
            new PlanSpecification(
                BroadbandSettings.Kind, new("Broadband", "ブロードバンド"),
                new("A line that many users share a network by: speeds, sessions at the same time, a quota, addresses of both families.", "速度、同時接続数、月間データ量、IPv4/IPv6アドレスを定めた回線です。"),
                typeof(BroadbandSettings), [ConnectivityMeters.OctetsIn, ConnectivityMeters.OctetsOut, ConnectivityMeters.Seconds])
            {
                Category = OfferingCategory.Connectivity,
            },
            new PlanSpecification(
                DedicatedSettings.Kind, new("Dedicated line", "専用線"),
                new("A line with speeds of its own, proved by its circuit or a user name, with address blocks.", "専用の速度とアドレスブロックを持つ回線です。"),
                typeof(DedicatedSettings), [ConnectivityMeters.OctetsIn, ConnectivityMeters.OctetsOut, ConnectivityMeters.Seconds])
            {
                Category = OfferingCategory.Connectivity,
            },
        ],
        Meters: ConnectivityMeters.All,
        Events: [.. ConnectivityEvents.All, .. SessionEvents.All, .. ProxyEvents.All, .. Dhcp4Events.All, .. Dhcp6Events.All, .. ProbeEvents.All, .. SlaEvents.All],
        Permissions: ConnectivityPermissions.All,
        Schema: [ConnectivitySchema.Control, SessionSchema.Control, RelaySchema.Control, LeaseSchema.Control, ProbeSchema.Control, SlaSchema.Control])
    {
        Options = typeof(ConnectivityOptions),
    };

    public void AddServices(IServiceCollection services, object? options)
    {
        var connectivity = (ConnectivityOptions)options!;
        services.TryAddSingleton(connectivity);
        services.AddSingleton(connectivity.Lines);
        services.AddSingleton<LineSnapshotHolder>();
        services.AddSingleton<LineSecrets>();
        services.AddSingleton<LineSignal>();
        services.AddSingleton<LineBook>();
        services.AddSingleton<LineSetUp>();
        services.AddSingleton<LineFeed>();
        services.AddSingleton<LineContracts>();
        services.AddSingleton<NasBook>();
        services.AddSingleton<LineUsage>();
        services.AddSingleton(connectivity.Import);
        services.AddSingleton<LineImport>();
        services.AddSingleton<RadiusImport>();
        services.AddSingleton<KeaImport>();
        services.AddSingleton<PlanImport>();
        services.AddSingleton(connectivity.Addresses);
        services.AddSingleton<PrefixBook>();
        services.AddSingleton<PoolBook>();
        services.AddSingleton<AddressAllocator>();
        services.AddSingleton<FixedAddresses>();
        services.AddSingleton<LineAddressing>();
        services.AddSingleton<AssignmentDesk>();
        services.AddSingleton<ReverseZone>();
        services.AddSingleton<HolderDesk>();
        services.AddSingleton<AddressShares>();
        services.AddSingleton<IAddressPools>(static provider => provider.GetRequiredService<AddressShares>());
        services.AddSingleton<PoolWatch>();
        services.AddSingleton<ISubscriptionRule, LineNameRule>();
        services.AddSingleton<ISearchSource, LineSearch>();
        services.AddDashboardPart<LineTile>(ConnectivityPermissions.LineRead, 20, DashboardPlace.Figures);
        services.AddSingleton(ConnectivityRefusals.Words);
        services.AddTable<LineTable>();
        services.AddTable<LeaseTable>();
        services.AddTable<NasTable>();
        services.AddTable<IpamPrefixTable>();
        services.AddTable<PoolTable>();
        services.AddTable<AssignmentTable>();
        services.AddTable<QuestionTable>();
        services.AddSingleton(new SubjectPage("ln", "/console/connectivity/lines/{0}", "plug-connected", new("Line", "回線")));
        services.AddSingleton(new SubjectPage("na", "/console/connectivity/nas/{0}", "server-2", new("Access server", "アクセスサーバー")));
        services.AddSingleton(new SubjectPage("ap", "/console/connectivity/ipam/{0}", "network", new("Prefix of the plan", "プレフィックス")));
        services.AddSingleton(new SubjectPage("po", "/console/connectivity/pools/{0}", "stack-2", new("Address pool", "アドレスプール")));
        services.AddHostedService(static provider => provider.GetRequiredService<LineFeed>());
        services.AddHostedService(static provider => provider.GetRequiredService<AddressShares>());
        services.AddSingleton<LineCopyFile>();
        services.AddSingleton<LineCopyWriter>();
        services.AddHostedService(static provider => provider.GetRequiredService<LineCopyWriter>());
        services.AddHostedService(static provider => provider.GetRequiredService<PoolWatch>());
        services.AddRadius();
        services.AddDhcp();
        services.AddProbes();
    }

    public bool CanStandBy(string dataDirectory) => File.Exists(LineCopyFile.PathIn(dataDirectory));

    public void AddStandby(IServiceCollection services, object? options)
    {
        services.TryAddSingleton((ConnectivityOptions)options!);
        StandbyStart.AddServices(services);
    }

    public void Map(ModuleMap map)
    {
        LineApi.Map(map.Api);
        AddressApi.Map(map.Api);
        ImportApi.Map(map.Api);
        map.Verbs.AddRange(ImportVerbs.All);
        SessionApi.Map(map.Api);
        LeaseApi.Map(map.Api);
        RealmApi.Map(map.Api);
        ProbeApi.Map(map.Api);
        SlaApi.Map(map.Api);
        map.TradeVerbs.AddRange(LineVerbs.All);
        map.TradeVerbs.AddRange(SessionVerbs.All);
        map.TradeVerbs.AddRange(RadiusVerbs.All);
        map.TradeVerbs.AddRange(RealmVerbs.All);
        map.TradeVerbs.AddRange(DhcpVerbs.All);
        map.TradeVerbs.AddRange(ProbeVerbs.All);
        map.TradeVerbs.AddRange(SlaVerbs.All);
        map.TradeVerbs.AddRange(AddressVerbs.All);
        map.Pages.Add(typeof(ConnectivityModule).Assembly);
        map.Navigation.Add(new NavigationEntry("/console/connectivity", "gauge", new("Overview", "概況"), ConnectivityPermissions.LineRead, 119));
        map.Navigation.Add(new NavigationEntry("/console/connectivity/lines", "plug-connected", new("Lines", "回線"), ConnectivityPermissions.LineRead, 120));
        map.Navigation.Add(new NavigationEntry("/console/connectivity/leases", "router", new("Leases", "リース"), ConnectivityPermissions.SessionRead, 121));
        map.Navigation.Add(new NavigationEntry("/console/connectivity/nas", "server-2", new("Access servers", "アクセスサーバー"), ConnectivityPermissions.NasRead, 124));
        map.Navigation.Add(new NavigationEntry("/console/connectivity/ipam", "network", new("Addresses", "アドレス"), ConnectivityPermissions.AddressRead, 122));
        map.Navigation.Add(new NavigationEntry("/console/connectivity/holders", "search", new("Who held an address", "アドレス使用者の照会"), ConnectivityPermissions.HolderRead, 126));
        LineActs.Map(map.Root);
        ProbeActs.Map(map.Root);
        SlaActs.Map(map.Root);
        AddressActs.Map(map.Root);
        NasActs.Map(map.Root);
    }

    public ValueTask<IReadOnlyList<ReconcileOutcome>> ReconcileAsync(
        IServiceProvider services, DesiredSnapshot snapshot, IReadOnlySet<string> changedKeys, CancellationToken cancellationToken) =>
        services.GetRequiredService<LineContracts>().ApplyAsync(snapshot, changedKeys, cancellationToken);
}
