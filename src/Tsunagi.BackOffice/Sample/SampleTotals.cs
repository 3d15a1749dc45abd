using Tsunagi.BackOffice.Reports;
using Tsunagi.BackOffice.Statements;
using Tsunagi.Core.Catalogue;

namespace Tsunagi.BackOffice.Sample;

/// <summary>
/// What the sample comes to, month by month, to the yen: 18 months from April 2006 on, such that their exact sums round to the figures a provider of that time published (halves, growth,
/// shares, quarters, balance sheet, cash flow, target). The seed moves yen between months and customers; the halves stay within what the published precision allows. Pure.
/// </summary>
internal sealed class SampleTotals
{
    public static readonly MonthSpan Months = new((2006 * 12) + 3, (2007 * 12) + 8);
    public const string Acquired = "hi-ho";
    private const long Million = 1_000_000;
    private static readonly MonthSpan First06 = new(Months.First, Months.First + 5), Second06 = First06.Plus(6), First07 = First06.Plus(12);

    // In tenths of a million yen: what each stream earns in 1H06, 2H06 and 1H07.
    private static readonly (SampleStream Stream, long First06, long Second06, long First07)[] Halves =
    [
        (SampleStream.Dedicated, 71_500, 74_300, 77_291), (SampleStream.Broadband, 2_500, 2_520, 2_499), (SampleStream.AcquiredLines, 0, 0, 14_190), (SampleStream.ValueAdded, 33_000, 36_400, 40_590),
        (SampleStream.Operation, 78_000, 81_000, 85_060), (SampleStream.Construction, 62_000, 94_090, 66_000), (SampleStream.Equipment, 17_240, 18_000, 14_020),
    ];

    private static readonly int[] Steady = [100, 101, 102, 103, 104, 105], Projects = [10, 12, 18, 13, 15, 32], Winter = [12, 12, 17, 13, 16, 30], Joined = [0, 0, 354, 355, 355, 355];
    private readonly Dictionary<(SampleStream Stream, int Month), long> _revenue = [];

    public SampleTotals(int seed)
    {
        var draw = new SampleDraw(seed);
        foreach (var (stream, first06, second06, first07) in Halves)
        {
            foreach (var (span, tenths) in new[] { (First06, first06), (Second06, second06), (First07, first07) })
            {
                var yen = tenths == 0 ? 0 : (tenths * (Million / 10)) + draw.Next(2_000) - 1_000;
                var weights = stream is SampleStream.Construction or SampleStream.Equipment ? span == Second06 ? Winter : Projects : stream == SampleStream.AcquiredLines ? Joined : Steady;
                foreach (var (month, amount) in span.Months.Zip(Split(yen, [.. weights.Select(static weight => (double)weight)])))
                {
                    _revenue[(stream, month)] = amount;
                }
            }
        }

        Entries = [.. Ledger().Where(static entry => entry.AmountMinor != 0)];
    }

    /// <summary>The general ledger that goes with it.</summary>
    public IReadOnlyList<GlEntry> Entries { get; }

    public long Revenue(SampleStream stream, int month) => _revenue[(stream, month)];

    /// <summary>An amount in parts by weight that add up to it: the largest remainders get the last yen.</summary>
    public static long[] Split(long amount, double[] weights)
    {
        var whole = weights.Sum();
        var exact = weights.Select(weight => whole == 0 ? 0 : amount * (weight / whole)).ToArray();
        var parts = exact.Select(static each => (long)Math.Floor(each)).ToArray();
        var left = (int)(amount - parts.Sum());
        foreach (var i in Enumerable.Range(0, parts.Length).Where(i => weights[i] > 0).OrderByDescending(i => exact[i] - parts[i]).ThenBy(static i => i).Take(left))
        {
            parts[i]++;
        }

        return parts;
    }

    private IEnumerable<GlEntry> Ledger() => [.. Costs(), .. Expenses(), .. Balances(), .. Cash(), .. Years()];

    private long In(MonthSpan span, Func<SampleStream, bool> which) => _revenue.Where(pair => span.Contains(pair.Key.Month) && which(pair.Key.Stream)).Sum(static pair => pair.Value);

