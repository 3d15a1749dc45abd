using System.Data;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Tsunagi.Core.Store.Postgres;

/// <summary>
/// A store in one schema of a PostgreSQL database. Writes are SERIALIZABLE and run again on a conflict; reads are REPEATABLE READ, READ ONLY. A
/// connection lost before the commit is replaced and the work run again; one lost during the commit is settled by asking the server what became
/// of that transaction, so nothing is done twice. All of it ends at the deadline.
/// </summary>
public sealed partial class PostgresStore : IStore
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(400);

    private readonly PostgresStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly NpgsqlDataSource _writers;
    private readonly NpgsqlDataSource _readers;
    private readonly PostgresHints _hints;

    private PostgresStore(PostgresStoreOptions options, TimeProvider time, ILogger logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _writers = Source(options, readOnly: false);
        _readers = Source(options, readOnly: true);
        _hints = new PostgresHints(_writers, options, time, logger);
    }

    public SqlDialect Dialect => SqlDialect.Postgres;

    public IStoreHints Hints => _hints;

    /// <summary>Connects, and makes the schema when it is absent.</summary>
    /// <exception cref="StoreUnavailableException">The server did not answer within the deadline, or refuses this user or database.</exception>
    /// <exception cref="InvalidDataException">The connection string is not one.</exception>
    public static async ValueTask<PostgresStore> OpenAsync(
        PostgresStoreOptions options, TimeProvider time, ILogger<PostgresStore> logger, CancellationToken cancellationToken)
    {
        if (options.Schema.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789_"))
        {
            throw new ArgumentException($"schema \"{options.Schema}\": lower-case letters, digits and underscores only", nameof(options));
        }

        PostgresStore store;
        try
        {
            store = new PostgresStore(options, time, logger);
        }
        catch (ArgumentException wrong)
        {
            throw new InvalidDataException($"store.connection: {wrong.Message}", wrong);
        }

        try
        {
            await store.PrepareAsync(cancellationToken);
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    public ValueTask<T> ReadAsync<T>(Func<ISqlReader, ValueTask<T>> read, CancellationToken cancellationToken) =>
        UntilDeadlineAsync(token => ReadOnceAsync(read, token), cancellationToken);

    public ValueTask<T> WriteAsync<T>(Func<ISqlTransaction, ValueTask<T>> write, CancellationToken cancellationToken) =>
        WriteAsync(write, IsolationLevel.Serializable, cancellationToken);

    /// <summary>For work that guards itself by row locks, where SERIALIZABLE would only cost repeats (the queue).</summary>
    internal ValueTask<T> WriteAsync<T>(Func<ISqlTransaction, ValueTask<T>> write, IsolationLevel isolation, CancellationToken cancellationToken) =>
        UntilDeadlineAsync(token => WriteOnceAsync(write, isolation, token), cancellationToken);

    /// <summary>A commit of PostgreSQL is durable when it is told (the server's synchronous_commit is checked at the start).</summary>
    public ValueTask MakeDurableAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _hints.DisposeAsync();
        await _readers.DisposeAsync();
        await _writers.DisposeAsync();
    }

    private static NpgsqlDataSource Source(PostgresStoreOptions options, bool readOnly)
    {
        var text = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            SearchPath = options.Schema,
            // Two more to tell and hear hints.
            MaxPoolSize = options.Connections + 2,
            MaxAutoPrepare = 200,
            AutoPrepareMinUsages = 3,
            Timeout = Math.Clamp((int)options.Deadline.TotalSeconds, 1, 1024),
            CommandTimeout = (int)options.StatementTimeout.TotalSeconds + 2,
            KeepAlive = 10,
            ApplicationName = "tsunagi " + options.Schema,
            IncludeErrorDetail = false,
        };

        // Who is silent inside a transaction for as long as its caller would wait at all (a node that was stopped) must not keep its locks from the others.
        text.Options = $"{text.Options} -c statement_timeout={(long)options.StatementTimeout.TotalMilliseconds}"
            + $" -c idle_in_transaction_session_timeout={(long)options.Deadline.TotalMilliseconds}"
            + $" -c default_transaction_read_only={(readOnly ? "on" : "off")}";
        return NpgsqlDataSource.Create(text);
    }

    private async ValueTask PrepareAsync(CancellationToken cancellationToken)
    {
        try
        {
            await MakeSchemaAsync(cancellationToken);
        }
        catch (Exception race) when (race is ConstraintViolationException or PostgresException { SqlState: PostgresErrorCodes.DuplicateSchema })
        {
            // Another node made it at the same moment.
            await MakeSchemaAsync(cancellationToken);
        }

        var durability = await ReadAsync(
            reader => reader.FirstOrDefaultAsync<string>("SELECT current_setting('fsync') || '/' || current_setting('synchronous_commit')"), cancellationToken);
        if (durability is not null && (durability.StartsWith("off/", StringComparison.Ordinal) || durability.EndsWith("/off", StringComparison.Ordinal)))
        {
            LogNotDurable(_options.Schema, durability);
        }
    }

    private ValueTask<int> MakeSchemaAsync(CancellationToken cancellationToken) =>
        WriteAsync(
            async transaction => await transaction.FirstOrDefaultAsync<bool>("SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = @Schema)", new { _options.Schema })
                ? 0
                : await transaction.ExecuteAsync($"CREATE SCHEMA IF NOT EXISTS \"{_options.Schema}\""),
            cancellationToken);

    private async ValueTask<T> ReadOnceAsync<T>(Func<ISqlReader, ValueTask<T>> read, CancellationToken cancellationToken)
    {
        await using var connection = await _readers.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var session = new PostgresSession(_options.Schema, connection, transaction, writes: false, cancellationToken);
        var result = await read(session);
        session.ThrowIfFaulted();
        return result;
    }

    private async ValueTask<T> WriteOnceAsync<T>(Func<ISqlTransaction, ValueTask<T>> write, IsolationLevel isolation, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        await using var connection = await _writers.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(isolation, cancellationToken);
        var session = new PostgresSession(_options.Schema, connection, transaction, writes: true, cancellationToken);
        var result = await write(session);
        session.ThrowIfFaulted();

        // Also fails when a prepared command failed and the caller went on: a COMMIT would then quietly roll back.
        var id = await session.FirstOrDefaultAsync<string>("SELECT pg_current_xact_id_if_assigned()::text");
        try
        {
            await transaction.CommitAsync(CancellationToken.None);
        }
        catch (Exception fault) when (id is not null && PostgresFaults.IsLost(fault))
        {
            LogCommitLost(_options.Schema, id, fault);
            if (!await WasCommittedAsync(id, cancellationToken))
            {
                throw;
            }
        }

        StoreMeters.Committed(_options.Schema, 1, _time.GetElapsedTime(started));
        RunCommitted(session);
        return result;
    }

    /// <summary>Asks on a new connection what became of a transaction whose COMMIT was sent and not answered.</summary>
    private async ValueTask<bool> WasCommittedAsync(string transactionId, CancellationToken cancellationToken)
    {
        for (var pause = FirstPause; ; pause = Longer(pause))
        {
            try
            {
                var status = await ReadOnceAsync(
                    reader => reader.FirstOrDefaultAsync<string>("SELECT pg_xact_status(@Id::text::xid8)", new { Id = transactionId }), cancellationToken);
                if (status != "in progress")
                {
                    return status == "committed";
                }
            }
            catch (OperationCanceledException cancelled)
            {
                throw new StoreUnavailableException($"store {_options.Schema}: the connection was lost during a commit; whether it was kept is not known", cancelled);
            }
            catch (Exception fault) when (PostgresFaults.IsLost(fault))
            {
                LogRepeat(_options.Schema, fault.Message);
            }

            await PauseAsync(pause, cancellationToken);
        }
    }

    private void RunCommitted(PostgresSession session)
    {
        foreach (var act in session.TakeCommitted())
        {
            try
            {
                act();
            }
            catch (Exception fault)
            {
                LogActFailed(_options.Schema, fault);
            }
        }
    }

    [LoggerMessage(112, LogLevel.Error, "store {Store}: what was to run after a commit failed")]
    private partial void LogActFailed(string store, Exception fault);

    [LoggerMessage(113, LogLevel.Warning, "store {Store}: the connection was lost while transaction {Id} committed, asking what became of it")]
    private partial void LogCommitLost(string store, string id, Exception fault);

    [LoggerMessage(114, LogLevel.Debug, "store {Store}: running again: {Reason}")]
    private partial void LogRepeat(string store, string reason);

    [LoggerMessage(115, LogLevel.Warning, "store {Store}: the server runs with fsync/synchronous_commit {Durability}: commits may be lost with its power")]
    private partial void LogNotDurable(string store, string durability);
}
