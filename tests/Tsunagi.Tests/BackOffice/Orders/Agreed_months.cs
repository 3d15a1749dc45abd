using System.Numerics;
using Tsunagi.Core.Rating;

namespace Tsunagi.Tests.BackOffice.Orders;

/// <summary>What was agreed for the month of a beginning, change or end, against a slow painting of days.</summary>
public class Agreed_months
{
    private static readonly Currency Yen = Currency.Find("JPY")!;

    /// <summary>In June, 3,000 a month: 100 a day.</summary>
    [Theory]
    [InlineData(Proration.Immediate, 1_000, 6_000)]
    [InlineData(Proration.AtRenewal, 3_000, 0)]
    [InlineData(Proration.Full, 0, 9_000)]
    [InlineData(Proration.None, 3_000, 0)]
    public void Change_on_the_eleventh_pays_as_agreed(Proration agreed, long before, long after)
    {
        var lines = Rate([new(Flat(3_000), 1, Day(1), Day(11)), new(Flat(9_000), 1, Day(11), null) { Begins = agreed }]);
        Assert.Equal(before, lines.Where(static line => line.TermsIndex == 0).Sum(static line => line.Line.AmountMinor));
        Assert.Equal(after, lines.Where(static line => line.TermsIndex == 1).Sum(static line => line.Line.AmountMinor));
    }

    [Theory]
    [InlineData(Proration.Immediate, 2_000)]
    [InlineData(Proration.AtRenewal, 2_000)]
    [InlineData(Proration.Full, 3_000)]
    [InlineData(Proration.None, 0)]
    public void Beginning_on_the_eleventh_pays_as_agreed(Proration agreed, long paid) =>
        Assert.Equal(paid, Rate([new(Flat(3_000), 1, Day(11), null) { Begins = agreed }]).Sum(static line => line.Line.AmountMinor));

    [Theory]
    [InlineData(Proration.Immediate, 1_000)]
    [InlineData(Proration.AtRenewal, 3_000)]
    [InlineData(Proration.Full, 3_000)]
    [InlineData(Proration.None, 3_000)]
    public void End_on_the_eleventh_pays_as_agreed(Proration agreed, long paid) =>
        Assert.Equal(paid, Rate([new(Flat(3_000), 1, Day(1), Day(11)) { Ends = agreed }]).Sum(static line => line.Line.AmountMinor));

    [Fact]
    public void Change_and_end_on_one_day_pay_the_month_once_when_a_minimum_term_goes_on()
    {
        FlatPrice Bound(long amount) => new("f", amount, Proration: Proration.Full, MinimumMonths: 12);
        var lines = Rate([new([Bound(3_000)], 1, Day(1), Day(11)), new([Bound(9_000)], 1, Day(11), Day(11))]);
        Assert.Equal([(1, 9_000L)], lines.Select(static line => (line.TermsIndex, line.Line.AmountMinor)));
    }

    [Fact]
    public void Random_terms_with_random_policies_equal_painted_days()
    {
        for (var seed = 1; seed <= 4_000; seed++)
        {
            var random = new Random(seed);
            var terms = RandomTerms(random, agreed: true);
            var own = (Proration)random.Next(4);
            var month = new DateOnly(2027, random.Next(1, 6), 1);
            var priced = terms.Select((each, i) => each with { Prices = [new FlatPrice("f", 1_000 + (i * 777), Proration: own)] }).ToList();
            var rated = MonthRater.Rate(new MonthInput(Yen, month, month.AddMonths(1), priced)).Sum(static line => line.Line.AmountMinor);
            var painted = PaintedMonths.Of(priced, static each => (FlatPrice)each.Prices[0], month, month.AddMonths(1));
            Assert.True(painted == rated, $"seed {seed}: rated {rated}, painted {painted}");
        }
    }

