using Tsunagi.BackOffice.Facts;
using Tsunagi.Core.Exchange.Prices;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Store;
using Tsunagi.Core.Usage;

namespace Tsunagi.BackOffice.Orders;

/// <summary>What orders agreed, for whoever shows a month before its bill is made.</summary>
internal sealed class AgreedPrices(Stores stores, FactReader facts) : IAgreedPrices
{
    public ValueTask<IReadOnlyList<MonthTerms>?> TermsAsync(string subscription, BillingPeriod zone, CancellationToken cancellationToken) =>
        stores.Control.ReadAsync(reader => facts.AgreedTermsAsync(reader, subscription, zone), cancellationToken);
}
