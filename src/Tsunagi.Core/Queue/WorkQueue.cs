using Tsunagi.Core.Store;
using Tsunagi.Core.Store.Postgres;

namespace Tsunagi.Core.Queue;

/// <summary>Chooses the queue that fits the store.</summary>
public static class WorkQueue
{
    /// <summary>The queue in the control store, whose schema must hold <see cref="WorkQueueSchema.Part"/>.</summary>
    public static IWorkQueue For(IStore control, WorkQueueOptions options, TimeProvider time) =>
        control is PostgresStore postgres ? new PostgresWorkQueue(postgres, options, time) : new SqliteWorkQueue(control, options, time);
}
