namespace Tsunagi.Core.Store;

/// <summary>
/// The seam of the database: SQLite on one machine, PostgreSQL on many. One store is one SQLite file with one writer, or one PostgreSQL schema.
/// Reads run beside the writer and see a snapshot. A write runs in BEGIN IMMEDIATE (SQLite) or SERIALIZABLE (PostgreSQL, repeated on 40001), is
/// durable when the task completes, and is given up with <see cref="StoreUnavailableException"/> when the database stays away past the deadline.
/// </summary>
public interface IStore : IAsyncDisposable
{
    SqlDialect Dialect { get; }

    ValueTask<T> ReadAsync<T>(Func<ISqlReader, ValueTask<T>> read, CancellationToken cancellationToken);

    /// <summary>Runs <paramref name="write"/> in a transaction, perhaps more than once. Keep it under 50 ms: there is one writer.</summary>
    ValueTask<T> WriteAsync<T>(Func<ISqlTransaction, ValueTask<T>> write, CancellationToken cancellationToken);

    /// <summary>
    /// Completes when everything committed so far survives a loss of power. At once where each commit already does (SQLite FULL, PostgreSQL); a
    /// checkpoint on SQLite NORMAL. Log segments may go only after it.
    /// </summary>
    ValueTask MakeDurableAsync(CancellationToken cancellationToken);
}
