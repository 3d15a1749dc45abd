namespace Tsunagi.Connectivity.Import;

/// <summary>Rows of a table, from whatever file they came: columns by name, lower-case.</summary>
internal sealed record ImportTable(string Name, string File, IReadOnlyList<ImportRow> Rows);

/// <summary>One row.</summary>
internal sealed record ImportRow(int Line, IReadOnlyDictionary<string, string?> Values)
{
    /// <summary>The text of a column, trimmed; empty when it is null or not there.</summary>
    public string this[string column] => Values.TryGetValue(column, out var value) ? value?.Trim() ?? "" : "";

    public bool IsNull(string column) => !Values.TryGetValue(column, out var value) || value is null;
}