    [Fact]
    public void Policy_agreed_as_the_price_has_it_changes_nothing()
    {
        for (var seed = 1; seed <= 4_000; seed++)
        {
            var random = new Random(seed);
            var terms = RandomTerms(random, agreed: false);
            var own = (Proration)random.Next(4);
            var minimum = random.Next(3) == 0 ? random.Next(1, 5) : 0;
            var month = new DateOnly(2027, random.Next(1, 6), 1);
            var priced = terms.Select((each, i) => each with { Prices = [new FlatPrice("f", 1_000 + (i * 777), Proration: own, MinimumMonths: minimum)] }).ToList();
            var same = priced.Select(each => each with { Begins = own, Ends = own }).ToList();
            Assert.Equal(
                MonthRater.Rate(new MonthInput(Yen, month, month.AddMonths(1), priced)).Select(static line => (line.TermsIndex, line.From, line.To, line.Line.AmountMinor)),
                MonthRater.Rate(new MonthInput(Yen, month, month.AddMonths(1), same)).Select(static line => (line.TermsIndex, line.From, line.To, line.Line.AmountMinor)));
        }
    }

    private static List<MonthTerms> RandomTerms(Random random, bool agreed)
    {
        var days = Enumerable.Range(0, random.Next(1, 6)).Select(_ => new DateOnly(2027, 1, 1).AddDays(random.Next(3) == 0 ? random.Next(0, 5) * 30 : random.Next(0, 140))).Order().ToList();
        Proration? Policy() => agreed && random.Next(3) > 0 ? (Proration)random.Next(4) : null;
        return [.. days.Select((day, i) => new MonthTerms([], random.Next(1, 4), day, i + 1 < days.Count ? days[i + 1] : random.Next(2) == 0 ? null : day.AddDays(random.Next(0, 60))) { Begins = Policy(), Ends = Policy() })];
    }

    private static IReadOnlyList<MonthLine> Rate(IReadOnlyList<MonthTerms> terms) => MonthRater.Rate(new MonthInput(Yen, Day(1), Day(1).AddMonths(1), terms));

    private static IReadOnlyList<Price> Flat(decimal amount) => [new FlatPrice("Line", amount)];

    private static DateOnly Day(int day) => new(2027, 6, day);
}

/// <summary>A month's fixed charge the slow way: every day is painted with the terms that pay for it, boundary by boundary, and each day costs what is due at its end less what was due at its beginning.</summary>
internal static class PaintedMonths
{
    public static long Of(IReadOnlyList<MonthTerms> terms, Func<MonthTerms, FlatPrice> priceOf, DateOnly first, DateOnly after)
    {
        var held = terms.Where(static each => each.To is null || each.To > each.From).ToList();
        var days = after.DayNumber - first.DayNumber;
        var painted = new MonthTerms?[days];
        for (var k = 0; k < held.Count; k++)
        {
            var each = held[k];
            var at = each.From.DayNumber - first.DayNumber;
            if (at <= 0)
            {
                Array.Fill(painted, each);
            }
            else if (at < days)
            {
                switch (each.Begins ?? priceOf(each).Proration)
                {
                    case Proration.Immediate:
                    case Proration.AtRenewal when k == 0:
                        Array.Fill(painted, each, at, days - at);
                        break;
                    case Proration.Full:
                        Array.Fill(painted, each);
                        break;
                }
            }

            if (k == held.Count - 1 && each.To is { } end && end < after)
            {
                var over = end.DayNumber - first.DayNumber;
                if (over <= 0)
                {
                    Array.Clear(painted);
                }
                else if ((terms[^1].Ends ?? priceOf(each).Proration) == Proration.Immediate)
                {
                    Array.Clear(painted, over, days - over);
                }
            }
        }

        BigInteger sum = 0;
        for (var day = 0; day < days; day++)
        {
            if (painted[day] is { } payer)
            {
                sum += Due(payer, priceOf(payer), day + 1, days) - Due(payer, priceOf(payer), day, days);
            }
        }

        return (long)sum;
    }

    // Prices of the tests have at most six digits behind the point.
    private static BigInteger Due(MonthTerms terms, FlatPrice price, int over, int days) => Rounded(new BigInteger(price.Amount * 1_000_000m) * terms.Quantity * over, new BigInteger(1_000_000) * days);

    public static BigInteger Rounded(BigInteger numerator, BigInteger denominator) => ((2 * numerator) + denominator) / (2 * denominator);
}
