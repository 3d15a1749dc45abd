using System.Globalization;
using NodaTime;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Usage;

/// <summary>
/// A civil month of an account's time zone as a half-open range of µs UTC. With a closing day before the month's last (20日締め) it is the month that closes on
/// that day: "2026-11" closed on the 20th is 21 October to 20 November. In a month that has no such day, its last day closes.
/// </summary>
public sealed record BillingPeriod(string Name, string TimeZone, LocalDate First, LocalDate After, long FromMicros, long ToMicros)
{
    /// <summary>The closing day that is every month's last.</summary>
    public const int MonthEnd = 31;

    public int ClosingDay { get; private init; } = MonthEnd;

    public int Days => Period.DaysBetween(First, After);

    /// <param name="name">"2026-11".</param>
    /// <param name="closingDay">1 to 31.</param>
    public static Outcome<BillingPeriod> Parse(string name, string timeZone, int closingDay = MonthEnd)
    {
        if (!DateOnly.TryParseExact(name + "-01", "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var first) || first.Year is < 2000 or > 2199)
        {
            return Refusal.Invalid("period", "period", $"\"{name}\" is not a month", "YYYY-MM, 2000-01 to 2199-12");
        }

        return Of(new LocalDate(first.Year, first.Month, 1), timeZone, closingDay);
    }

    /// <summary>The month that holds a moment.</summary>
    public static BillingPeriod Containing(long micros, string timeZone, int closingDay = MonthEnd)
    {
        var date = DateOf(micros, DateTimeZoneProviders.Tzdb[timeZone]);
        var month = new LocalDate(date.Year, date.Month, 1);
        return Of(date > Closes(month, closingDay) ? month.PlusMonths(1) : month, timeZone, closingDay);
    }

    /// <summary>The first civil day.</summary>
    public DateOnly FirstDate => First.ToDateOnly();

    /// <summary>The first civil day after the period.</summary>
    public DateOnly AfterDate => After.ToDateOnly();

    /// <summary>
    /// The civil days of a validity, half open: a day belongs to what holds as the day ends. So validities that follow one another share no day and leave none
    /// out, and what is ended and bought again on the same day pays for it once.
    /// </summary>
    public (DateOnly From, DateOnly? To) DatesOf(long fromMicros, long? toMicros) => (DateAt(fromMicros), toMicros is { } to ? DateAt(to) : null);

    /// <summary>The civil day of a moment in the period's zone.</summary>
    public DateOnly DateAt(long micros) => DateOf(micros, DateTimeZoneProviders.Tzdb[TimeZone]).ToDateOnly();

    /// <summary>The period that follows (or, with a negative number, comes before).</summary>
    public BillingPeriod Plus(int periods)
    {
        var month = new LocalDate(int.Parse(Name.AsSpan(0, 4), CultureInfo.InvariantCulture), int.Parse(Name.AsSpan(5, 2), CultureInfo.InvariantCulture), 1);
        return Of(month.PlusMonths(periods), TimeZone, ClosingDay);
    }

    private static BillingPeriod Of(LocalDate month, string timeZone, int closingDay)
    {
        var zone = DateTimeZoneProviders.Tzdb[timeZone];
        var first = Closes(month.PlusMonths(-1), closingDay).PlusDays(1);
        var after = Closes(month, closingDay).PlusDays(1);
        return new BillingPeriod(
            string.Create(CultureInfo.InvariantCulture, $"{month.Year:D4}-{month.Month:D2}"), timeZone, first, after, Micros(zone.AtStartOfDay(first)), Micros(zone.AtStartOfDay(after)))
        {
            ClosingDay = closingDay,
        };
    }

    private static LocalDate Closes(LocalDate month, int closingDay) =>
        new(month.Year, month.Month, Math.Min(closingDay, month.Calendar.GetDaysInMonth(month.Year, month.Month)));

    private static LocalDate DateOf(long micros, DateTimeZone zone) => Instant.FromUnixTimeTicks(micros * 10).InZone(zone).Date;

    private static long Micros(ZonedDateTime at) => at.ToInstant().ToUnixTimeTicks() / 10;
}
