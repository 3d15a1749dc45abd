using Tsunagi.Core.Modules;

namespace Tsunagi.Core.Catalogue;

/// <summary>
/// What a module can sell ("mail.gateway"). Operators make versioned plans from it. <paramref name="Settings"/> is a record whose JSON Schema
/// drives the form, the YAML, the CLI and OpenAPI.
/// </summary>
public sealed record PlanSpecification(string Id, LocalizedText Name, LocalizedText Summary, Type Settings, IReadOnlyList<string> Meters)
{
    /// <summary>The category of a plan made from it that names none.</summary>
    public OfferingCategory Category { get; init; } = OfferingCategory.ValueAdded;
}
