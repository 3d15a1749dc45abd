using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Api;

/// <summary>Which part of a list: a handler takes it as <c>[AsParameters] PageRequest page</c>.</summary>
public sealed record PageRequest(
    [property: Range(1, PageRequest.MaxLimit), Description("How many entries, 1 to 200; 50 without it.")] int? Limit,
    [property: MaxLength(400), Description("The cursor \"next\" of the page before.")] string? Cursor)
{
    public const int MaxLimit = 200;

    /// <summary>Rows of the page; query one more.</summary>
    public int Size => Limit ?? 50;

    /// <summary>The position after which the page begins, or <paramref name="start"/>. A refusal when the cursor is not one of this list.</summary>
    public Refusal? After(string list, string start, out string position)
    {
        position = start;
        return Cursor is null || Api.Cursor.TryRead(list, Cursor, out position!) ? null : Unreadable();
    }

    /// <summary>As above, for lists ordered by a number.</summary>
    public Refusal? After(string list, long start, out long position)
    {
        position = start;
        return Cursor is null || (Api.Cursor.TryRead(list, Cursor, out var text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out position))
            ? null
            : Unreadable();
    }

    private static Refusal Unreadable() => Refusal.Invalid("cursor.unreadable", "cursor", "this is no cursor of this list", "the member \"next\" of the page before, unchanged");
}
