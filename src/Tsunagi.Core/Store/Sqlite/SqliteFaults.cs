using Microsoft.Data.Sqlite;

namespace Tsunagi.Core.Store.Sqlite;

/// <summary>What SQLite's result codes mean to a caller of the store.</summary>
internal static class SqliteFaults
{
    public const int ReadOnly = 8;
    private const int Busy = 5;
    private const int Locked = 6;
    private const int IoError = 10;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int Constraint = 19;

    public static Exception? Translate(SqliteException fault, string store, string sql) => fault.SqliteErrorCode switch
    {
        Busy or Locked => new StoreUnavailableException($"store {store}: another process kept the database locked past the deadline", fault),
        Full => new StoreUnavailableException($"store {store}: the disk is full; free space and it goes on by itself", fault),
        IoError => new StoreUnavailableException($"store {store}: the disk reported an error: {fault.Message}", fault),
        ReadOnly or CannotOpen => new StoreUnavailableException($"store {store}: the database file cannot be opened for writing: {fault.Message}", fault),
        Constraint => new ConstraintViolationException(Kind(fault.SqliteExtendedErrorCode), $"store {store}: {fault.Message} in {Shorten(sql)}", fault),
        _ => null,
    };

    // Extended codes of https://www.sqlite.org/rescode.html: SQLITE_CONSTRAINT | (n << 8).
    private static ConstraintKind Kind(int extended) => (extended >> 8) switch
    {
        6 or 8 or 10 => ConstraintKind.Unique,
        3 => ConstraintKind.ForeignKey,
        5 => ConstraintKind.NotNull,
        1 => ConstraintKind.Check,
        _ => ConstraintKind.Other,
    };

    private static string Shorten(string sql) => sql.Length <= 200 ? sql : sql[..200] + "…";
}
