using Tsunagi.Core.Modules;

namespace Tsunagi.Ui.Tables;

/// <summary>A choice beside the filter ("State": all, running, held).</summary>
public sealed record Facet(string Key, LocalizedText Title, IReadOnlyList<FacetChoice> Choices);

public sealed record FacetChoice(string Value, LocalizedText Label);
