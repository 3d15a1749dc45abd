using System.Text.RegularExpressions;

namespace Tsunagi.Core.Store;

/// <summary>
/// Turns the shared text of a schema step into one database's. On PostgreSQL, INTEGER becomes BIGINT, REAL becomes DOUBLE PRECISION, BLOB becomes
/// BYTEA, and every TEXT column gets byte order (COLLATE "C"), so that both databases sort alike and COLLATE_BINARY is already true.
/// </summary>
internal static partial class SchemaText
{
    public static string For(string sql, SqlDialect dialect) =>
        dialect == SqlDialect.Sqlite
            ? sql.Replace("COLLATE_BINARY", "COLLATE BINARY", StringComparison.Ordinal)
            : Words().Replace(sql, static word => word.Value.ToUpperInvariant() switch
            {
                "INTEGER" => "BIGINT",
                "TEXT" => "TEXT COLLATE \"C\"",
                "REAL" => "DOUBLE PRECISION",
                "BLOB" => "BYTEA",
                "COLLATE_BINARY" or "WITHOUT ROWID" => "",
                _ => word.Value,
            });

    // Literals, quoted names and comments stay as they are; a cast may not carry a collation.
    [GeneratedRegex(
        """'(?:[^']|'')*'|"[^"]*"|--[^\n]*|\bINTEGER\b|(?<!\bAS\s+)\bTEXT\b|\bREAL\b|\bBLOB\b|\bCOLLATE_BINARY\b|\bWITHOUT ROWID\b""",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Words();
}
