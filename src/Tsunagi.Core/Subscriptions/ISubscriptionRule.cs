using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;

namespace Tsunagi.Core.Subscriptions;

/// <summary>
/// A module's own rule on what may be sold, checked inside the ordering transaction: a domain must be proved and free, a prefix must be the
/// tenant's. The same rule says what a subscription leans on, so that it is not given up underneath it.
/// </summary>
public interface ISubscriptionRule
{
    ValueTask<Refusal?> CheckAsync(ISqlTransaction transaction, Subscription subscription, string specification, string settings);

    /// <summary>The proved things these settings need: domains in canonical form, address blocks as CIDR texts. Empty for another module's specification.</summary>
    IReadOnlyList<string> NeededBy(string specification, string settings) => [];
}
