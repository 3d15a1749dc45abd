using Tsunagi.Core.Store;

namespace Tsunagi.Core.Queue;

/// <summary>On SQLite there is one writer, so two takers never meet.</summary>
internal sealed class SqliteWorkQueue(IStore store, WorkQueueOptions options, TimeProvider time) : SqlWorkQueue(store, options, time)
{
    protected override string LockClause => "";

    protected override ValueTask<T> WriteAsync<T>(Func<ISqlTransaction, ValueTask<T>> write, CancellationToken cancellationToken) =>
        Store.WriteAsync(write, cancellationToken);
}
