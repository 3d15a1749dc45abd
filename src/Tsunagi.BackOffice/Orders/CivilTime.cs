using System.Globalization;
using NodaTime;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.BackOffice.Orders;

/// <summary>Civil days of an account's zone and the moments at which they begin.</summary>
internal static class CivilTime
{
    public static DateOnly DateAt(long micros, string zone) => Instant.FromUnixTimeTicks(micros * 10).InZone(DateTimeZoneProviders.Tzdb[zone]).Date.ToDateOnly();

    /// <summary>The first moment of a day (µs UTC), also where clocks are put forward at midnight.</summary>
    public static long StartOf(DateOnly day, string zone) => DateTimeZoneProviders.Tzdb[zone].AtStartOfDay(LocalDate.FromDateOnly(day)).ToInstant().ToUnixTimeTicks() / 10;

    public static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static DateOnly Read(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>A day that a person gave, between two others.</summary>
    public static Outcome<DateOnly> Parse(string text, string field, DateOnly least, DateOnly most) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day >= least && day <= most
            ? day
            : Refusal.Invalid("backoffice.order.date", field, $"\"{text}\" is not a day from {Text(least)} to {Text(most)}", "YYYY-MM-DD");
}
