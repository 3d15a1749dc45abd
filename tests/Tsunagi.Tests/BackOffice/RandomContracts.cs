using System.Numerics;
using NodaTime;
using Tsunagi.BackOffice.Bills;
using Tsunagi.BackOffice.Documents;
using Tsunagi.BackOffice.Tax;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Usage;
using Held = Tsunagi.Tests.BackOffice.ReferenceBills.Held;

namespace Tsunagi.Tests.BackOffice;

/// <summary>
/// Random lives of contracts, billed month by month with facts that arrive late, twice or out of order, against the slow reference: whatever the road, what was
/// asked in all is what the reference says for what is known at the end.
/// </summary>
public static class RandomContracts
{
    private const string Meter = "m";

    // Clocks that change at midnight and at odd hours, odd offsets, both halves.
    private static readonly string[] Zones = ["Asia/Tokyo", "Europe/Berlin", "America/Sao_Paulo", "America/New_York", "Africa/Cairo", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Kiritimati", "America/St_Johns"];
    private static readonly int[] ClosingDays = [31, 31, 31, 30, 29, 28, 20, 10, 1];

    /// <summary>Null when everything is right, else what is not, with the seed.</summary>
    public static string? Check(int seed)
    {
        var random = new Random(seed);
        var zone = DateTimeZoneProviders.Tzdb[Zones[random.Next(Zones.Length)]];
        var closing = ClosingDays[random.Next(ClosingDays.Length)];
        var begin = BillingPeriod.Parse($"{random.Next(2019, 2029):D4}-{random.Next(1, 13):D2}", zone.Id, closing).Value!;
        var months = Enumerable.Range(0, random.Next(2, 6)).Select(begin.Plus).ToList();
        var lives = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Life(random, months)).ToList();
        var usage = lives.Select(life => Enumerable.Range(0, random.Next(0, 12)).Select(n => new Used(n, random.Next(months.Count), random.Next(-3, 400), random.Next(months.Count + 1))).ToList()).ToList();

        var billed = new Dictionary<(string, string), BilledCharge>();
        var asked = BigInteger.Zero;
        for (var at = 0; at < months.Count; at++)
        {
            // What is known now: terms of a life that was corrected later are another life's; usage arrives in its own order, some of it twice.
            var known = lives.Select(life => at >= life.CorrectedAt ? life.Right : life.First).ToList();
            var counted = usage.Select(records => records.Where(record => record.KnownAt <= at).Concat(records.Where(record => record.KnownAt <= at && random.Next(3) == 0)).OrderBy(_ => random.Next()).DistinctBy(static record => record.Key).ToList()).ToList();
            var bill = BillMaker.Make(Input(months, at, known, counted, billed));
            foreach (var line in bill.Lines)
            {
                asked += line.AmountMinor;
                var key = (line.Month, line.Charge);
                billed[key] = new BilledCharge(billed.GetValueOrDefault(key, new BilledCharge(0, line.Revenue)).AmountMinor + line.AmountMinor, line.Revenue);
            }

            // The same bill a second time asks for nothing.
            var again = BillMaker.Make(Input(months, at, known, counted, billed));
            if (!again.IsEmpty)
            {
                return $"seed {seed}: month {months[at].Name} billed twice asks for {again.NetMinor}";
            }
        }

        var last = months.Count - 1;
        var wanted = BigInteger.Zero;
        for (var l = 0; l < lives.Count; l++)
        {
            var held = last >= lives[l].CorrectedAt ? lives[l].Right : lives[l].First;
            for (var m = 0; m <= months.Count; m++)
            {
                var month = m < months.Count ? months[m] : months[^1].Plus(1);
                long Sum(string meter) => m < months.Count ? usage[l].Where(record => record.Month == m && record.KnownAt <= last).Sum(static record => record.Quantity) : 0;
                wanted += ReferenceBills.Month(held, month.FirstDate, month.AfterDate, day => EndOf(day, zone), Sum, advance: true, arrears: m < months.Count);
            }
        }

        return asked == wanted ? null : $"seed {seed}: asked {asked}, the reference says {wanted} ({zone.Id}, closing {closing}, {begin.Name}, {months.Count} months)";
    }

    /// <summary>Ended and bought again on the same day: with daily proration it costs what it would have cost without.</summary>
    public static string? CheckBuyingAgain(int seed)
    {
        var random = new Random(seed);
        var zone = DateTimeZoneProviders.Tzdb[Zones[random.Next(Zones.Length)]];
        var month = BillingPeriod.Parse($"{random.Next(2019, 2029):D4}-{random.Next(1, 13):D2}", zone.Id, ClosingDays[random.Next(ClosingDays.Length)]).Value!;
        IReadOnlyList<Price> prices = [new FlatPrice("Line", Amount(random), (Charged)random.Next(2))];
        var quantity = random.Next(1, 9);
        var at = Instant(random.NextInt64(month.FromMicros, month.ToMicros));
        var before = Instant(month.FromMicros - 5_000_000);
        List<Held> whole = [new(before, null, quantity, prices)];
        List<Held> first = [new(before, at, quantity, prices)];
        List<Held> second = [new(at, null, quantity, prices)];
        long Net(params List<Held>[] lives) => lives.Sum(life => MonthRater.Rate(new MonthInput(Currency.Find("JPY")!, month.FirstDate, month.AfterDate, Terms(month, life))).Sum(static line => line.Line.AmountMinor));
        var (once, twice) = (Net(whole), Net(first, second));
        return once == twice ? null : $"seed {seed}: {once} without, {twice} with an end and a new beginning at {at:O}";
    }

