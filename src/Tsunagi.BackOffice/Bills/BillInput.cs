using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tsunagi.BackOffice.Tax;
using Tsunagi.Core.Rating;

namespace Tsunagi.BackOffice.Bills;

/// <summary>Everything a bill depends on. The same input always gives the same bill.</summary>
/// <param name="Months">The months that are rated, oldest first.</param>
/// <param name="Billed">What earlier bills asked, by month and charge; only of the months that are rated.</param>
internal sealed record BillInput(
    string AccountId, string Period, DateOnly First, DateOnly After, Currency Currency, TaxProfile Tax, TaxRounding Rounding, long KnownAt,
    IReadOnlyList<BillSubscription> Subscriptions, IReadOnlyList<BillMonth> Months, IReadOnlyDictionary<(string Month, string Charge), BilledCharge> Billed,
    IReadOnlyList<BillAdjustment> Adjustments)
{
    /// <summary>SHA-256 over the input, written out member by member in a fixed order.</summary>
    public string Hash()
    {
        var text = new StringBuilder();
        Add(text, "bill", AccountId, Period, First, After, Currency.Code, Tax.Id, Rounding, BillMaker.RulesVersion);
        foreach (var subscription in Subscriptions)
        {
            Add(text, "subscription", subscription.Id, subscription.PlanCode, subscription.Specification);
            foreach (var (terms, version) in subscription.Terms.Zip(subscription.PlanVersions))
            {
                Add(text, "terms", version, terms.Quantity, terms.From, terms.To);
            }

            foreach (var agreed in subscription.Agreed)
            {
                Add(text, "agreed", agreed);
            }
        }

        foreach (var month in Months)
        {
            Add(text, "month", month.Name, month.First, month.After, month.Which);
            foreach (var (id, usage) in month.Usage.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
            {
                foreach (var (meter, sum) in usage.Sums.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
                {
                    Add(text, "sum", id, meter, sum);
                }

                foreach (var (meter, samples) in usage.Samples.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
                {
                    Add(text, "samples", id, meter, string.Join(' ', samples.Order().Select(static sample => sample.ToString(CultureInfo.InvariantCulture))));
                }
            }
        }

        foreach (var (key, billed) in Billed.OrderBy(static pair => pair.Key.Month, StringComparer.Ordinal).ThenBy(static pair => pair.Key.Charge, StringComparer.Ordinal))
        {
            Add(text, "billed", key.Month, key.Charge, billed.AmountMinor, billed.Revenue);
        }

        foreach (var adjustment in Adjustments)
        {
            Add(text, "adjustment", adjustment.Id, adjustment.Label, adjustment.AmountMinor, adjustment.Tax);
            if (adjustment.Revenue is not null)
            {
                Add(text, "for", adjustment.SubscriptionId, adjustment.Revenue, adjustment.Explanation);
            }
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    // A unit separator between members, a record separator behind: no text can pretend to be two.
    private static void Add(StringBuilder text, params ReadOnlySpan<object?> members)
    {
        foreach (var member in members)
        {
            text.Append(member is IFormattable formattable ? formattable.ToString(member is DateOnly ? "O" : null, CultureInfo.InvariantCulture) : member).Append('\u001f');
        }

        text.Append('\u001e');
    }
}

/// <summary>A subscription with every terms known at the moment, in the order of time.</summary>
/// <param name="PlanVersions">Of each of the terms.</param>
internal sealed record BillSubscription(string Id, string PlanCode, string Specification, IReadOnlyList<MonthTerms> Terms, IReadOnlyList<long> PlanVersions)
{
    /// <summary>What orders agreed about its terms, one text each; empty where every price is the plan's own.</summary>
    public IReadOnlyList<string> Agreed { get; init; } = [];
}

/// <summary>One month to rate.</summary>
internal sealed record BillMonth(string Name, DateOnly First, DateOnly After, MonthCharges Which, IReadOnlyDictionary<string, MonthUsage> Usage);

/// <summary>What was counted of one subscription in one month.</summary>
internal sealed record MonthUsage(IReadOnlyDictionary<string, decimal> Sums, IReadOnlyDictionary<string, IReadOnlyList<decimal>> Samples);

/// <summary>What earlier bills asked for one charge of one month.</summary>
/// <param name="IsOnce">It was a price that is charged once.</param>
internal sealed record BilledCharge(long AmountMinor, string Revenue, bool IsOnce = false);

/// <summary>An amount put on the next bill by hand, or for a reason that explains itself.</summary>
/// <param name="SubscriptionId">The service it is about.</param>
/// <param name="Revenue">The specification that earns it; null for one by hand.</param>
internal sealed record BillAdjustment(string Id, string Label, long AmountMinor, string? Tax, long MadeAt, string? SubscriptionId = null, string? Revenue = null, string? Explanation = null);
