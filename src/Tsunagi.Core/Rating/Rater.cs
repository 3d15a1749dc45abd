using System.Globalization;

namespace Tsunagi.Core.Rating;

/// <summary>
/// From prices and quantities to lines: one pure function, exact until its one rounding place (<see cref="Round"/>: half away from zero to the
/// currency's minor unit, once a line).
/// </summary>
/// <remarks>Throws <see cref="OverflowException"/> when a line does not fit into 63 bits of minor units.</remarks>
public static class Rater
{
    public static IReadOnlyList<RatedLine> Rate(RatingInput input) => [.. input.Prices.Select(price => RateOne(price, input))];

    /// <summary>The one rounding place.</summary>
    private static long Round(Fraction amount, Currency currency) => (long)(amount * Fraction.Of(currency.MinorPerUnit)).RoundHalfAwayFromZero();

    /// <summary>The 95th percentile as providers bill it: sample number ceil(0.95 × n) in ascending order; 0 without samples.</summary>
    public static decimal Percentile95(IReadOnlyList<decimal> samples)
    {
        if (samples.Count == 0)
        {
            return 0;
        }

        var sorted = samples.Order().ToArray();
        return sorted[((sorted.Length * 95) + 99) / 100 - 1];
    }

    private static RatedLine RateOne(Price price, RatingInput input) => price switch
    {
        FlatPrice flat => RateFlat(flat, input),
        PerUnitPrice unit => RatePerUnit(unit, input),
        TieredPrice tiers => RateTiers(tiers, input),
        VolumePrice volume => RateVolume(volume, input),
        P95Price p95 => RateP95(p95, input),
        OneTimePrice once => RateOnce(once, input),
        _ => throw new InvalidOperationException($"no rule rates a price of type {price.GetType().Name}"),
    };

    private static RatedLine RateFlat(FlatPrice price, RatingInput input)
    {
        // What is due at the end of a day less what was due before the first: each is rounded once, so the parts of a month lose and gain nothing between them.
        var whole = Fraction.Of(price.Amount) * Fraction.Of(input.Quantity);
        long Due(int days) => Round(whole * Fraction.Of(days) / Fraction.Of(input.DaysInPeriod), input.Currency);
        var amount = Due(input.FirstDay + input.ActiveDays) - Due(input.FirstDay);
        var explanation = input.ActiveDays == input.DaysInPeriod
            ? $"{input.Quantity} × {Text(price.Amount)}"
            : $"{input.Quantity} × {Text(price.Amount)} × {input.ActiveDays}/{input.DaysInPeriod} days";
        return new RatedLine(price.Label, null, input.Quantity, amount, explanation);
    }

    private static RatedLine RateOnce(OneTimePrice price, RatingInput input) => new(
        price.Label, null, input.Quantity, Round(Fraction.Of(price.Amount) * Fraction.Of(input.Quantity), input.Currency), $"{input.Quantity} × {Text(price.Amount)}, once");

    private static RatedLine RatePerUnit(PerUnitPrice price, RatingInput input)
    {
        var counted = input.Sums.GetValueOrDefault(price.Meter);
        var charged = Math.Max(0, counted - price.Included);
        var explanation = price.Included > 0
            ? $"({Text(counted)} - {Text(price.Included)} included) ÷ {Text(price.Per)} × {Text(price.Amount)}"
            : $"{Text(counted)} ÷ {Text(price.Per)} × {Text(price.Amount)}";
        return new RatedLine(price.Label, price.Meter, counted, Round(Charge(charged, price.Per, price.Amount), input.Currency), explanation);
    }

    private static RatedLine RateTiers(TieredPrice price, RatingInput input)
    {
        var counted = input.Sums.GetValueOrDefault(price.Meter);
        var amount = Fraction.Zero;
        decimal from = 0;
        var parts = new List<string>();
        foreach (var tier in price.Tiers)
        {
            var inTier = Math.Min(counted, tier.UpTo ?? counted) - from;
            if (inTier <= 0)
            {
                break;
            }

            amount += Charge(inTier, price.Per, tier.Amount);
            parts.Add($"{Text(inTier)} ÷ {Text(price.Per)} × {Text(tier.Amount)}");
            from += inTier;
        }

        return new RatedLine(price.Label, price.Meter, counted, Round(amount, input.Currency), parts.Count == 0 ? "0" : string.Join(" + ", parts));
    }

    private static RatedLine RateVolume(VolumePrice price, RatingInput input)
    {
        var counted = input.Sums.GetValueOrDefault(price.Meter);
        var tier = price.Tiers.First(each => each.UpTo is null || counted <= each.UpTo);
        return new RatedLine(
            price.Label, price.Meter, counted, Round(Charge(counted, price.Per, tier.Amount), input.Currency), $"{Text(counted)} ÷ {Text(price.Per)} × {Text(tier.Amount)}");
    }

    private static RatedLine RateP95(P95Price price, RatingInput input)
    {
        var samples = input.Samples.GetValueOrDefault(price.Meter) ?? [];
        var p95 = Percentile95(samples);
        var charged = Math.Max(p95, price.Committed);
        return new RatedLine(
            price.Label, price.Meter, p95, Round(Charge(charged, price.Per, price.Amount), input.Currency),
            $"95th percentile of {samples.Count} samples: {Text(p95)}, charged {Text(charged)} ÷ {Text(price.Per)} × {Text(price.Amount)}");
    }

    private static Fraction Charge(decimal quantity, decimal per, decimal amount) => Fraction.Of(quantity) * Fraction.Of(amount) / Fraction.Of(per);

    private static string Text(decimal value) => value.ToString("#,0.####", CultureInfo.InvariantCulture);
}
