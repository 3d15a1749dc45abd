using Tsunagi.Core.Store;

namespace Tsunagi.Tests.BackOffice.Ledger;

/// <summary>A real store whose next transactions are lost at their end to another that wrote the same key, as PostgreSQL tells it.</summary>
internal sealed class RacingStore(IStore store) : IStore
{
    /// <summary>How many are still lost.</summary>
    public int Races { get; set; }

    /// <summary>Transactions that wrote something, or wanted to.</summary>
    public int Writes { get; set; }

    public SqlDialect Dialect => store.Dialect;

    public IStoreHints Hints => store.Hints;

    public ValueTask<T> ReadAsync<T>(Func<ISqlReader, ValueTask<T>> read, CancellationToken cancellationToken) => store.ReadAsync(read, cancellationToken);

    public ValueTask<T> WriteAsync<T>(Func<ISqlTransaction, ValueTask<T>> write, CancellationToken cancellationToken)
    {
        Writes++;
        return Races == 0 ? store.WriteAsync(write, cancellationToken) : store.WriteAsync(
            async transaction =>
            {
                await write(transaction);
                Races--;
                return await LostAsync<T>();
            },
            cancellationToken);
    }

    public ValueTask MakeDurableAsync(CancellationToken cancellationToken) => store.MakeDurableAsync(cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static ValueTask<T> LostAsync<T>() => throw new ConstraintViolationException(ConstraintKind.Unique, "the test lets another be first", new InvalidOperationException("a test"));
}
