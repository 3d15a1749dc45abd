using System.Data.Common;
using System.Runtime.ExceptionServices;

namespace Tsunagi.Core.Store;

/// <summary>
/// Runs statements on one connection: binds parameters, maps rows, keeps prepared commands under their text. Each database derives from it for
/// how a parameter is made and how its faults are named.
/// </summary>
internal abstract class SqlSession(DbConnection connection, DbTransaction? transaction, CancellationToken cancellationToken) : ISqlTransaction
{
    // Texts beyond this number are made anew each time: only a caller that builds SQL by hand gets there.
    private const int MaxKeptCommands = 256;

    private readonly Dictionary<string, DbCommand> _kept = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DbCommand> _prepared = new(StringComparer.Ordinal);
    private readonly List<Action> _committed = [];
    private Exception? _fault;

    public abstract SqlDialect Dialect { get; }

    public async ValueTask<IReadOnlyList<T>> QueryAsync<T>(string sql, object? parameters = null)
    {
        var (command, kept) = Bind(sql, parameters);
        try
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var rows = new List<T>();
            var map = default(Func<DbDataReader, T>);
            while (await reader.ReadAsync(cancellationToken))
            {
                map ??= RowMapper<T>.For(reader);
                rows.Add(map(reader));
            }

            return rows;
        }
        catch (DbException fault) when (Noted(fault, sql) is { } translated)
        {
            throw translated;
        }
        finally
        {
            Release(command, kept);
        }
    }

    public async ValueTask<T?> FirstOrDefaultAsync<T>(string sql, object? parameters = null)
    {
        var (command, kept) = Bind(sql, parameters);
        try
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            return await reader.ReadAsync(cancellationToken) ? RowMapper<T>.For(reader)(reader) : default;
        }
        catch (DbException fault) when (Noted(fault, sql) is { } translated)
        {
            throw translated;
        }
        finally
        {
            Release(command, kept);
        }
    }

    public async ValueTask<int> ExecuteAsync(string sql, object? parameters = null)
    {
        var (command, kept) = Bind(sql, parameters);
        try
        {
            return await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (DbException fault) when (Noted(fault, sql) is { } translated)
        {
            throw translated;
        }
        finally
        {
            Release(command, kept);
        }
    }

    public DbCommand Prepare(string sql, Action<DbCommand> addParameters)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = NewCommand(sql);
            addParameters(command);
            foreach (DbParameter parameter in command.Parameters)
            {
                // SQLite looks a name without its sign up under every sign there is, at each execution.
                parameter.ParameterName = parameter.ParameterName.StartsWith('@') ? parameter.ParameterName : "@" + parameter.ParameterName;
            }

            _prepared.Add(sql, command);
        }

        return command;
    }

    public async ValueTask<IReadOnlyList<long>> WriteRowsAsync(RowStatement statement, IReadOnlyList<object?[]> rows)
    {
        if (rows.Count == 0)
        {
            return [];
        }

        try
        {
            return await RunRowsAsync(statement, rows, cancellationToken);
        }
        catch (DbException fault)
        {
            if (Noted(fault, statement.Sqlite) is { } translated)
            {
                throw translated;
            }

            throw;
        }
    }

    public void OnCommitted(Action act) => _committed.Add(act);

    /// <summary>What is to run after the commit; the list is empty afterwards.</summary>
    public Action[] TakeCommitted()
    {
        if (_committed.Count == 0)
        {
            return [];
        }

        Action[] acts = [.. _committed];
        _committed.Clear();
        return acts;
    }

    public void ForgetFault() => _fault = null;

    /// <summary>A write whose statement failed is lost even when the caller swallowed the fault.</summary>
    public void ThrowIfFaulted()
    {
        if (_fault is { } fault)
        {
            ExceptionDispatchInfo.Throw(fault);
        }
    }

    public void DisposeCommands()
    {
        foreach (var command in _kept.Values.Concat(_prepared.Values))
        {
            command.Dispose();
        }

        _kept.Clear();
        _prepared.Clear();
    }

    /// <summary>The exception of the seam for a fault of the database, or null to let the fault through as it is.</summary>
    protected abstract Exception? Translate(DbException fault, string sql);

    /// <summary>Sets a parameter's type and value; <paramref name="type"/> is long, string, double, byte[] or object.</summary>
    protected abstract void SetValue(DbParameter parameter, Type type, object? value);

    protected abstract ValueTask<IReadOnlyList<long>> RunRowsAsync(RowStatement statement, IReadOnlyList<object?[]> rows, CancellationToken cancellationToken);

    private Exception? Noted(DbException fault, string sql)
    {
        var translated = Translate(fault, sql);
        _fault ??= translated ?? fault;
        return translated;
    }

    private (DbCommand Command, bool Kept) Bind(string sql, object? parameters)
    {
        var values = ParameterSet.From(parameters);
        if (values.Exists(static value => value.Value is SqlParameterValue[]))
        {
            var expanded = NewCommand(ListParameters.Expand(sql, values));
            BindValues(expanded, values);
            return (expanded, false);
        }

        if (!_kept.TryGetValue(sql, out var command))
        {
            command = NewCommand(sql);
            if (_kept.Count < MaxKeptCommands)
            {
                _kept.Add(sql, command);
                BindValues(command, values);
                return (command, true);
            }

            BindValues(command, values);
            return (command, false);
        }

        BindValues(command, values);
        return (command, true);
    }

    private void BindValues(DbCommand command, List<SqlParameterValue> values)
    {
        // The same text nearly always comes with the same properties in the same order: then the parameters are only refilled.
        var fits = command.Parameters.Count == values.Count;
        for (var i = 0; fits && i < values.Count; i++)
        {
            fits = command.Parameters[i].ParameterName.AsSpan(1).SequenceEqual(values[i].Name);
        }

        if (!fits)
        {
            command.Parameters.Clear();
            foreach (var value in values)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = "@" + value.Name;
                command.Parameters.Add(parameter);
            }
        }

        for (var i = 0; i < values.Count; i++)
        {
            SetValue(command.Parameters[i], values[i].Type, values[i].Value);
        }
    }

    private DbCommand NewCommand(string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        return command;
    }

    private static void Release(DbCommand command, bool kept)
    {
        if (!kept)
        {
            command.Dispose();
        }
    }
}
