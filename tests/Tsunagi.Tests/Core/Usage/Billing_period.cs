using System.Globalization;
using NodaTime;
using Tsunagi.Core.Time;
using Tsunagi.Core.Usage;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Usage;

public sealed class Billing_period
{
    /// <summary>Both halves, clocks that change at midnight (São Paulo until 2019, Cairo, Beirut), a day that was left out (Apia 2011), odd offsets.</summary>
    private static readonly string[] Zones =
    [
        "UTC", "Asia/Tokyo", "America/Sao_Paulo", "Europe/Berlin", "America/New_York", "Africa/Cairo", "Asia/Beirut", "Asia/Kathmandu", "Australia/Lord_Howe",
        "Pacific/Apia", "Pacific/Kiritimati", "America/St_Johns", "Asia/Tehran",
    ];

    [Fact]
    public void Months_follow_one_another_without_gap_or_overlap_in_every_zone()
    {
        foreach (var zone in Zones)
        {
            for (var year = 2009; year < 2030; year++)
            {
                for (var month = 1; month <= 12; month++)
                {
                    var here = TestProvider.Value(BillingPeriod.Parse($"{year:D4}-{month:D2}", zone));
                    var next = here.After;
                    var following = TestProvider.Value(BillingPeriod.Parse($"{next.Year:D4}-{next.Month:D2}", zone));
                    Assert.Equal(here.ToMicros, following.FromMicros);
                    Assert.Equal(here, BillingPeriod.Containing(here.FromMicros, zone));
                    Assert.Equal(here, BillingPeriod.Containing(here.ToMicros - 1, zone));
                    Assert.Equal(DateTime.DaysInMonth(year, month), here.Days);
                }
            }
        }
    }

    [Theory]
    [InlineData("2026-13")]
    [InlineData("2026-1")]
    [InlineData("1999-12")]
    [InlineData("2200-01")]
    [InlineData("november")]
    [InlineData("")]
    public void What_is_no_month_is_refused_with_what_is_allowed(string name) =>
        Assert.Contains("YYYY-MM", BillingPeriod.Parse(name, "UTC").Refusal!.Allowed!, StringComparison.Ordinal);

    [Theory]
    [InlineData("2026-11", 20, "2026-10-21", "2026-11-21")]
    [InlineData("2026-03", 30, "2026-03-01", "2026-03-31")]
    [InlineData("2026-02", 30, "2026-01-31", "2026-03-01")]
    [InlineData("2028-02", 29, "2028-01-30", "2028-03-01")]
    [InlineData("2026-01", 10, "2025-12-11", "2026-01-11")]
    public void Closing_day_that_a_month_does_not_have_is_its_last(string name, int closing, string first, string after)
    {
        var period = TestProvider.Value(BillingPeriod.Parse(name, "Asia/Tokyo", closing));
        Assert.Equal((DateOnly.Parse(first, CultureInfo.InvariantCulture), DateOnly.Parse(after, CultureInfo.InvariantCulture)), (period.FirstDate, period.AfterDate));
        Assert.Equal(period, BillingPeriod.Containing(period.FromMicros, "Asia/Tokyo", closing));
        Assert.Equal(period, BillingPeriod.Containing(period.ToMicros - 1, "Asia/Tokyo", closing));
        Assert.Equal(period.ToMicros, period.Plus(1).FromMicros);
        Assert.Equal(period.FromMicros, period.Plus(-1).ToMicros);
    }

    /// <summary>Against a reference that looks at every single day: the version that holds as a day ends has it.</summary>
    [Fact]
    public void Each_day_is_charged_to_exactly_one_version()
    {
        var random = new Random(20261123);
        foreach (var zone in Zones)
        {
            for (var round = 0; round < 150; round++)
            {
                var month = TestProvider.Value(BillingPeriod.Parse($"{random.Next(2009, 2029):D4}-{random.Next(1, 13):D2}", zone));
                var validities = RandomValidities(random, month);
                var days = DaysOfEach(month, validities);
                Assert.Equal(Reference(month, validities), days);
            }
        }
    }

    [Fact]
    public void Change_just_after_midnight_of_a_long_day_charges_that_day_once()
    {
        // Berlin, 25 October 2026 has 25 hours.
        var month = TestProvider.Value(BillingPeriod.Parse("2026-10", "Europe/Berlin"));
        var change = UnixMicros.From(new DateTimeOffset(2026, 10, 26, 0, 30, 0, TimeSpan.FromHours(1)));
        Assert.Equal([25, 6], DaysOfEach(month, [(month.FromMicros, change), (change, null)]));
    }

    [Fact]
    public void Many_changes_on_one_day_charge_the_day_to_the_last()
    {
        var month = TestProvider.Value(BillingPeriod.Parse("2026-11", "Asia/Tokyo"));
        var noon = month.FromMicros + (9 * Day) + (Day / 2);
        Assert.Equal([9, 0, 0, 21], DaysOfEach(month, [(month.FromMicros - Day, noon), (noon, noon + 1), (noon + 1, noon + 2), (noon + 2, null)]));
    }

    [Fact]
    public void Validity_that_holds_for_no_moment_is_not_charged()
    {
        var month = TestProvider.Value(BillingPeriod.Parse("2026-11", "Asia/Tokyo"));
        Assert.Equal([0], DaysOfEach(month, [(month.FromMicros + 5, month.FromMicros + 5)]));
        Assert.Equal([0, 0], DaysOfEach(month, [(month.FromMicros - Day, month.FromMicros), (month.ToMicros, null)]));
        Assert.Equal([1], DaysOfEach(month, [(month.ToMicros - 1, null)]));
        Assert.Equal([9], DaysOfEach(month, [(month.FromMicros, month.FromMicros + (9 * Day) + (Day / 2))]));
    }

    private const long Day = 86_400 * UnixMicros.PerSecond;

    private static List<(long From, long? To)> RandomValidities(Random random, BillingPeriod month)
    {
        var moments = Enumerable.Range(0, random.Next(2, 7))
            .Select(_ => random.NextInt64(month.FromMicros - (3 * Day), month.ToMicros + (3 * Day)))
            .SelectMany(at => random.Next(3) == 0 ? new[] { at, at + random.Next(1, 1000) } : [at])
            .Order().ToList();
        var validities = moments.Zip(moments.Skip(1), static (from, to) => (from, (long?)to)).ToList();
        if (random.Next(2) == 0)
        {
            validities.Add((moments[^1], null));
        }

        return validities;
    }

    private static List<int> DaysOfEach(BillingPeriod month, IEnumerable<(long From, long? To)> validities) => [.. validities.Select(validity =>
    {
        var (from, to) = month.DatesOf(validity.From, validity.To);
        var first = from > month.FirstDate ? from : month.FirstDate;
        var after = to is { } end && end < month.AfterDate ? end : month.AfterDate;
        return Math.Max(0, after.DayNumber - first.DayNumber);
    })];

    private static List<int> Reference(BillingPeriod month, List<(long From, long? To)> validities)
    {
        var zone = DateTimeZoneProviders.Tzdb[month.TimeZone];
        var days = new int[validities.Count];
        for (var day = month.First; day < month.After; day = day.PlusDays(1))
        {
            var end = zone.AtStartOfDay(day.PlusDays(1)).ToInstant().ToUnixTimeTicks() / 10;
            var owner = validities.FindLastIndex(v => v.From < end && (v.To is null || v.To >= end));
            if (owner >= 0)
            {
                days[owner]++;
            }
        }

        return [.. days];
    }
}