    /// <summary>Cost of each half by group; of the second quarters so much that the margin of the quarter is what was published.</summary>
    private IEnumerable<GlEntry> Costs()
    {
        foreach (var (span, whole, connected, secondQuarterRatio) in new[] { (First06, 215_670, 74_930, 0.183m), (Second06, 247_508, 77_000, 0.205m), (First07, 237_920, 89_017, 0.210m) })
        {
            var (all, own) = (whole * (Million / 10), connected * (Million / 10));
            var acquired = span == First07 ? 1_488 * Million : 0;
            var ownByMonth = Split(own - acquired, [.. span.Months.Select(month => (double)In(new MonthSpan(month, month), Connected))]);
            var acquiredByMonth = Split(acquired, [.. Joined.Select(static weight => (double)weight)]);
            var quarter = new MonthSpan(span.First + 3, span.Last);
            var revenue = In(quarter, static _ => true);
            var systemsLate = revenue - (long)(revenue * secondQuarterRatio) - ownByMonth[3..].Sum() - acquiredByMonth[3..].Sum();
            var systems = Split(all - own - systemsLate, Weights(new MonthSpan(span.First, span.First + 2))).Concat(Split(systemsLate, Weights(quarter))).ToArray();
            for (var i = 0; i < 6; i++)
            {
                yield return Entry(span.First + i, StatementFigures.Connectivity, "", ownByMonth[i]);
                yield return Entry(span.First + i, StatementFigures.Connectivity, Acquired, acquiredByMonth[i]);
                yield return Entry(span.First + i, StatementFigures.Systems, "", systems[i]);
            }
        }
    }

    private double[] Weights(MonthSpan span) => [.. span.Months.Select(month => (double)In(new MonthSpan(month, month), static stream => !Connected(stream)))];

    private static bool Connected(SampleStream stream) => stream is SampleStream.Dedicated or SampleStream.Broadband or SampleStream.AcquiredLines or SampleStream.ValueAdded;

    private static IEnumerable<GlEntry> Expenses()
    {
        (string Line, long First06, long Second06, long First07)[] halves =
        [
            ("sga.sales", 16_320, 17_600, 18_430), ("sga.general", 17_774, 19_000, 22_200), ("sga.research", 770, 900, 1_100), ("other.securities", 9_250, 10_000, 2_140), ("other.rest", -1_529, -2_249, -3_330),
            ("tax", 9_600, -2_500, 18_050), ("minority", -1_300, -600, 240), ("equity", -1_180, -394, -490), ("invest.capital", 15_000, 20_000, 9_920), ("invest.depreciation", 14_000, 15_000, 17_000),
        ];
        foreach (var (line, first06, second06, first07) in halves)
        {
            foreach (var (span, tenths) in new[] { (First06, first06), (Second06, second06), (First07, first07) })
            {
                foreach (var (month, amount) in span.Months.Zip(SplitEvenly(tenths)))
                {
                    yield return Entry(month, line, "", amount);
                }
            }
        }

        foreach (var (month, amount) in First07.Months.Zip(Split(184 * Million, [.. Joined.Select(static weight => (double)weight)])))
        {
            yield return Entry(month, "sga.sales", Acquired, amount);
        }
    }

    private static IEnumerable<long> SplitEvenly(long tenths) => Split(Math.Abs(tenths) * (Million / 10), [1, 1, 1, 1, 1, 1]).Select(part => part * Math.Sign(tenths));

    /// <summary>Where the published change is not the difference of the published balances, both are off by what rounding hid.</summary>
    private static IEnumerable<GlEntry> Balances()
    {
        (string Line, long Now, long Before, long Change)[] lines =
        [
            ("balance.cash", 11_670, 13_555, -1_885), ("balance.receivable", 9_107, 9_676, -568), ("balance.inventories", 1_878, 1_111, 767), ("balance.prepaid", 1_736, 1_053, 682), ("balance.securities", 1_043, 1_310, -266),
            ("balance.property", 11_301, 9_832, 1_468), ("balance.intangible", 5_817, 2_877, 2_940), ("balance.other", 4_478, 3_260, 1_217), ("balance.borrowings", 10_650, 6_340, 4_310), ("balance.deficit", -21_100, -24_271, 3_171),
            ("balance.comprehensive", 440, 950, -509), ("balance.shareholders", 23_786, 20_112, 3_674), ("balance.assets", 53_238, 47_693, 5_545),
        ];
        foreach (var (line, now, before, change) in lines)
        {
            var hidden = (change - (now - before)) * (4 * Million / 10);
            yield return Entry(First07.Last, line, "", (now * Million) + hidden);
            yield return Entry(Second06.Last, line, "", (before * Million) - hidden);
        }
    }

