using System.Globalization;

namespace Tsunagi.Core.Store;

/// <summary>A column of a <see cref="RowStatement"/>.</summary>
/// <param name="IsNumber">True for whole numbers (<see cref="long"/>), false for text; either may be null.</param>
public readonly record struct RowColumn(string Name, bool IsNumber)
{
    public static RowColumn Text(string name) => new(name, IsNumber: false);

    public static RowColumn Number(string name) => new(name, IsNumber: true);
}

/// <summary>
/// One statement for many rows, of which only the values differ: made once, kept by its owner in a static field. SQLite runs it for each row with the values bound by their place; PostgreSQL is given
/// all rows at once, one array for each column. Names are the caller's own, never input.
/// </summary>
public sealed class RowStatement
{
    private const string Given = "given";

    private RowStatement(IReadOnlyList<RowColumn> columns, string sqlite, string postgres, bool returns) => (Columns, Sqlite, Postgres, Returns) = (columns, sqlite, postgres, returns);

    /// <summary>What each row has, in this order.</summary>
    public IReadOnlyList<RowColumn> Columns { get; }

    internal string Sqlite { get; }

    internal string Postgres { get; }

    /// <summary>Whether it tells a whole number for each row it wrote.</summary>
    internal bool Returns { get; }

    /// <summary>An INSERT.</summary>
    /// <param name="behind">What follows the values: "ON CONFLICT …". No two rows of one call may conflict with each other where it updates.</param>
    /// <param name="returning">A column of whole numbers that tells which rows were written; empty for none.</param>
    public static RowStatement Insert(string table, IReadOnlyList<RowColumn> columns, string behind = "", string returning = "")
    {
        var into = $"INSERT INTO {table} ({string.Join(", ", columns.Select(static column => column.Name))})";
        var end = (behind.Length > 0 ? " " + behind : "") + (returning.Length > 0 ? " RETURNING " + returning : "");
        return new RowStatement(columns, $"{into} VALUES ({string.Join(", ", Places(columns))}){end}", $"{into} SELECT * FROM {Unnest(columns)}{end}", returning.Length > 0);
    }

    /// <summary>An UPDATE whose texts speak of the row's values as <c>given.column</c>.</summary>
    /// <param name="set">"to_at = given.until".</param>
    /// <param name="where">"id = given.id"; no row of the table may meet two of one call.</param>
    public static RowStatement Update(string table, IReadOnlyList<RowColumn> columns, string set, string where)
    {
        var one = string.Join(", ", columns.Zip(Places(columns), static (column, place) => $"{place} AS {column.Name}"));
        return new RowStatement(
            columns, $"UPDATE {table} SET {set} FROM (SELECT {one}) AS {Given} WHERE {where}",
            $"UPDATE {table} SET {set} FROM {Unnest(columns)} AS {Given} ({string.Join(", ", columns.Select(static column => column.Name))}) WHERE {where}", returns: false);
    }

    private static IEnumerable<string> Places(IReadOnlyList<RowColumn> columns) => Enumerable.Range(1, columns.Count).Select(static place => "?" + place.ToString(CultureInfo.InvariantCulture));

    private static string Unnest(IReadOnlyList<RowColumn> columns) =>
        $"unnest({string.Join(", ", columns.Select(static (column, i) => string.Create(CultureInfo.InvariantCulture, $"${i + 1}::{(column.IsNumber ? "bigint" : "text")}[]")))})";
}
