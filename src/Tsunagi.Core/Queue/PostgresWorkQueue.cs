using System.Data;
using Tsunagi.Core.Store;
using Tsunagi.Core.Store.Postgres;

namespace Tsunagi.Core.Queue;

/// <summary>
/// On PostgreSQL takers pass over rows that another has locked. READ COMMITTED: the row locks and the attempt number decide who has an item, and
/// SERIALIZABLE would only make takers of different rows repeat.
/// </summary>
internal sealed class PostgresWorkQueue(PostgresStore store, WorkQueueOptions options, TimeProvider time) : SqlWorkQueue(store, options, time)
{
    protected override string LockClause => "FOR UPDATE SKIP LOCKED";

    protected override ValueTask<T> WriteAsync<T>(Func<ISqlTransaction, ValueTask<T>> write, CancellationToken cancellationToken) =>
        store.WriteAsync(write, IsolationLevel.ReadCommitted, cancellationToken);
}
