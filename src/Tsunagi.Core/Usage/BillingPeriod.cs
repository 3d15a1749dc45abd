using System.Globalization;
using NodaTime;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Usage;

/// <summary>A civil month of an account's time zone as a half-open range of µs UTC.</summary>
public sealed record BillingPeriod(string Name, string TimeZone, LocalDate First, LocalDate After, long FromMicros, long ToMicros)
{
    public int Days => Period.DaysBetween(First, After);

    /// <param name="name">"2026-11".</param>
    public static Outcome<BillingPeriod> Parse(string name, string timeZone)
    {
        if (!DateOnly.TryParseExact(name + "-01", "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var first) || first.Year is < 2000 or > 2199)
        {
            return Refusal.Invalid("period", "period", $"\"{name}\" is not a month", "YYYY-MM, 2000-01 to 2199-12");
        }

        return Of(new LocalDate(first.Year, first.Month, 1), timeZone);
    }

    /// <summary>The month that holds a moment.</summary>
    public static BillingPeriod Containing(long micros, string timeZone)
    {
        var date = DateOf(micros, DateTimeZoneProviders.Tzdb[timeZone]);
        return Of(new LocalDate(date.Year, date.Month, 1), timeZone);
    }

    /// <summary>
    /// For how many civil days of the period each of these validities is charged; they stand in the order of time and do not overlap. A day that
    /// several touch is charged to the last of them, so that no day is charged twice and none is lost.
    /// </summary>
    public IReadOnlyList<int> DaysOfEach(IReadOnlyList<(long FromMicros, long? ToMicros)> validities)
    {
        var days = new int[validities.Count];
        var taken = After;
        for (var i = validities.Count - 1; i >= 0; i--)
        {
            var (first, after) = DaysTouched(validities[i].FromMicros, validities[i].ToMicros);
            after = LocalDate.Min(after, taken);
            if (first < after)
            {
                days[i] = Period.DaysBetween(first, after);
                taken = first;
            }
        }

        return days;
    }

    /// <summary>The civil days of the period that [from, to) touches, half open; empty when it touches none.</summary>
    private (LocalDate First, LocalDate After) DaysTouched(long fromMicros, long? toMicros)
    {
        if (toMicros <= fromMicros)
        {
            return (After, After);
        }

        var zone = DateTimeZoneProviders.Tzdb[TimeZone];
        var first = LocalDate.Max(First, DateOf(fromMicros, zone));
        var after = toMicros is { } to ? LocalDate.Min(After, DateOf(to - 1, zone).PlusDays(1)) : After;
        return (first, after);
    }

    private static BillingPeriod Of(LocalDate first, string timeZone)
    {
        var zone = DateTimeZoneProviders.Tzdb[timeZone];
        var after = first.PlusMonths(1);
        return new BillingPeriod(
            $"{first.Year:D4}-{first.Month:D2}", timeZone, first, after, Micros(zone.AtStartOfDay(first)), Micros(zone.AtStartOfDay(after)));
    }

    private static LocalDate DateOf(long micros, DateTimeZone zone) => Instant.FromUnixTimeTicks(micros * 10).InZone(zone).Date;

    private static long Micros(ZonedDateTime at) => at.ToInstant().ToUnixTimeTicks() / 10;
}
