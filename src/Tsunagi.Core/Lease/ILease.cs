using Tsunagi.Core.Store;

namespace Tsunagi.Core.Lease;

/// <summary>
/// The right to do something that one node at a time may do (project events, announce a route), held for a while. Two fences: writes to a store
/// carry the epoch (<see cref="GuardAsync"/>), and everything else asks <see cref="IsSafe"/> right before its effect, or stops on <see cref="Lost"/>.
/// </summary>
public interface ILease : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Grows by one with every new holder.</summary>
    long Epoch { get; }

    /// <summary>
    /// True while less than half the time to live has passed on this holder's monotonic clock since its last renewal was asked for. After a pause of
    /// the whole process (SIGSTOP) this is false at once, before any timer has fired.
    /// </summary>
    bool IsSafe { get; }

    /// <summary>Cancelled when <see cref="IsSafe"/> has become false for good.</summary>
    CancellationToken Lost { get; }

    /// <summary>Fails the transaction with <see cref="StaleLeaseException"/> when a newer holder exists. Works in either store, on any row.</summary>
    ValueTask GuardAsync(ISqlTransaction transaction);
}
