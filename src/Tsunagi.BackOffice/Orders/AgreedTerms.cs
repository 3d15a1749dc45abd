using System.Text.Json;
using Tsunagi.BackOffice.Facts;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Usage;

namespace Tsunagi.BackOffice.Orders;

/// <summary>
/// What orders agreed about a subscription, joined with what held when, pure: (1) each version is cut where agreed prices change within it, (2) each piece has the agreed prices of its version of the plan,
/// or where none were agreed the plan's own, (3) a piece that begins, or an end that lies, exactly where an order put it has the order's policy for that month; where only prices change, days are counted.
/// </summary>
internal static class AgreedTerms
{
    public const string Kept = "terms", Later = "later", Ended = "end";

    /// <param name="agreed">Known at the moment, in the order of valid time, then of knowledge.</param>
    /// <param name="planPrices">The plan's own prices of a version.</param>
    /// <param name="stays">True to see it as if the last version had no end.</param>
    public static IReadOnlyList<AgreedPiece> Join(
        IReadOnlyList<VersionRow> versions, IReadOnlyList<AgreedRow> agreed, Func<long, IReadOnlyList<Price>> planPrices, BillingPeriod zone, bool stays = false)
    {
        var pieces = new List<AgreedPiece>();
        for (var i = 0; i < versions.Count; i++)
        {
            var version = versions[i];
            var end = stays && i == versions.Count - 1 ? null : version.ValidTo;

            // :: (1)
            long[] cuts = [version.ValidFrom, .. agreed.Where(row => row.Prices is not null && row.PlanVersion == version.PlanVersion && row.ValidFrom > version.ValidFrom && (end is null || row.ValidFrom < end)).Select(static row => row.ValidFrom).Distinct()];
            for (var cut = 0; cut < cuts.Length; cut++)
            {
                var (from, to) = (cuts[cut], cut + 1 < cuts.Length ? cuts[cut + 1] : end);
                var (fromDate, toDate) = zone.DatesOf(from, to);

                // :: (2)
                var prices = agreed.LastOrDefault(row => row.Prices is not null && row.PlanVersion == version.PlanVersion && row.ValidFrom <= from);

                // :: (3)
                var begins = cut > 0 ? Proration.Immediate : agreed.LastOrDefault(row => row.Kind == Kept && row.ValidFrom == from)?.Policy;
                var ends = i == versions.Count - 1 && cut == cuts.Length - 1 && to is { } last ? agreed.LastOrDefault(row => row.Kind == Ended && row.ValidFrom == last)?.Policy : null;
                pieces.Add(new AgreedPiece(
                    new MonthTerms(prices?.PriceList ?? planPrices(version.PlanVersion), version.Quantity, fromDate, toDate) { Begins = begins, Ends = ends }, version.PlanVersion, prices?.Prices));
            }
        }

        return pieces;
    }
}

/// <summary>Terms of a subscription with where their prices come from.</summary>
/// <param name="Agreed">The agreed prices as they are kept; null where the plan's own hold.</param>
internal sealed record AgreedPiece(MonthTerms Terms, long PlanVersion, string? Agreed);

/// <summary>One fact an order left: prices from a moment on, or the policy of the month of a beginning, change or end.</summary>
internal sealed record AgreedRow(string SubscriptionId, string Kind, long ValidFrom, long PlanVersion, string? Prices, string? Proration, long KnownFrom, long? KnownTo)
{
    public const string Columns = "t.subscription_id, t.kind, t.valid_from, t.plan_version, t.prices, t.proration, t.known_from, t.known_to";

    public IReadOnlyList<Price>? PriceList { get; } = Prices is null ? null : JsonSerializer.Deserialize<IReadOnlyList<Price>>(Prices, SettingsJson.Options);

    public Proration? Policy => Proration is null ? null : Enum.Parse<Proration>(Proration);

    public bool KnownBefore(long at) => KnownFrom < at && (KnownTo is null || KnownTo >= at);
}
