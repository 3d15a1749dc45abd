using Tsunagi.Core.Identity;

namespace Tsunagi.Ui.Tables;

/// <summary>What a table is asked for: one page of rows.</summary>
/// <param name="Filter">What the reader typed, trimmed, or null.</param>
/// <param name="Sort">A sortable column's key, or null for the table's own order.</param>
/// <param name="After">The cursor the last page ended with, or null for the first page.</param>
/// <param name="Size">How many rows at most.</param>
/// <param name="Choices">Chosen facets by key, and what the page fixed ("tenant").</param>
public sealed record TableRequest(
    Caller Caller, string? Filter, string? Sort, bool Descending, string? After, int Size, IReadOnlyDictionary<string, string> Choices)
{
    /// <summary>The value of a facet or of what the page fixed, or null.</summary>
    public string? this[string key] => Choices.GetValueOrDefault(key);
}
