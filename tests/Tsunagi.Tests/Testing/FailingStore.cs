using Tsunagi.Core.Store;

namespace Tsunagi.Tests.Testing;

/// <summary>A real store that the test can take away, for writes or for what comes after the next ones.</summary>
internal sealed class FailingStore(IStore store) : IStore
{
    public bool WritesFail { get; set; }

    /// <summary>Writes that still succeed before all others fail; null for no limit.</summary>
    public int? WritesLeft { get; set; }

    public SqlDialect Dialect => store.Dialect;

    public IStoreHints Hints => store.Hints;

    public ValueTask<T> ReadAsync<T>(Func<ISqlReader, ValueTask<T>> read, CancellationToken cancellationToken) => store.ReadAsync(read, cancellationToken);

    public ValueTask<T> WriteAsync<T>(Func<ISqlTransaction, ValueTask<T>> write, CancellationToken cancellationToken)
    {
        if (WritesFail || WritesLeft == 0)
        {
            throw new StoreUnavailableException("the test took the store away");
        }

        WritesLeft--;
        return store.WriteAsync(write, cancellationToken);
    }

    public ValueTask MakeDurableAsync(CancellationToken cancellationToken) => store.MakeDurableAsync(cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
