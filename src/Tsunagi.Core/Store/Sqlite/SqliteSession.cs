using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Tsunagi.Core.Store.Sqlite;

/// <summary>One connection to a SQLite file, with its statements kept prepared. Used by one caller at a time.</summary>
internal sealed partial class SqliteSession : SqlSession, IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly string _store;

    private readonly bool _writes;

    private SqliteSession(SqliteConnection connection, string store, bool writes)
        : base(connection, null, CancellationToken.None)
    {
        _connection = connection;
        _store = store;
        _writes = writes;
    }

    public override SqlDialect Dialect => SqlDialect.Sqlite;

    /// <summary>True while a transaction is open. SQLite ends one by itself on some faults (disk full, I/O error).</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(_connection.Handle) == 0;

    public static SqliteSession Open(SqliteStoreOptions options, bool writes)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = options.Path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            // SQLite itself waits for a lock (busy_timeout below); the driver's own repeat loop is only its last round.
            DefaultTimeout = 1,
        }.ToString());
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"""
                PRAGMA busy_timeout = {(long)options.Deadline.TotalMilliseconds};
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = {(options.Full ? "FULL" : "NORMAL")};
                PRAGMA foreign_keys = ON;
                PRAGMA temp_store = MEMORY;
                PRAGMA cache_size = -16384;
                PRAGMA journal_size_limit = 67108864;
                PRAGMA query_only = {(writes ? "OFF" : "ON")};
                """;
            command.ExecuteNonQuery();
            return new SqliteSession(connection, options.Name, writes);
        }
        catch (SqliteException fault)
        {
            connection.Dispose();
            throw SqliteFaults.Translate(fault, options.Name, "opening " + options.Path) ?? fault;
        }
    }

    /// <summary>Runs a statement of the store's own (BEGIN, SAVEPOINT, COMMIT).</summary>
    public void Run(string sql)
    {
        var command = Prepare(sql, static _ => { });
        try
        {
            command.ExecuteNonQuery();
        }
        catch (SqliteException fault) when (Translate(fault, sql) is { } translated)
        {
            throw translated;
        }
    }

    public void RollBackIfOpen()
    {
        if (InTransaction)
        {
            Run("ROLLBACK");
        }
    }

    public void Dispose()
    {
        DisposeCommands();
        DisposeRowStatements();
        _connection.Dispose();
    }

    protected override Exception? Translate(DbException fault, string sql) => fault switch
    {
        SqliteException { SqliteErrorCode: SqliteFaults.ReadOnly } when !_writes => new InvalidOperationException($"store {_store}: a read tried to write: {sql}", fault),
        SqliteException own => SqliteFaults.Translate(own, _store, sql),
        _ => null,
    };

    protected override void SetValue(DbParameter parameter, Type type, object? value) => parameter.Value = value ?? DBNull.Value;
}
