namespace Tsunagi.Core.Exchange.Credits;

/// <summary>A service says that a customer is owed something back for one subscription and one period. Whoever bills decides; nothing is given by itself.</summary>
/// <param name="Source">The module that proposes ("access").</param>
/// <param name="Key">What it is for, unique within the source ("availability:2026-11:s_1"): the same key is proposed once, whatever is killed in between.</param>
/// <param name="FromMicros">The period it is about, µs UTC, half open. A share is of the fixed charges of the billing month that holds this moment.</param>
/// <param name="Reason">One sentence for people: what was promised and what was measured.</param>
/// <param name="Evidence">Where it can be looked up: an event's id, an incident's id, or a path of the API.</param>
public sealed record NewServiceCredit(string Source, string Key, string SubscriptionId, long FromMicros, long ToMicros, string Reason, string Evidence)
{
    /// <summary>So much, in minor units of the account's currency, without tax; null where <see cref="Percent"/> says how much.</summary>
    public long? AmountMinor { get; init; }

    /// <summary>A share of the subscription's fixed charges of the month, in per cent with at most six digits behind the point (1/30 is 3.333333); null where <see cref="AmountMinor"/> says how much.</summary>
    public decimal? Percent { get; init; }
}