    private static BillInput Input(
        IReadOnlyList<BillingPeriod> months, int at, IReadOnlyList<IReadOnlyList<Held>> known, IReadOnlyList<IReadOnlyList<Used>> counted, Dictionary<(string, string), BilledCharge> billed)
    {
        var subscriptions = known.Select((held, i) => new BillSubscription("s" + i, "plan", "spec", Terms(months[at], held), [.. held.Select(static _ => 1L)])).ToList();
        BillMonth Month(BillingPeriod month, int m, MonthCharges which) => new(
            month.Name, month.FirstDate, month.AfterDate, which,
            subscriptions.Select((each, i) => (each.Id, Sum: counted[i].Where(record => record.Month == m).Sum(static record => record.Quantity)))
                .ToDictionary(static pair => pair.Id, static pair => new MonthUsage(new Dictionary<string, decimal> { [Meter] = pair.Sum }, new Dictionary<string, IReadOnlyList<decimal>>())));
        var rated = months.Take(at + 1).Select((month, m) => Month(month, m, MonthCharges.All)).Append(Month(months[at].Plus(1), -1, MonthCharges.Advance)).ToList();
        var names = rated.Select(static month => month.Name).ToHashSet();
        return new BillInput(
            "ba", months[at].Name, months[at].FirstDate, months[at].AfterDate, Currency.Find("JPY")!, TaxProfile.Find("jp")!, TaxRounding.Floor, 0, subscriptions, rated,
            billed.Where(pair => names.Contains(pair.Key.Item1)).ToDictionary(static pair => pair.Key, static pair => pair.Value), []);
    }

    private static IReadOnlyList<MonthTerms> Terms(BillingPeriod month, IReadOnlyList<Held> held) => [.. held.Select(terms =>
    {
        var (from, to) = month.DatesOf(Micros(terms.From), terms.To is { } end ? Micros(end) : null);
        return new MonthTerms(terms.Prices, terms.Quantity, from, to);
    })];

    private static ContractLife Life(Random random, IReadOnlyList<BillingPeriod> months)
    {
        var (from, to) = (months[0].FromMicros - (20L * 86_400_000_000), months[^1].ToMicros);
        var first = Timeline(random, from, to, null);

        // Some are corrected later; they keep their beginning.
        return random.Next(3) == 0 ? new ContractLife(first, Timeline(random, from, to, first[0].From), random.Next(1, months.Count)) : new ContractLife(first, first, int.MaxValue);
    }

    private static List<Held> Timeline(Random random, long from, long to, DateTimeOffset? begin)
    {
        // Leap days and month ends are met often: half of the moments are drawn near one.
        var moments = Enumerable.Range(0, random.Next(1, 5)).Select(_ => Instant(Near(random, random.NextInt64(from, to)))).Append(begin ?? Instant(Near(random, random.NextInt64(from, (from + to) / 2)))).Order().ToList();
        if (begin is { } fixedBegin)
        {
            moments = [fixedBegin, .. moments.Where(moment => moment > fixedBegin)];
        }

        var held = new List<Held>();
        for (var i = 0; i < moments.Count; i++)
        {
            var end = i + 1 < moments.Count ? moments[i + 1] : (DateTimeOffset?)null;
            held.Add(new Held(moments[i], end, random.Next(1, 4), Prices(random)));
        }

        if (held.Count > 1 && random.Next(2) == 0)
        {
            held.RemoveAt(held.Count - 1);
        }

        return held;
    }

    private static IReadOnlyList<Price> Prices(Random random)
    {
        var prices = new List<Price>();
        if (random.Next(5) > 0)
        {
            prices.Add(new FlatPrice("Line", Amount(random), (Charged)random.Next(2), (Proration)random.Next(4), random.Next(4) == 0 ? random.Next(1, 4) : 0));
        }

        if (random.Next(3) == 0)
        {
            prices.Add(new OneTimePrice("Set-up", Amount(random)));
        }

        switch (random.Next(4))
        {
            case 0: prices.Add(new PerUnitPrice("Traffic", Meter, Amount(random), random.Next(1, 8), random.Next(0, 100))); break;
            case 1: prices.Add(new TieredPrice("Traffic", Meter, [new PriceTier(50, Amount(random)), new PriceTier(200, Amount(random)), new PriceTier(null, Amount(random))], random.Next(1, 8))); break;
            case 2: prices.Add(new VolumePrice("Traffic", Meter, [new PriceTier(50, Amount(random)), new PriceTier(null, Amount(random))], random.Next(1, 8))); break;
        }

        return prices;
    }

    private static decimal Amount(Random random) => random.Next(3) switch { 0 => random.Next(1, 20_000), 1 => random.Next(1, 2_000_000) / 100m, _ => random.Next(1, 9_999_999) / 1_000_000m };

    /// <summary>Half of the moments lie within two days of a month's end.</summary>
    private static long Near(Random random, long micros)
    {
        if (random.Next(2) == 0)
        {
            return micros;
        }

        var at = Instant(micros);
        var end = new DateTimeOffset(at.Year, at.Month, DateTime.DaysInMonth(at.Year, at.Month), 12, 0, 0, TimeSpan.Zero);
        return Micros(end) + random.NextInt64(-2L * 86_400_000_000, 2L * 86_400_000_000);
    }

    private static DateTimeOffset EndOf(DateOnly day, DateTimeZone zone) => zone.AtStartOfDay(LocalDate.FromDateOnly(day.AddDays(1))).ToDateTimeOffset();

    private static DateTimeOffset Instant(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * 10);

    private static long Micros(DateTimeOffset at) => (at - DateTimeOffset.UnixEpoch).Ticks / 10;

    private sealed record Used(int Key, int Month, long Quantity, int KnownAt);

    private sealed record ContractLife(IReadOnlyList<Held> First, IReadOnlyList<Held> Right, int CorrectedAt);
}
