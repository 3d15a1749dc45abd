using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Events;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Verbs;
using Tsunagi.Routing.Api;
using Tsunagi.Routing.Bgp;
using Tsunagi.Routing.Kernel;
using Tsunagi.Routing.Scrub;
using Tsunagi.Routing.Verbs;

namespace Tsunagi.Routing;

/// <summary>
/// Routing: makes real what services want on routers and scrubbers (<see cref="IWantedRoutes"/>) and in this machine's own kernel (<see cref="IKernelRoutes"/>). The folders in the order data walks them: the last guard
/// (<see cref="LastGuard"/>), Bgp (speaker, sessions), Scrub (nftables), Kernel (routes of the machine), then Api, Verbs. The walk of a route is told in <see cref="BgpSpeaker"/>, <see cref="Scrubber"/> and
/// <see cref="KernelRoutes"/>. It sells nothing by itself.
/// </summary>
public sealed class RoutingModule : IServiceModule, IStandbyModule
{
    public const string Id = "routing";

    public ModuleDescription Describe() => new(
        Id,
        new("Routing", "経路制御"),
        new("Tells routers the routes and rules that the services want.", "各サービスが求める経路とルールをルーターへ伝えます。"),
        RunsOn.EveryNode,
        Specifications: [],
        Meters: [],
        Events: RoutingEvents.All,
        Permissions: [new(RoutingApi.SessionRead, new("See the BGP sessions with routers", "ルーターとのBGPセッションの閲覧"), OperatorOnly: true), new(RoutingApi.RouteRead, new("See the routes that nodes set in their own kernels", "ノード自身の経路の閲覧"), OperatorOnly: true)],
        Schema: [])
    {
        Options = typeof(RoutingOptions),
    };

