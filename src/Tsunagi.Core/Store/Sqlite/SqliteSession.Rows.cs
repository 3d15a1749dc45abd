using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Tsunagi.Core.Store.Sqlite;

/// <summary>Statements for many rows, by SQLite's own interface: values are bound by their place, where the driver looks each up by its name.</summary>
internal sealed partial class SqliteSession
{
    private readonly Dictionary<RowStatement, sqlite3_stmt> _rows = [];
    private byte[] _text = new byte[1 << 10];

    protected override ValueTask<IReadOnlyList<long>> RunRowsAsync(RowStatement statement, IReadOnlyList<object?[]> rows, CancellationToken cancellationToken)
    {
        var prepared = Prepared(statement);
        var written = statement.Returns ? new List<long>(rows.Count) : [];
        try
        {
            foreach (var row in rows)
            {
                Bind(prepared, row);
                Run(prepared, written);
            }
        }
        finally
        {
            // What its last row failed with is told already.
            _ = raw.sqlite3_reset(prepared);
            _ = raw.sqlite3_clear_bindings(prepared);
        }

        return new(written);
    }

    private sqlite3_stmt Prepared(RowStatement statement)
    {
        if (!_rows.TryGetValue(statement, out var prepared))
        {
            Check(raw.sqlite3_prepare_v3(_connection.Handle, statement.Sqlite, raw.SQLITE_PREPARE_PERSISTENT, out prepared));
            _rows.Add(statement, prepared);
        }

        return prepared;
    }

    private void Bind(sqlite3_stmt statement, object?[] row)
    {
        for (var i = 0; i < row.Length; i++)
        {
            Check(row[i] switch
            {
                null => raw.sqlite3_bind_null(statement, i + 1),
                long number => raw.sqlite3_bind_int64(statement, i + 1, number),
                string { Length: 0 } => raw.sqlite3_bind_text(statement, i + 1, ""), // An empty span has no address, and would be NULL.
                string text => raw.sqlite3_bind_text(statement, i + 1, Utf8(text)),
                var other => throw new ArgumentException($"a row has a {other.GetType().Name} in column {i}: whole numbers are int64, the rest is text", nameof(row)),
            });
        }
    }

    // SQLite copies it.
    private ReadOnlySpan<byte> Utf8(string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (_text.Length < most)
        {
            _text = new byte[most];
        }

        return _text.AsSpan(0, Encoding.UTF8.GetBytes(text, _text));
    }

    private void Run(sqlite3_stmt statement, List<long> written)
    {
        int result;
        while ((result = raw.sqlite3_step(statement)) == raw.SQLITE_ROW)
        {
            written.Add(raw.sqlite3_column_int64(statement, 0));
        }

        if (result != raw.SQLITE_DONE)
        {
            // The connection's error is the step's own until the reset.
            SqliteException.ThrowExceptionForRC(result, _connection.Handle);
        }

        Check(raw.sqlite3_reset(statement));
    }

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _connection.Handle);

    private void DisposeRowStatements()
    {
        foreach (var statement in _rows.Values)
        {
            statement.Dispose();
        }

        _rows.Clear();
    }
}
