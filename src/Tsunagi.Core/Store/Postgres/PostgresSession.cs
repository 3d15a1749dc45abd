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

    // One array for each column; the driver keeps the statement prepared under its text.
    protected override async ValueTask<IReadOnlyList<long>> RunRowsAsync(RowStatement statement, IReadOnlyList<object?[]> rows, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = statement.Postgres;
        command.Transaction = transaction;
        for (var i = 0; i < statement.Columns.Count; i++)
        {
            command.Parameters.Add(statement.Columns[i].IsNumber
                ? new NpgsqlParameter<long?[]> { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint, TypedValue = Column(rows, i, static value => (long?)value) }
                : new NpgsqlParameter<string?[]> { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text, TypedValue = Column(rows, i, static value => (string?)value) });
        }

        if (!statement.Returns)
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
            return [];
        }

        var written = new List<long>(rows.Count);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            written.Add(reader.GetInt64(0));
        }

        return written;
    }

    private static T[] Column<T>(IReadOnlyList<object?[]> rows, int column, Func<object?, T> read)
    {
        var values = new T[rows.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = read(rows[i][column]);
        }

        return values;
    }

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
