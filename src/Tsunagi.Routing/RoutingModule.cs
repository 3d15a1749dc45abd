using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.DesiredState;
using Tsunagi.Core.Modules;
using Tsunagi.Routing.Verbs;

namespace Tsunagi.Routing;

/// <summary>Routing: makes wanted routes and rules real. The folder so far: Verbs.</summary>
public sealed class RoutingModule : IServiceModule
{
    public const string Id = "routing";

    public ModuleDescription Describe() => new(
        Id,
        new("Routing", "経路制御"),
        new("Tells routers the routes and rules that the services want.", "各サービスが求める経路とルールをルーターへ伝えます。"),
        RunsOn.EveryNode, Specifications: [], Meters: [], Events: [], Permissions: [], Schema: []);

    public void AddServices(IServiceCollection services, object? options)
    {
        // Verbs only.
    }

    public void Map(ModuleMap map) => map.TradeVerbs.AddRange(FlowSpecVerbs.All);

    public ValueTask<IReadOnlyList<ReconcileOutcome>> ReconcileAsync(
        IServiceProvider services, DesiredSnapshot snapshot, IReadOnlySet<string> changedKeys, CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<ReconcileOutcome>>([]);
}
