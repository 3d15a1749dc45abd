using System.Globalization;

namespace Tsunagi.Ui.Format;

/// <summary>Numbers in the query of a page. Pages take them as texts: the framework breaks on one that is no number, and a mistyped address should show the page.</summary>
public static class QueryNumber
{
    /// <summary>Null when there is none, or something else.</summary>
    public static int? Of(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
