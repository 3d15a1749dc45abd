using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;

namespace Tsunagi.Core.Subscriptions;

/// <summary>
/// A module's own rule on what may be sold, checked inside the ordering transaction: a domain must be proved and free, a prefix must be the
/// tenant's.
/// </summary>
public interface ISubscriptionRule
{
    ValueTask<Refusal?> CheckAsync(ISqlTransaction transaction, Subscription subscription, string specification, string settings);
}
