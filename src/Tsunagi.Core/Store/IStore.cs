namespace Tsunagi.Core.Store;

/// <summary>
/// The seam of the database: SQLite on one machine, PostgreSQL on many. One store is one SQLite file with one writer, or one PostgreSQL schema.
/// Reads run beside the writer and see a snapshot. A write runs in BEGIN IMMEDIATE (SQLite) or SERIALIZABLE (PostgreSQL, repeated on 40001), is
/// durable when the task completes, and is given up with <see cref="StoreUnavailableException"/> when the database stays away past the deadline.
/// </summary>
/// <remarks>
/// A store opened with <c>synchronous=NORMAL</c> (the projections on SQLite) keeps a completed write over a kill of the process but may lose the
/// newest ones at power loss, never the middle ones; <see cref="MakeDurableAsync"/> draws the line.
/// </remarks>
public interface IStore : IAsyncDisposable
{
    SqlDialect Dialect { get; }

    /// <summary>Hints that something changed, so that a poller need not wait for its next round. Polling is the truth.</summary>
    IStoreHints Hints { get; }

    ValueTask<T> ReadAsync<T>(Func<ISqlReader, ValueTask<T>> read, CancellationToken cancellationToken);

    /// <summary>Runs <paramref name="write"/> in a transaction, perhaps more than once. Keep it under 50 ms: there is one writer.</summary>
    /// <remarks>Never call a store's WriteAsync from inside a write of the same store: it would wait for itself (refused on SQLite).</remarks>
    ValueTask<T> WriteAsync<T>(Func<ISqlTransaction, ValueTask<T>> write, CancellationToken cancellationToken);

    /// <summary>
    /// Completes when every write that completed before the call survives power loss. A log may drop what was projected only after this.
    /// Costs one fsync on a <c>synchronous=NORMAL</c> SQLite file, nothing elsewhere.
    /// </summary>
    ValueTask MakeDurableAsync(CancellationToken cancellationToken);
}
