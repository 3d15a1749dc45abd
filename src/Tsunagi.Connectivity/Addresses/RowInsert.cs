using System.Data;
using System.Data.Common;
using System.Globalization;
using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>
/// Inserts many rows by few statements: sixteen a statement, what is left one by one. Both texts are prepared once a connection, and a database that is asked over a network is asked
/// a sixteenth as often. Rows that are there already are left out.
/// </summary>
internal sealed class RowInsert
{
    private const int Together = 16;

    private readonly IReadOnlyList<(string Name, DbType Type)> _columns;
    private readonly string _one;
    private readonly string _many;

    /// <param name="returning">A column of whole numbers that tells which rows were written.</param>
    public RowInsert(string table, IReadOnlyList<(string Name, DbType Type)> columns, string returning)
    {
        _columns = columns;
        _one = Text(table, columns, returning, 1);
        _many = Text(table, columns, returning, Together);
    }

    /// <summary>Writes the rows; each has a value for each column.</summary>
    /// <returns>What the written ones have in the returned column.</returns>
    public async ValueTask<IReadOnlyList<long>> WriteAsync(ISqlTransaction transaction, IReadOnlyList<object[]> rows)
    {
        var written = new List<long>(rows.Count);
        for (var at = 0; at < rows.Count;)
        {
            var count = rows.Count - at >= Together ? Together : 1;
            var command = transaction.Prepare(count == Together ? _many : _one, command => AddParameters(command, count));
            for (var i = 0; i < count; i++)
            {
                for (var column = 0; column < _columns.Count; column++)
                {
                    command.Parameters[(i * _columns.Count) + column].Value = rows[at + i][column];
                }
            }

            await using (var reader = await command.ExecuteReaderAsync(CancellationToken.None))
            {
                while (await reader.ReadAsync(CancellationToken.None))
                {
                    written.Add(reader.GetInt64(0));
                }
            }

            at += count;
        }

        return written;
    }

    private static string Text(string table, IReadOnlyList<(string Name, DbType Type)> columns, string returning, int rows)
    {
        var values = Enumerable.Range(0, rows).Select(row => $"({string.Join(", ", Enumerable.Range(0, columns.Count).Select(column => "@" + NameOf(row, column)))})");
        return $"INSERT INTO {table} ({string.Join(", ", columns.Select(static column => column.Name))}) VALUES {string.Join(", ", values)} ON CONFLICT DO NOTHING RETURNING {returning}";
    }

    private static string NameOf(int row, int column) => string.Create(CultureInfo.InvariantCulture, $"v{row}_{column}");

    private void AddParameters(DbCommand command, int rows)
    {
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < _columns.Count; column++)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = NameOf(row, column);
                parameter.DbType = _columns[column].Type;
                command.Parameters.Add(parameter);
            }
        }
    }
}
