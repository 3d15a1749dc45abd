using System.Numerics;
using Tsunagi.Core.Sla;
using Tsunagi.Core.Usage;

namespace Tsunagi.Tests.Core.Sla;

/// <summary>A month judged by its terms: against a slow calculator over 10,000 random timelines, and by hand where a rule has to be seen.</summary>
public class Sla_engine
{
    private const long Hour = 3_600_000;
    private const long Day = 24 * Hour;

    private static readonly string[] Zones = ["Asia/Tokyo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"];

    private static readonly BillingPeriod November = BillingPeriod.Parse("2026-11", "Asia/Tokyo").Value!;

    private static long Start => November.FromMicros / 1_000;

    [Fact]
    public void Equals_the_slow_calculator_over_ten_thousand_timelines()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var seed = 0; seed < 10_000; seed++)
        {
            var random = new Random(seed);
            var zone = Zones[random.Next(Zones.Length)];
            var (year, month) = (2024 + random.Next(4), random.Next(3) == 0 ? random.Next(1, 13) : (int[])[3, 4, 10, 11] is var dst ? dst[random.Next(4)] : 1);
            var period = BillingPeriod.Parse(FormattableString.Invariant($"{year:D4}-{month:D2}"), zone).Value!;
            var terms = Terms(random);
            var facts = Facts(random, period);
            var fee = random.Next(1_000_000);
            var told = SlaEngine.Judge(terms, period, facts, fee);
            var slow = new SlowSla(terms, facts, year, month, zone);
            Assert.True(Same(told, slow, terms, fee, seen), $"seed {seed}: {zone} {period.Name}");
        }

        // The timelines are worth something only if all of this came up.
        Assert.Superset(new HashSet<string>(["Up", "Down", "Unknown", "Planned", "Customer", "ForceMajeure", "credit", "capped", "open", "split", "unclear", "broken Availability", "broken Repair", "broken Delay", "broken Loss"]), seen);
    }

    [Fact]
    public void Every_moment_has_one_state_and_the_fact_behind_it()
    {
        var facts = Whole() with
        {
            Outages = [new("og_1", Start + Hour, Start + (4 * Hour), SlaCause.Provider), new("og_2", Start + (3 * Hour), Start + (5 * Hour), SlaCause.Customer), new("og_3", Start + (10 * Hour), null, SlaCause.ForceMajeure)],
            Maintenance = [new("mt_1", Start - (8 * Day), Start + (2 * Hour), Start + (3 * Hour)), new("mt_2", Start, Start + (20 * Hour), Start + (21 * Hour))],
            IsMeasured = true, Measured = [new(Start, Start + (8 * Hour))], Now = Start + (11 * Hour),
        };
        var told = SlaEngine.Judge(SlaTemplates.Ntt, November, facts, 9_000);
        Assert.Equal(
            [
                new(Start, Start + Hour, SlaState.Up, []), new(Start + Hour, Start + (2 * Hour), SlaState.Down, ["og_1"]), new(Start + (2 * Hour), Start + (3 * Hour), SlaState.Planned, ["mt_1"]),
                new(Start + (3 * Hour), Start + (5 * Hour), SlaState.Customer, ["og_2"]), new(Start + (5 * Hour), Start + (8 * Hour), SlaState.Up, []), new(Start + (8 * Hour), Start + (10 * Hour), SlaState.Unknown, []),
                new SlaExplained(Start + (10 * Hour), Start + (11 * Hour), SlaState.ForceMajeure, ["og_3"]),
            ],
            told.Explained, static (left, right) => (left!.From, left.To, left.State) == (right!.From, right.To, right.State) && left.Facts.SequenceEqual(right.Facts));
        Assert.False(told.IsWhole);
        Assert.True(told.IsUnclear);
        Assert.Equal(Hour, Assert.Single(told.Breaks).DownMilliseconds); // three hours less maintenance and the customer's own
        Assert.Equal(100, told.CreditMinor); // an hour and not more: 1/90
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 100)] // above nothing: 1/90
    [InlineData(3_600, 100)]
    [InlineData(3_601, 300)] // 1/30
    [InlineData(43_201, 900)]
    [InlineData(86_401, 1_800)]
    [InlineData(259_200, 1_800)]
    [InlineData(259_201, 9_000)]
    public void Tiers_of_an_outage_hold_to_the_second(long seconds, long credit) =>
        Assert.Equal(credit, SlaEngine.Judge(SlaTemplates.Ntt, November, Down(seconds), 9_000).CreditMinor);

    [Fact]
    public void Outages_of_a_month_add_up_and_no_more_than_the_fee_is_given_back()
    {
        var facts = Whole() with { Outages = [.. Enumerable.Range(0, 7).Select(static i => new SlaOutage($"og_{i}", Start + (i * 4 * Day), Start + (i * 4 * Day) + (25 * Hour), SlaCause.Provider))] };
        var told = SlaEngine.Judge(SlaTemplates.Ntt, November, facts, 9_000);
        Assert.Equal((7, 9_000), (told.Breaks.Count, told.CreditMinor));
        Assert.Equal(1_800, SlaEngine.Judge(SlaTemplates.Ntt with { Most = new(1, 5) }, November, facts, 9_000).CreditMinor);
    }

    [Fact]
    public void Availability_just_at_its_target_is_kept_and_a_millisecond_below_is_not()
    {
        // 30 days: 0.1 % are 2,592 seconds.
        Assert.False(Availability(Down(2_592)).IsBroken);
        var facts = Down(2_592);
        var below = Availability(facts with { Outages = [facts.Outages[0] with { To = facts.Outages[0].To + 1 }] });
        Assert.True(below.IsBroken);
        Assert.Equal(1, below.Months);
        static SlaResult Availability(SlaFacts of) => SlaEngine.Judge(SlaTemplates.SoftBank, November, of, 1).Results.Single(static result => result.Objective.Indicator == SlaIndicator.Availability);
    }

    [Fact]
    public void What_must_be_broken_two_months_running_gives_nothing_in_the_first()
    {
        var terms = SlaTemplates.Iij with { Objectives = [new(SlaIndicator.Delay, 25_000, [new(25_000, new(1, 30))]) { Months = 2 }] };
        var facts = Whole() with { Minutes = [new(Start, 60, 0, 60, 60 * 25_001)] };
        var first = SlaEngine.Judge(terms, November, facts, 3_000);
        Assert.Equal((true, 1, 0), (first.Results[0].IsBroken, first.Results[0].Months, first.CreditMinor));
        var second = SlaEngine.Judge(terms, November, facts with { BrokenBefore = new Dictionary<SlaIndicator, int> { [SlaIndicator.Delay] = 1 } }, 3_000);
        Assert.Equal((2, 100), (second.Results[0].Months, second.CreditMinor));
        Assert.False(SlaEngine.Judge(terms, November, facts with { Minutes = [new(Start, 60, 0, 60, 60 * 25_000)] }, 3_000).Results[0].IsBroken);
        Assert.Null(SlaEngine.Judge(terms, November, Whole(), 3_000).Results[0].Value);
    }

    [Theory]
    [InlineData(SlaUnknown.Excluded, 1_000_000)]
    [InlineData(SlaUnknown.Up, 1_000_000)]
    [InlineData(SlaUnknown.Down, 500_000)]
    public void Unknown_time_counts_as_the_terms_say(SlaUnknown unknown, long millionths)
    {
        var terms = SlaTemplates.SoftBank with { Unknown = unknown };
        var told = SlaEngine.Judge(terms, November, Whole() with { IsMeasured = true, Measured = [new(Start, Start + (15 * Day))] }, 1);
        Assert.Equal(millionths, told.Results[1].Value);
        Assert.True(told.IsUnclear);
    }

    [Fact]
    public void An_outage_over_the_end_of_a_month_counts_by_its_parts_or_where_it_ends()
    {
        var end = November.ToMicros / 1_000;
        var facts = Whole() with { Outages = [new("og_1", end - (10 * Hour), end + (5 * Hour), SlaCause.Provider)], Now = end + Day, Service = new(0, long.MaxValue) };
        var december = November.Plus(1);
        Assert.Equal([10 * Hour, 5 * Hour], [DownIn(SlaTemplates.Ntt, November), DownIn(SlaTemplates.Ntt, december)]);
        var whole = SlaTemplates.Ntt with { SplitsAtMonthEnd = false };
        Assert.Equal([0, 15 * Hour], [DownIn(whole, November), DownIn(whole, december)]);
        long DownIn(SlaTerms terms, BillingPeriod month) => Assert.Single(SlaEngine.Judge(terms, month, facts, 1).Breaks).DownMilliseconds;
    }

    [Fact]
    public void Templates_are_of_whole_shares_and_rising_tiers() => Assert.All(SlaTemplates.All, static terms =>
    {
        Assert.All(terms.Objectives.SelectMany(static objective => objective.Tiers), static tier => Assert.InRange(tier.Share.Parts, 1, tier.Share.Of));
        Assert.All(terms.Objectives, static objective => Assert.Equal(objective.Tiers.OrderBy(static tier => tier.Beyond).ThenBy(static tier => (double)tier.Share.Parts / tier.Share.Of), objective.Tiers));
    });

    private static SlaFacts Whole() => new() { Service = new(0, long.MaxValue), Now = Start + (300 * Day) };

    private static SlaFacts Down(long seconds) => Whole() with { Outages = [new("og_1", Start + Day, Start + Day + (seconds * 1_000), SlaCause.Provider)] };

    private static bool Same(SlaStatement told, SlowSla slow, SlaTerms terms, long fee, HashSet<string> seen)
    {
        foreach (var (state, milliseconds) in told.Milliseconds)
        {
            if (slow.Total(state) != milliseconds)
            {
                return false;
            }

            seen.Add(milliseconds > 0 ? state.ToString() : "none");
        }

        var end = told.Judged.From;
        foreach (var piece in told.Explained)
        {
            if (piece.From != end || slow.StateAt(piece.From) != piece.State || slow.StateAt(piece.To - 1) != piece.State)
            {
                return false;
            }

            end = piece.To;
        }

        var share = slow.Share(out var broken);
        for (var i = 0; i < broken.Count; i++)
        {
            var value = slow.Value(terms.Objectives[i].Indicator);
            var result = told.Results[i];
            if (result.IsBroken != broken[i] || result.Numerator * value.Denominator != value.Numerator * result.Denominator || result.Denominator.IsZero != value.Denominator.IsZero)
            {
                return false;
            }

            seen.Add(broken[i] ? "broken " + terms.Objectives[i].Indicator : "kept");
        }

        seen.Add(told.CreditMinor > 0 ? "credit" : "no credit");
        seen.Add(told.Share == new SlaQuotient(terms.Most.Parts, terms.Most.Of) ? "capped" : "free");
        seen.Add(told.Breaks.Any(static each => !each.IsOver) ? "open" : "over");
        seen.Add(terms.SplitsAtMonthEnd ? "split" : "whole");
        seen.Add(told.IsUnclear ? "unclear" : "clear");
        return end == told.Judged.To && told.Breaks.Select(static each => (BigInteger)each.DownMilliseconds).SequenceEqual(slow.Breaks())
            && told.Share.Numerator * share.Denominator == share.Numerator * told.Share.Denominator && told.CreditMinor == slow.Credit(fee);
    }

    private static SlaTerms Terms(Random random) => new()
    {
        Name = "random", Notice = TimeSpan.FromHours(random.Next(3) * 24), MostPlanned = random.Next(2) == 0 ? null : TimeSpan.FromMinutes(random.Next(600)), ShortestOutage = TimeSpan.FromSeconds(random.Next(3) * 600),
        Unknown = (SlaUnknown)random.Next(3), MostUnknownPermille = random.Next(200), SplitsAtMonthEnd = random.Next(2) == 0, Most = random.Next(2) == 0 ? new(1, 1) : new(1, 2 + random.Next(9)),
        Objectives = [.. Enum.GetValues<SlaIndicator>().Select(indicator => new SlaObjective(indicator, Bound(indicator, random), [.. Enumerable.Range(0, random.Next(4)).Select(_ => new SlaTier(Bound(indicator, random), Share(random)))]) { Months = 1 + random.Next(2) })],
    };

    private static SlaShare Share(Random random) => new(1, ((int[])[90, 30, 10, 5, 3, 1])[random.Next(6)]);

    private static long Bound(SlaIndicator indicator, Random random) => indicator switch
    {
        SlaIndicator.Availability => 900_000 + random.Next(100_001), SlaIndicator.Repair => random.Next(86_400), SlaIndicator.Delay => random.Next(50_000), _ => random.Next(20_000),
    };

    private static SlaFacts Facts(Random random, BillingPeriod period)
    {
        var (first, after) = (period.FromMicros / 1_000, period.ToMicros / 1_000);
        long At() => random.Next(6) == 0 ? (random.Next(2) == 0 ? first : after) : first - (3 * Day) + random.NextInt64(after - first + (6 * Day));
        SlaSpan Span(long longest) => At() is var from ? new SlaSpan(from, from + random.NextInt64(longest)) : default;
        var now = random.Next(3) == 0 ? At() : after + (5 * Day);
        SlaOutage Outage(int i) => Span(random.Next(4) == 0 ? 9 * Day : 10 * Hour) is var span
            ? new SlaOutage($"og_{i}", span.From, random.Next(12) == 0 || span.To > now ? null : span.To, (SlaCause)(random.Next(5) switch { 0 => 1, 1 => 2, _ => 0 }))
            : throw new InvalidOperationException();
        return new SlaFacts
        {
            Service = random.Next(3) == 0 ? Span(60 * Day) : new(0, long.MaxValue), Now = now,
            Outages = [.. Enumerable.Range(0, random.Next(7)).Select(Outage).Where(outage => outage.From <= now)],
            Maintenance = [.. Enumerable.Range(0, random.Next(4)).Select(i => Span(8 * Hour) is var span ? new SlaMaintenance($"mt_{i}", span.From - random.NextInt64(3 * Day), span.From, span.To) : throw new InvalidOperationException())],
            IsMeasured = random.Next(3) > 0, Measured = [.. Enumerable.Range(0, random.Next(8)).Select(_ => Span(20 * Day))],
            Minutes = [.. Enumerable.Range(0, random.Next(20)).Select(_ => new SlaMinute(At() / 60_000 * 60_000, 60, random.Next(3), 57, random.Next(4_000_000)))],
            BrokenBefore = new Dictionary<SlaIndicator, int> { [SlaIndicator.Delay] = random.Next(2), [SlaIndicator.Loss] = random.Next(2) },
        };
    }
}
