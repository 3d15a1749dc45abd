using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Tsunagi.Core.Rating;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Rating;

public sealed class Rater_lines
{
    private static readonly Currency Yen = Currency.Find("JPY")!;
    private static readonly Currency Dollar = Currency.Find("USD")!;

    private static readonly Gen<decimal> Amount = Gen.Choose(-2_000_000, 2_000_000).SelectMany(mantissa => Gen.Choose(0, 6).Select(scale => new decimal(mantissa) / Pow(scale)));
    private static readonly Gen<decimal> Per = Gen.Elements(1m, 2m, 3m, 7m, 60m, 1000m, 1024m, 999_983m, 1_000_000_000m);
    private static readonly Gen<decimal> Quantity = Gen.OneOf(Gen.Choose(0, 5000).Select(n => (decimal)n), Gen.Choose(0, int.MaxValue).Select(n => (decimal)n * 7));

    [Fact]
    public void Per_unit_line_is_the_exact_quotient_rounded_once() => Check(
        from counted in Quantity from included in Gen.OneOf(Gen.Constant(0m), Quantity) from per in Per from amount in Amount from currency in Gen.Elements(Yen, Dollar)
        select (counted, included, per, amount, currency),
        x => Rate(new PerUnitPrice("l", "m", x.amount, x.per, x.included), x.currency, x.counted)
            == Reference([(Math.Max(0, x.counted - x.included), x.amount)], x.per, x.currency));

    [Fact]
    public void Flat_line_is_the_exact_share_of_its_days_rounded_once() => Check(
        from amount in Amount from quantity in Gen.Choose(1, 1_000_000) from month in Gen.Choose(28, 31) from active in Gen.Choose(0, month)
        select (amount, quantity, month, active),
        x => Rater.Rate(new RatingInput(Yen, [new FlatPrice("l", x.amount)], x.quantity, x.active, x.month, Empty, NoSamples))[0].AmountMinor
            == Reference([((decimal)x.quantity * x.active, x.amount)], x.month, Yen));

    /// <summary>The reference prices every single unit by the tier it falls into.</summary>
    [Fact]
    public void Tiered_line_is_the_sum_of_its_units_rounded_once() => Check(
        from counted in Gen.Choose(0, 400) from bounds in Gen.ListOf(Gen.Choose(1, 300), 3) from amounts in Gen.ListOf(Amount, 4) from per in Per
        select (counted, bounds: bounds.Distinct().Order().ToList(), amounts: amounts.ToList(), per),
        x =>
        {
            var tiers = x.amounts.Take(x.bounds.Count + 1).Select((amount, i) => new PriceTier(i < x.bounds.Count ? x.bounds[i] : null, amount)).ToList();
            var units = Enumerable.Range(1, x.counted).Select(unit => (1m, tiers.First(t => t.UpTo is null || unit <= t.UpTo).Amount));
            return Rate(new TieredPrice("l", "m", tiers, x.per), Dollar, x.counted) == Reference(units, x.per, Dollar);
        });

    [Fact]
    public void Tiers_have_no_step_at_their_bounds()
    {
        var price = new TieredPrice("l", "m", [new(100, 5m), new(1000, 3m), new(null, 1m)]);
        Assert.Equal((500, 503, 3200, 3201), (Rate(price, Yen, 100), Rate(price, Yen, 101), Rate(price, Yen, 1000), Rate(price, Yen, 1001)));
    }

    [Theory]
    [InlineData("0.5", 1)]
    [InlineData("-0.5", -1)]
    [InlineData("1.5", 2)]
    [InlineData("2.5", 3)]
    [InlineData("0.499999", 0)]
    public void Halves_go_away_from_zero(string amount, long minor) =>
        Assert.Equal(minor, Rate(new PerUnitPrice("l", "m", decimal.Parse(amount, System.Globalization.CultureInfo.InvariantCulture)), Yen, 1));

