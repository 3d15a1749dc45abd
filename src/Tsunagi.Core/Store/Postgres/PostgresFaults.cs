using System.Data.Common;
using Npgsql;

namespace Tsunagi.Core.Store.Postgres;

/// <summary>What PostgreSQL's SQLSTATEs and broken connections mean to a store.</summary>
internal static class PostgresFaults
{
    /// <summary>The transaction met another one and may simply run again.</summary>
    public static bool IsConflict(Exception fault) =>
        fault is PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected };

    /// <summary>The server went away, is starting, or has no room for a connection: another connection may do better.</summary>
    public static bool IsLost(Exception fault) => fault switch
    {
        PostgresException postgres => postgres.SqlState switch
        {
            PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow
                or PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.ReadOnlySqlTransaction => true,
            var state => state.StartsWith("08", StringComparison.Ordinal),
        },
        // Two commands at once on one connection is our own mistake.
        NpgsqlException => fault is not NpgsqlOperationInProgressException,
        _ => false,
    };

    /// <summary>The exception of the seam for what running again does not mend, or null.</summary>
    public static Exception? Translate(DbException fault, string store, string sql) => fault switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DiskFull or PostgresErrorCodes.OutOfMemory or PostgresErrorCodes.IoError } full =>
            new StoreUnavailableException($"store {store}: the database server is out of room or has a disk error: {full.MessageText}", full),
        PostgresException { SqlState: PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable } slow =>
            new StoreUnavailableException($"store {store}: the statement ran past its time limit: {Shorten(sql)}", slow),
        PostgresException postgres when postgres.SqlState.StartsWith("23", StringComparison.Ordinal) =>
            new ConstraintViolationException(Kind(postgres.SqlState), $"store {store}: {postgres.MessageText} in {Shorten(sql)}", postgres),
        _ => null,
    };

    private static ConstraintKind Kind(string state) => state switch
    {
        PostgresErrorCodes.UniqueViolation => ConstraintKind.Unique,
        PostgresErrorCodes.ForeignKeyViolation => ConstraintKind.ForeignKey,
        PostgresErrorCodes.NotNullViolation => ConstraintKind.NotNull,
        PostgresErrorCodes.CheckViolation => ConstraintKind.Check,
        _ => ConstraintKind.Other,
    };

    private static string Shorten(string sql) => sql.Length <= 200 ? sql : sql[..200] + "…";
}