    private static IEnumerable<GlEntry> Cash()
    {
        (string Line, string Part, long First, long Second)[] items =
        [
            ("cash.operating", "", -13_276, 14_444), ("cash.investing", "acquisition of minority shares", -19_750, 0), ("cash.investing", "acquisition of " + Acquired, -9_120, 0), ("cash.investing", "property and equipment", -5_700, -4_220),
            ("cash.investing", "equity method investee", 0, -2_500), ("cash.investing", "", -1_200, -1_030), ("cash.financing", "borrowings", 30_000, 13_100), ("cash.financing", "capital leases", -8_200, -8_380), ("cash.financing", "dividends", -3_060, 0),
        ];
        foreach (var (line, part, first, second) in items)
        {
            yield return Entry(First07.First + 2, line, part, first * (Million / 10));
            yield return Entry(First07.Last, line, part, second * (Million / 10));
        }
    }

    private static IEnumerable<GlEntry> Years() =>
    [
        Entry(First07.First, "target.revenue", "", 69_000 * Million), Entry(First07.First, "target.operating", "", 4_600 * Million), Entry(First07.First, "target.pretax", "", 5_100 * Million),
        Entry(First07.First, "target.net", "", 5_600 * Million), Entry(First07.First, "target.shares", "", 206_475), Entry(First07.First, "target.dividend", "", 1_500), Entry(First06.First, "shares", "", 204_027), Entry(First06.First, "dividend", "", 1_500),
    ];

    private static GlEntry Entry(int month, string line, string part, long amount) => new(MonthSpan.Text(month), line, part, amount);
}

/// <summary>What the sample's customers buy.</summary>
internal enum SampleStream
{
    Dedicated,
    Broadband,
    AcquiredLines,
    ValueAdded,
    Operation,
    Construction,
    Equipment,
}

/// <summary>How a stream stands on a line.</summary>
internal static class SampleStreams
{
    public static readonly IReadOnlyList<SampleStream> All = Enum.GetValues<SampleStream>();

    public static bool IsOnce(this SampleStream stream) => stream is SampleStream.Construction or SampleStream.Equipment;

    public static OfferingCategory? Category(this SampleStream stream) => stream switch
    {
        SampleStream.Dedicated or SampleStream.Broadband or SampleStream.AcquiredLines => OfferingCategory.Connectivity,
        SampleStream.ValueAdded => OfferingCategory.ValueAdded,
        SampleStream.Operation => OfferingCategory.Operation,
        SampleStream.Construction => OfferingCategory.Construction,
        _ => null,
    };

    /// <summary>The service that earns it; of value-added ones a customer has one or more.</summary>
    public static string Revenue(this SampleStream stream, int which) => stream switch
    {
        SampleStream.Dedicated => "connectivity.dedicated",
        SampleStream.Broadband or SampleStream.AcquiredLines => "connectivity.broadband",
        SampleStream.ValueAdded => which switch { 0 => "mail.gateway", 1 => "ddos.protection", _ => "routers.managed-site" },
        SampleStream.Operation => "backoffice.operation",
        SampleStream.Construction => "backoffice.construction",
        _ => "equipment",
    };

    public static string Label(this SampleStream stream, int which, bool japanese) => stream switch
    {
        SampleStream.Dedicated => japanese ? "専用線接続サービス" : "Dedicated line",
        SampleStream.Broadband or SampleStream.AcquiredLines => japanese ? "ブロードバンド接続サービス" : "Broadband line",
        SampleStream.ValueAdded => (which, japanese) switch { (0, true) => "メールゲートウェイ", (0, _) => "Mail gateway", (1, true) => "DDoS対策", (1, _) => "DDoS protection", (_, true) => "ルータ運用", _ => "Managed routers" },
        SampleStream.Operation => japanese ? "システム運用保守" : "System operation",
        SampleStream.Construction => japanese ? "システム構築" : "System construction",
        _ => japanese ? "機器販売" : "Equipment",
    };
}

/// <summary>Numbers from a seed, the same on every machine and runtime (SplitMix64).</summary>
internal sealed class SampleDraw(int seed)
{
    private ulong _state = unchecked((ulong)seed * 0x9E3779B97F4A7C15UL);

    public int Next(int below) => (int)(Bits() % (ulong)below);

    /// <summary>From 0 up to 1.</summary>
    public double Part() => (Bits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>How large a customer is beside another: most are small, few are very large.</summary>
    public double Weight() => Math.Exp(1.6 * Math.Sqrt(-2 * Math.Log(1 - Part())) * Math.Cos(2 * Math.PI * Part()));

    private ulong Bits()
    {
        var mixed = _state += 0x9E3779B97F4A7C15UL;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9UL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
        return mixed ^ (mixed >> 31);
    }
}
