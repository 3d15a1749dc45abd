using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Events;
using Tsunagi.Core.Meters;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;

namespace Tsunagi.Core.Modules;

/// <summary>
/// A module as data. <paramref name="Id"/> is one lower-case word ("mail"): the folder, the API prefix, the CLI group, the meter and event
/// prefix, the config section and the docs page.
/// </summary>
/// <param name="Permissions">Every permission its routes and pages ask for, with a sentence for the role editor.</param>
public sealed record ModuleDescription(
    string Id,
    LocalizedText Name,
    LocalizedText Summary,
    RunsOn RunsOn,
    IReadOnlyList<PlanSpecification> Specifications,
    IReadOnlyList<MeterDeclaration> Meters,
    IReadOnlyList<EventDeclaration> Events,
    IReadOnlyList<PermissionDeclaration> Permissions,
    IReadOnlyList<SchemaPart> Schema)
{
    /// <summary>The record of the module's section in the node's file, or null when it has none. Every value is checked against it at start.</summary>
    public Type? Options { get; init; }

    /// <summary>Why the module may say that its node takes no new work.</summary>
    public IReadOnlyList<ReadinessDeclaration> Readiness { get; init; } = [];
}

/// <summary>Where a module runs.</summary>
public enum RunsOn
{
    EveryNode,
    OneNode,
    Shard,
}

/// <summary>A text people read, in both languages of the console.</summary>
public sealed record LocalizedText(string En, string Ja)
{
    public string In(string locale) => locale.StartsWith("ja", StringComparison.Ordinal) ? Ja : En;
}

/// <summary>A permission and what it allows, for the role editor. A name that ends in ".read" only looks.</summary>
/// <param name="OperatorOnly">Concerns the provider as a whole; no tenant's built-in role holds it.</param>
/// <param name="OpensContent">Opens what customers wrote or sent; the built-in roles that look at everything do not hold it.</param>
public sealed record PermissionDeclaration(string Name, LocalizedText Allows, bool OperatorOnly = false, bool OpensContent = false);
