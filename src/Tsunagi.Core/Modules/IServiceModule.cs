using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.DesiredState;

namespace Tsunagi.Core.Modules;

/// <summary>
/// One service of the provider. Called in this order: (1) <see cref="Describe"/>, (2) <see cref="AddServices"/>, (3) <see cref="Map"/>, then, while
/// the node runs, (4) <see cref="ReconcileAsync"/> at start with everything and again after each change. Data planes are ordinary
/// <c>IHostedService</c>s added in step 2.
/// </summary>
public interface IServiceModule
{
    /// <summary>What the module is, as data: docs, console, CLI help, OpenAPI and the catalogue are made from it.</summary>
    ModuleDescription Describe();

    /// <summary>Adds the module's services.</summary>
    /// <param name="options">
    /// The record named by <see cref="ModuleDescription.Options"/>, read from the module's section of the node's file and checked; null when the module names
    /// none. It is in the container already, as itself.
    /// </param>
    void AddServices(IServiceCollection services, object? options);

    /// <summary>Adds the module's API routes, its pages and its CLI verbs.</summary>
    void Map(ModuleMap map);

    /// <summary>
    /// Makes running equal to wanted, for the changed keys (all of them at start). Idempotent: a second call with the same snapshot changes
    /// nothing. Throws nothing for a wish it cannot fulfil: it says so in the outcome, and is called again with back-off.
    /// </summary>
    ValueTask<IReadOnlyList<ReconcileOutcome>> ReconcileAsync(
        IServiceProvider services, DesiredSnapshot snapshot, IReadOnlySet<string> changedKeys, CancellationToken cancellationToken);
}
