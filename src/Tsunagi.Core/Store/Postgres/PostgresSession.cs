using System.Data.Common;
using Npgsql;
using NpgsqlTypes;

namespace Tsunagi.Core.Store.Postgres;

/// <summary>One transaction on one connection. Statements are prepared by the driver under their text.</summary>
internal sealed class PostgresSession(
    string store, NpgsqlConnection connection, NpgsqlTransaction transaction, bool writes, CancellationToken cancellationToken)
    : SqlSession(connection, transaction, cancellationToken)
{
    public override SqlDialect Dialect => SqlDialect.Postgres;

    // A writer that finds its server read-only waits for the failover to end; a reader that writes is a mistake of ours.
    protected override Exception? Translate(DbException fault, string sql) =>
        !writes && fault is PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction }
            ? new InvalidOperationException($"store {store}: a read tried to write: {sql}", fault)
            : PostgresFaults.Translate(fault, store, sql);

    protected override void SetValue(DbParameter parameter, Type type, object? value)
    {
        // A stated type lets a null stand anywhere: the server need not guess what "@x IS NULL" compares.
        if (parameter is NpgsqlParameter own && type != typeof(object))
        {
            own.NpgsqlDbType = type == typeof(long) ? NpgsqlDbType.Bigint
                : type == typeof(string) ? NpgsqlDbType.Text
                : type == typeof(double) ? NpgsqlDbType.Double
                : NpgsqlDbType.Bytea;
        }

        parameter.Value = value ?? DBNull.Value;
    }
}
