using System.Numerics;
using Tsunagi.BackOffice.Ledger;

namespace Tsunagi.Tests.BackOffice.Ledger;

/// <summary>
/// Random lives of one deferral (corrections, credit notes, an early end, months closed late, twice or in one go), against a slow walk that earns one day after the other in fractions.
/// </summary>
public static class RandomDeferrals
{
    /// <summary>Null when everything is right, else what is not, with the seed.</summary>
    public static string? Check(int seed)
    {
        // A seed that is printed when a check fails; no secret is made of it.
#pragma warning disable CA5394
        var random = new Random(seed);
        var first = new DateOnly(2019, 1, 1).AddDays(random.Next(4_000));
        var after = random.Next(3) switch { 0 => first.AddMonths(1), 1 => first.AddMonths(random.Next(1, 25)), _ => first.AddDays(random.Next(1, 60)) };
        var booked = first.AddDays(random.Next(-40, 25));
        booked = booked < after ? booked : after.AddDays(-1);
        long amount = random.Next(4) switch { 0 => random.Next(-30, 30), 1 => -random.NextInt64(1, 1_000_000), 2 => random.NextInt64(1, 9_000_000_000_000_000), _ => random.Next(1, 100_000) };
        var ended = random.Next(4) == 0 ? first.AddDays(random.Next(0, after.DayNumber - first.DayNumber + 1)) : (DateOnly?)null;
        var deferral = new Deferral(amount, first, after, booked, [], ended);
        var begin = new DateOnly(Math.Min(booked.DayNumber, first.DayNumber) < first.DayNumber ? booked.Year : first.Year, Math.Min(booked.DayNumber, first.DayNumber) < first.DayNumber ? booked.Month : first.Month, 1);

        // What was taken back became known in its own time; a month may be closed before and after.
        var released = new SortedDictionary<DateOnly, BigInteger>();
        for (var month = begin; month <= after.AddMonths(1); month = month.AddMonths(1))
        {
            for (var i = random.Next(3); i > 0; i--)
            {
                var on = month.AddDays(random.Next(28) - (random.Next(3) == 0 ? random.Next(60) : 0)); // also before one that is there
                var left = on < booked ? 0 : deferral.UnearnedOn(on);
                if (left != 0)
                {
                    deferral = deferral with { Cuts = [.. deferral.Cuts, new DeferralCut(on, random.Next(3) == 0 ? left : (long)(left * (Int128)random.Next(1, 100) / 100))] };
                }
            }

            for (var i = random.Next(3); i > 0; i--)
            {
                Close(deferral, begin, month.AddMonths(1), released);
            }
        }

        Close(deferral, begin, after.AddMonths(3), released);
        var again = Close(deferral, begin, after.AddMonths(3), released);
        if (again != 0)
        {
            return $"seed {seed}: closed a second time {again} was booked";
        }

        var taken = deferral.Cuts.Aggregate(BigInteger.Zero, static (sum, cut) => sum + cut.AmountMinor);
        var all = released.Values.Aggregate(BigInteger.Zero, static (sum, each) => sum + each);
        if (all + taken != amount)
        {
            return $"seed {seed}: {all} earned and {taken} taken back of {amount}";
        }

        // More is never taken than is there: what is earned only grows.
        var (days, earned) = (after.DayNumber - first.DayNumber, (BigInteger)0);
        for (var day = first; day <= after; day = day.AddDays(1))
        {
            var next = (BigInteger)deferral.EarnedBefore(day) * Math.Sign(amount);
            if (next < earned)
            {
                return $"seed {seed}: by {day:O} {next} are earned, the day before {earned} ({days} days, {amount}, {string.Join("; ", deferral.Cuts)})";
            }

            earned = next;
        }

        foreach (var (month, sum) in released)
        {
            var (wanted, before) = (Slow(deferral, month.AddMonths(1)), month > begin ? Slow(deferral, month) : 0);
            if (sum != wanted - before)
            {
                return $"seed {seed}: {month:yyyy-MM} earned {sum}, the slow walk says {wanted - before} ({first:O} to {after:O}, {amount}, {deferral.Cuts.Count} cuts)";
            }
        }

        return null;
#pragma warning restore CA5394
    }

    /// <summary>As the books do: every month up to one, each the difference to what it has.</summary>
    private static BigInteger Close(Deferral deferral, DateOnly begin, DateOnly until, SortedDictionary<DateOnly, BigInteger> released)
    {
        var booked = BigInteger.Zero;
        for (var month = begin; month < until; month = month.AddMonths(1))
        {
            var so = released.Where(each => each.Key <= month).Aggregate(BigInteger.Zero, static (sum, each) => sum + each.Value);
            var difference = deferral.ReleasedWith(month.AddMonths(1)) - so;
            released[month] = released.GetValueOrDefault(month) + difference;
            booked += BigInteger.Abs(difference);
        }

        return booked;
    }

    /// <summary>One day after the other: each earns its share of what is left as a fraction; only what is earned since the last cut is rounded.</summary>
    private static BigInteger Slow(Deferral deferral, DateOnly until)
    {
        if (deferral.BookedOn >= until)
        {
            return 0;
        }

        var (kept, left) = (BigInteger.Zero, (BigInteger)deferral.AmountMinor);
        var (shares, since, days) = (0, left, deferral.After.DayNumber - deferral.First.DayNumber);
        BigInteger Earned() => Rounded(since * shares, days);
        var from = deferral.Cuts.Select(static cut => cut.On).Append(deferral.First).Min();
        for (var day = from; day < until; day = day.AddDays(1))
        {
            foreach (var on in deferral.Cuts.Where(cut => cut.On == day).GroupBy(static cut => cut.On))
            {
                kept += Earned();
                left = since - Earned() - on.Aggregate(BigInteger.Zero, static (sum, cut) => sum + cut.AmountMinor);
                (since, shares, days) = (left, 0, deferral.After.DayNumber - Math.Max(day.DayNumber, deferral.First.DayNumber));
            }

            if (day >= deferral.First && day < deferral.After)
            {
                shares++;
            }

            // Nothing is left to be done after the end.
            if (deferral.Ended is { } ended && day.AddDays(1) >= ended)
            {
                shares = days;
            }
        }

        return kept + (days == 0 ? 0 : Earned());
    }

    private static BigInteger Rounded(BigInteger numerator, BigInteger denominator) =>
        denominator.IsZero ? 0 : numerator.Sign * (((2 * BigInteger.Abs(numerator)) + denominator) / (2 * denominator));
}
