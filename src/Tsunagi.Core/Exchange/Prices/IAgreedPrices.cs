using Tsunagi.Core.Rating;
using Tsunagi.Core.Usage;

namespace Tsunagi.Core.Exchange.Prices;

/// <summary>Who knows what was agreed with customers in place of their plans' prices. A program without one rates by the plans alone.</summary>
public interface IAgreedPrices
{
    /// <summary>All terms of a subscription in the order of time, with the agreed prices where there are any; null where nothing was agreed.</summary>
    /// <param name="zone">Any month in the time zone whose civil days count.</param>
    ValueTask<IReadOnlyList<MonthTerms>?> TermsAsync(string subscription, BillingPeriod zone, CancellationToken cancellationToken);
}
