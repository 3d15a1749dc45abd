using Tsunagi.Core.Store;

namespace Tsunagi.Core.Queue;

/// <summary>
/// Control-plane work that must be done at least once, by any node: provisioning, certificates, webhooks, reports (up to some hundred a second a
/// node; mail retries are the spool's own). What was taken and neither completed nor extended comes back; what keeps failing ends in the dead
/// letters, where a person looks. Tenants take turns, so one tenant's thousand items do not stand before another's one.
/// </summary>
public interface IWorkQueue
{
    /// <summary>Adds work inside the caller's transaction in the control store: it exists if and only if that commits.</summary>
    /// <returns>False when the same key was added before and is still remembered: nothing was added.</returns>
    ValueTask<bool> EnqueueAsync(ISqlTransaction transaction, NewWork work);

    /// <inheritdoc cref="EnqueueAsync(ISqlTransaction, NewWork)"/>
    ValueTask<bool> EnqueueAsync(NewWork work, CancellationToken cancellationToken);

    /// <summary>Takes due work, each item for <see cref="WorkQueueOptions.Visibility"/>; tenants by turns.</summary>
    ValueTask<IReadOnlyList<WorkItem>> TakeAsync(IReadOnlyCollection<string> kinds, int atMost, CancellationToken cancellationToken);

    /// <summary>The heartbeat: holds items for another visibility time. Returns those still ours; another worker has the rest.</summary>
    ValueTask<IReadOnlyList<WorkItem>> ExtendAsync(IReadOnlyList<WorkItem> items, CancellationToken cancellationToken);

    /// <summary>Ends an item, in the transaction of its effect where that is in the control store: then the effect happens exactly once.</summary>
    /// <returns>False when the item is no longer ours; the caller's transaction should then fail.</returns>
    ValueTask<bool> CompleteAsync(ISqlTransaction transaction, WorkItem item);

    /// <inheritdoc cref="CompleteAsync(ISqlTransaction, WorkItem)"/>
    ValueTask<bool> CompleteAsync(WorkItem item, CancellationToken cancellationToken);

    /// <summary>Gives an item back to be tried again after a growing pause, or to the dead letters after its last attempt or at once.</summary>
    ValueTask FailAsync(WorkItem item, string reason, bool atOnce, CancellationToken cancellationToken);

    /// <summary>Brings a dead letter back with all its attempts before it. False when it is not there.</summary>
    ValueTask<bool> ReviveAsync(string id, CancellationToken cancellationToken);

    /// <summary>Forgets keys of work that was completed longer ago than <see cref="WorkQueueOptions.KeyRetention"/>.</summary>
    ValueTask<int> ForgetKeysAsync(CancellationToken cancellationToken);
}