    [Fact]
    public void Third_of_one_and_a_half_is_a_half_and_rounds_up() => Assert.Equal(1, Rate(new PerUnitPrice("l", "m", 1.5m, Per: 3), Yen, 1));

    [Fact]
    public void Corrections_below_zero_charge_nothing_and_pay_nothing_back()
    {
        Assert.Equal(0, Rate(new PerUnitPrice("l", "m", 2m), Yen, -5));
        Assert.Equal(0, Rate(new TieredPrice("l", "m", [new(null, 2m)]), Yen, -5));
    }

    [Fact]
    public void Amount_beyond_63_bits_is_an_error_not_another_amount() =>
        Assert.Throws<OverflowException>(() => Rate(new PerUnitPrice("l", "m", 1_000_000_000), Dollar, 1_000_000_000_000));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(19, 19)]
    [InlineData(20, 19)]
    [InlineData(21, 20)]
    [InlineData(100, 95)]
    [InlineData(8640, 8208)]
    public void Percentile_95_is_sample_number_ceil_of_95_hundredths(int count, int expected)
    {
        var samples = Enumerable.Range(1, count).Select(n => (decimal)n).Reverse().ToList();
        Assert.Equal(expected, Rater.Percentile95(samples));
    }

    [Fact]
    public void Percentile_95_leaves_at_most_a_twentieth_above_it() => Check(
        Gen.NonEmptyListOf(Gen.Choose(0, 50).Select(n => (decimal)n)),
        samples =>
        {
            var p95 = Rater.Percentile95([.. samples]);
            return samples.Contains(p95) && samples.Count(s => s > p95) * 20 <= samples.Count && samples.Count(s => s >= p95) * 20 > samples.Count;
        });

    [Fact]
    public void P95_line_charges_the_commitment_at_least()
    {
        var samples = new Dictionary<string, IReadOnlyList<decimal>> { ["m"] = [.. Enumerable.Range(1, 100).Select(n => (decimal)n)] };
        long Charged(decimal committed) => Rater.Rate(new RatingInput(Yen, [new P95Price("l", "m", 10, 1, committed)], 1, 30, 30, Empty, samples))[0].AmountMinor;
        Assert.Equal((950, 950, 960), (Charged(0), Charged(95), Charged(96)));
    }

    private static readonly Dictionary<string, decimal> Empty = [];
    private static readonly Dictionary<string, IReadOnlyList<decimal>> NoSamples = [];

    private static long Rate(Price price, Currency currency, decimal counted) =>
        Rater.Rate(new RatingInput(currency, [price], 1, 30, 30, new Dictionary<string, decimal> { ["m"] = counted }, NoSamples))[0].AmountMinor;

    /// <summary>Long division on whole numbers: every decimal scaled by 10^12, halves decided by the remainder.</summary>
    private static long Reference(IEnumerable<(decimal Quantity, decimal Amount)> parts, decimal per, Currency currency)
    {
        var scale = BigInteger.Pow(10, 12);
        var sum = parts.Aggregate(BigInteger.Zero, (total, part) => total + (Scaled(part.Quantity) * Scaled(part.Amount)));
        var divisor = Scaled(per) * scale;
        var whole = BigInteger.DivRem(BigInteger.Abs(sum) * currency.MinorPerUnit, divisor, out var rest);
        return (long)(sum.Sign * (2 * rest >= divisor ? whole + 1 : whole));

        static BigInteger Scaled(decimal value) => new BigInteger(decimal.Truncate(value)) * BigInteger.Pow(10, 12) + new BigInteger((value - decimal.Truncate(value)) * 1_000_000_000_000m);
    }

    private static decimal Pow(int scale) => (decimal)BigInteger.Pow(10, scale);

    private static void Check<T>(Gen<T> gen, Func<T, bool> holds) => Properties.Holds(gen, x => Assert.True(holds(x)), 2000);
}
