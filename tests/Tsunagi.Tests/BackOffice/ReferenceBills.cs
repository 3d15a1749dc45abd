using System.Numerics;
using Tsunagi.Core.Rating;

namespace Tsunagi.Tests.BackOffice;

/// <summary>
/// What a subscription costs, the slow way: every single civil day is looked at, every amount is an exact quotient of whole numbers. It shares nothing with the
/// program's rating but the price records.
/// </summary>
internal static class ReferenceBills
{
    /// <summary>What held, from when to when, in the order of time; the last may be open.</summary>
    internal sealed record Held(DateTimeOffset From, DateTimeOffset? To, long Quantity, IReadOnlyList<Price> Prices);

    /// <summary>The net amount of a month in whole minor units, for the charges that are billed with it.</summary>
    /// <param name="dayEnds">The instant at which a civil day of the account's zone is over.</param>
    /// <param name="sum">What was counted of a meter in the month.</param>
    public static BigInteger Month(
        IReadOnlyList<Held> held, DateOnly first, DateOnly after, Func<DateOnly, DateTimeOffset> dayEnds, Func<string, long> sum, bool advance, bool arrears)
    {
        var days = new List<DateOnly>();
        for (var day = first; day < after; day = day.AddDays(1))
        {
            days.Add(day);
        }

        // Who owns a day: the terms that hold as it ends.
        int Owner(DateOnly day) => held.ToList().FindLastIndex(terms => terms.From < dayEnds(day) && (terms.To is null || terms.To >= dayEnds(day)));
        var owners = days.Select(Owner).ToList();
        var total = BigInteger.Zero;
        for (var i = 0; i < held.Count; i++)
        {
            foreach (var price in held[i].Prices)
            {
                total += price switch
                {
                    FlatPrice flat when (flat.Charged == Charged.Advance ? advance : arrears) => Flat(held, i, flat, days, owners, dayEnds),
                    OneTimePrice once when arrears && i == 0 && days.Any(day => Contains(day, held[0].From, dayEnds)) => Round(Exact(once.Amount) * held[0].Quantity, Million),
                    PerUnitPrice or TieredPrice or VolumePrice when arrears && i == LastOf(held, first, after, dayEnds) => Usage(price, sum),
                    _ => BigInteger.Zero,
                };
            }
        }

        return total;
    }

    private static readonly BigInteger Million = 1_000_000;

    private static BigInteger Flat(IReadOnlyList<Held> held, int i, FlatPrice price, List<DateOnly> days, List<int> owners, Func<DateOnly, DateTimeOffset> dayEnds)
    {
        // A minimum term makes the last terms own days after their end.
        var mine = days.Select((day, at) => owners[at] == i || (i == held.Count - 1 && owners[at] < 0 && InMinimum(held, price, day, dayEnds))).ToList();
        if (!mine.Contains(true))
        {
            return 0;
        }

        var charged = price.Proration switch
        {
            Proration.Immediate => mine,
            Proration.Full => owners.Any(owner => owner > i) || (i < held.Count - 1 && LastOwesOneOf(days)) ? [.. mine.Select(static _ => false)] : [.. mine.Select(static _ => true)],
            Proration.AtRenewal => owners.Any(owner => owner >= 0 && owner < i) ? [.. mine.Select(static _ => false)] : [.. mine.Select((_, at) => at >= mine.IndexOf(true))],
            _ => held[i].From < dayEnds(days[0]) && mine[0] ? [.. mine.Select(static _ => true)] : mine.Select(static _ => false).ToList(),
        };

        // The last terms may hold on no day, and owe some: by what stands in this price's place.
        bool LastOwesOneOf(List<DateOnly> month)
        {
            var others = held[^1].Prices.OfType<FlatPrice>().ToList();
            var other = others.Where(each => each.Label == price.Label).Concat(others.OrderByDescending(static each => each.MinimumMonths)).FirstOrDefault();
            return other is not null && month.Where((_, at) => owners[at] < 0).Any(day => InMinimum(held, other, day, dayEnds));
        }

        // What is due at the end of each day, rounded, so that the days of a month come to the month.
        var whole = Exact(price.Amount) * held[i].Quantity;
        BigInteger Due(int daysOver) => Round(whole * daysOver, Million * days.Count);
        var sum = BigInteger.Zero;
        for (var at = 0; at < days.Count; at++)
        {
            sum += charged[at] ? Due(at + 1) - Due(at) : 0;
        }

        return sum;
    }

    private static bool InMinimum(IReadOnlyList<Held> held, FlatPrice price, DateOnly day, Func<DateOnly, DateTimeOffset> dayEnds)
    {
        if (price.MinimumMonths == 0 || held[^1].To is not { } ended || dayEnds(day) <= ended)
        {
            return false;
        }

        var begun = day;
        while (dayEnds(begun.AddDays(-1)) > held[0].From)
        {
            begun = begun.AddDays(-1);
        }

        return day < begun.AddMonths(price.MinimumMonths);
    }

    private static int LastOf(IReadOnlyList<Held> held, DateOnly first, DateOnly after, Func<DateOnly, DateTimeOffset> dayEnds)
    {
        var last = held.ToList().FindLastIndex(terms => terms.From < dayEnds(after.AddDays(-1)));
        return last >= 0 && held[last].To is { } to && to < dayEnds(first.AddDays(-1)) ? -1 : last;
    }

    private static BigInteger Usage(Price price, Func<string, long> sum)
    {
        switch (price)
        {
            case PerUnitPrice unit:
                return Round(Exact(unit.Amount) * BigInteger.Max(0, sum(unit.Meter) - (long)unit.Included), Million * (long)unit.Per);
            case VolumePrice volume:
                return Round(Exact(volume.Tiers.First(tier => tier.UpTo is null || sum(volume.Meter) <= tier.UpTo).Amount) * sum(volume.Meter), Million * (long)volume.Per);
            case TieredPrice tiers:
                // Every single unit by the tier it falls into.
                var exact = BigInteger.Zero;
                for (long unit = 1; unit <= sum(tiers.Meter); unit++)
                {
                    exact += Exact(tiers.Tiers.First(tier => tier.UpTo is null || unit <= tier.UpTo).Amount);
                }

                return Round(exact, Million * (long)tiers.Per);
            default:
                return 0;
        }
    }

    private static bool Contains(DateOnly day, DateTimeOffset at, Func<DateOnly, DateTimeOffset> dayEnds) => at < dayEnds(day) && at >= dayEnds(day.AddDays(-1));

    /// <summary>In millionths: prices have at most six digits after the point.</summary>
    private static BigInteger Exact(decimal amount) => new(amount * 1_000_000m);

    private static BigInteger Round(BigInteger numerator, BigInteger denominator)
    {
        var twice = (2 * BigInteger.Abs(numerator)) + denominator;
        return numerator.Sign * (twice / (2 * denominator));
    }
}
