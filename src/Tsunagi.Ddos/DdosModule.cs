using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Modules;
using Tsunagi.Ddos.Verbs;

namespace Tsunagi.Ddos;

/// <summary>DDoS protection: reads what routers tell of traffic. The folder so far: Verbs.</summary>
public sealed class DdosModule : IServiceModule
{
    public const string Id = "ddos";

    public ModuleDescription Describe() => new(
        Id,
        new("DDoS protection", "DDoS対策"),
        new("Sees attacks on customers' networks in what routers tell of their traffic, and announces the rules that stop them.",
            "ルーターのフロー情報からお客様ネットワークへの攻撃を検知し、遮断ルールを広告します。"),
        RunsOn.EveryNode, Specifications: [], Meters: [], Events: [], Permissions: [], Schema: []);

    public void AddServices(IServiceCollection services, object? options)
    {
        // Verbs only.
    }

    public void Map(ModuleMap map) => map.TradeVerbs.AddRange(FlowVerbs.All);

    public ValueTask<IReadOnlyList<ReconcileOutcome>> ReconcileAsync(
        IServiceProvider services, DesiredSnapshot snapshot, IReadOnlySet<string> changedKeys, CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<ReconcileOutcome>>([]);
}
