namespace Tsunagi.Core.Api;

/// <summary>A part of a list. <paramref name="Next"/> is the cursor of the part that follows, absent at the end.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Makes pages of query results.</summary>
public static class Page
{
    /// <summary>
    /// A page of at most <paramref name="size"/> rows. Query one row more than that: it is not shown, it tells that there is a next page.
    /// </summary>
    /// <param name="list">Names the list and its order ("audit"); a cursor of another list is refused.</param>
    /// <param name="position">Where a row stands in the order.</param>
    public static Page<T> Of<T>(IReadOnlyList<T> rows, int size, string list, Func<T, string> position) =>
        rows.Count <= size
            ? new Page<T>(rows, null)
            : new Page<T>([.. rows.Take(size)], Cursor.Write(list, position(rows[size - 1])));
}
