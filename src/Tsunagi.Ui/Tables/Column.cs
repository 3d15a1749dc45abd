using Microsoft.AspNetCore.Components;
using Tsunagi.Core.Modules;
using Tsunagi.Ui.Layout;

namespace Tsunagi.Ui.Tables;

/// <summary>One column of a <see cref="Table{TRow}"/>.</summary>
/// <param name="Key">Name in the sort parameter and head of the CSV column.</param>
/// <param name="Text">The plain value: what the CSV holds, and the cell when <paramref name="Cell"/> is null.</param>
/// <param name="Cell">How the cell looks.</param>
public sealed record Column<TRow>(string Key, LocalizedText Title, Func<TRow, string?> Text, Func<TRow, ConsoleView, RenderFragment>? Cell = null)
{
    public bool Sortable { get; init; }

    public ColumnAlign Align { get; init; }

    /// <summary>Left out on a phone.</summary>
    public bool Minor { get; init; }

    /// <summary>Takes the width that is left; long text is cut with an ellipsis.</summary>
    public bool Grows { get; init; }
}

public enum ColumnAlign
{
    Start,
    End,
}