    public void AddServices(IServiceCollection services, object? options)
    {
        services.TryAddSingleton((RoutingOptions)options!);
        services.AddSingleton<BgpSpeaker>();
        services.AddSingleton<IRouteRealiser>(static provider => provider.GetRequiredService<BgpSpeaker>());
        services.AddHostedService(static provider => provider.GetRequiredService<BgpSpeaker>());
        services.AddHostedService<SessionWatch>();
        services.AddSingleton<Scrubbers>();
        services.AddSingleton<IScrubbers>(static provider => provider.GetRequiredService<Scrubbers>());
        services.AddHostedService(static provider => provider.GetRequiredService<Scrubbers>());
        services.AddHostedService<ScrubberWatch>();
        services.AddSingleton(static provider => new KernelTroubles(provider.GetRequiredService<RoutingOptions>().Kernel, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<KernelRoutes>();
        services.AddSingleton<IKernelRoutes>(static provider => provider.GetRequiredService<KernelRoutes>());
        services.AddSingleton<KernelRouteMetrics>();
        services.AddHostedService(static provider => provider.GetRequiredService<KernelRoutes>());
        services.AddHostedService<KernelRouteWatch>();
    }

    /// <summary>Of itself it wants nothing.</summary>
    public bool CanStandBy(string dataDirectory) => false;

    public bool ServesOthers => true;

    /// <summary>Sessions and scrubbers, where somebody wants routes; a session that is opened for nobody would withdraw what the router kept.</summary>
    public void AddStandby(IServiceCollection services, object? options)
    {
        if (services.All(static service => service.ServiceType != typeof(IWantedRoutes)))
        {
            return;
        }

        services.TryAddSingleton((RoutingOptions)options!);
        services.AddSingleton<BgpSpeaker>();
        services.AddSingleton<IRouteRealiser>(static provider => provider.GetRequiredService<BgpSpeaker>());
        services.AddHostedService(static provider => provider.GetRequiredService<BgpSpeaker>());
        services.AddSingleton<Scrubbers>();
        services.AddSingleton<IScrubbers>(static provider => provider.GetRequiredService<Scrubbers>());
        services.AddHostedService(static provider => provider.GetRequiredService<Scrubbers>());
    }

    public void Map(ModuleMap map)
    {
        RoutingApi.Map(map.Api);
        map.Verbs.Add(ApiVerb.List(
            "session list", "BGP sessions of the node that answers, and how many routes each router has been told", "/api/v1/routing/sessions", [],
            "name", "address", "as", "state", "since=sinceAt", "announced", "unsent", "families", "last error=lastError"));
        map.Verbs.Add(ApiVerb.List(
            "scrubber list", "Scrubbers of the node that answers: whether each takes what is wanted, and what each rule has dropped there", "/api/v1/routing/scrubbers", [],
            "name", "state", "since=sinceAt", "repaired", "last error=lastError"));
        map.Verbs.Add(ApiVerb.List(
            "route list", "Routes that the node that answers sets in its own kernel, by prefix: the first 1,000", "/api/v1/routing/kernel-routes",
            [new("--state", "only these", Allowed: [.. KernelRouteRow.States]), new("--text", "only this prefix, next hop or interface")], "prefix", "next hop=nextHop", "interface", "state", "since=sinceAt", "why"));
        map.TradeVerbs.AddRange(FlowSpecVerbs.All);
    }

    public ValueTask<IReadOnlyList<ReconcileOutcome>> ReconcileAsync(
        IServiceProvider services, DesiredSnapshot snapshot, IReadOnlySet<string> changedKeys, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<ReconcileOutcome>>([.. snapshot.Records.Values.Select(static record => new ReconcileOutcome(record.Key, record.Revision, "routing sells nothing"))]);
}

/// <summary>The events of routing.</summary>
internal static class RoutingEvents
{
    public const string Down = "routing.session.down@1";
    public const string Up = "routing.session.up@1";
    public const string Unset = "routing.kernel.unset@1";
    public const string ScrubberFailing = "routing.scrubber.failing@1";
    public const string ScrubberBack = "routing.scrubber.back@1";
    public const string ScrubberChanged = "routing.scrubber.changed@1";

    public static readonly IReadOnlyList<EventDeclaration> All =
    [
        new(Down, EventSeverity.Warning, new("A BGP session with a router is down: rules reach it when it is back; with graceful restart it keeps those it has for a while.", "ルーターとのBGPセッションが切断されました。復旧後にルールを送信します(グレースフルリスタート中は既存のルールを保持します)。"),
            new("See the sessions' page for what it said; look at the router and at the way to it.", "セッション画面で理由を確認し、ルーターと経路を確認してください。")),
        new(Unset, EventSeverity.Warning, new("Routes of this machine could not be set or taken back: what is behind them is not reached. Told once in a while for each cause.", "このノードの経路を設定または削除できません。その先には到達できません(原因ごとに一定時間ごとに通知)。"),
            new("See the reason; it is tried again by itself. A relay that is on no link of this machine needs routes on the routers between.", "理由を確認してください(自動的に再試行します)。リレーが直接のリンク上にない場合は、途中のルーターにも経路が必要です。")),
        new(ScrubberFailing, EventSeverity.Warning, new("A scrubber does not take what is wanted, or cannot be asked: rules it has go on until their time is over.", "スクラバーへの設定または照会に失敗しています(設定済みのルールは期限まで動作します)。"),
            new("See what nft said: the right to change the machine's rules (CAP_NET_ADMIN), the program under routing.scrubbers, the way to the box. It is tried again by itself.", "nftのメッセージを確認してください(権限 CAP_NET_ADMIN、routing.scrubbers のコマンド、装置への経路)。自動的に再試行します。")),
        new(ScrubberBack, EventSeverity.Notice, new("A scrubber takes what is wanted again.", "スクラバーが復旧しました。")),
        new(ScrubberChanged, EventSeverity.Warning, new("Somebody else changed a scrubber's table; it was made anew as it should be.", "スクラバーのテーブルが外部から変更されたため、作り直しました。"),
            new("Find who changes the table tsunagi_scrub: a script that flushes all of the machine's rules, or a second node that speaks to the same box.", "tsunagi_scrub テーブルを変更した原因を調べてください(全ルールを消去するスクリプト、同じ装置を扱う別ノードなど)。")),
        new(Up, EventSeverity.Notice, new("A BGP session with a router is up again.", "ルーターとのBGPセッションが復旧しました。")),
    ];
}
