using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;

namespace Tsunagi.Core.Subscriptions;

/// <summary>
/// A taking, change or end of a subscription that was looked at and waits for its transaction: so that it stands or falls with what it is done for (an order's item, say). It is made by
/// <see cref="SubscriptionOrders"/>, used once, and may run again with its transaction.
/// </summary>
public sealed class SubscriptionAct
{
    private readonly Func<ISqlTransaction, ValueTask<Refusal?>> _apply;

    internal SubscriptionAct(string subscriptionId, Func<ISqlTransaction, ValueTask<Refusal?>> apply) => (SubscriptionId, _apply) = (subscriptionId, apply);

    /// <summary>Of what it takes (the id is given already), changes or ends.</summary>
    public string SubscriptionId { get; }

    /// <summary>Does it: the version, the wish, audit and event. A refusal means that a rule forbids it or that someone changed the subscription since it was looked at.</summary>
    public ValueTask<Refusal?> ApplyAsync(ISqlTransaction transaction) => _apply(transaction);
}
