using Tsunagi.BackOffice.Statements;

namespace Tsunagi.BackOffice.Sample;

/// <summary>Who the sample's customers are and what each is asked for in each month: the totals of every stream, shared out by how large its customers are, to the yen. Pure.</summary>
internal sealed class SamplePlan
{
    private static readonly string[] Industries = ["Banking", "Chemicals", "Construction", "Electronics", "Government", "Insurance", "Machinery", "Media", "Pharmaceuticals", "Retail", "Trading", "Transport"];
    private static readonly string[] Heads = ["青葉", "暁", "朝日丘", "泉", "海老名", "扇", "霞", "北浜", "琴平", "桜木", "白樺", "杉並木", "高砂", "千早", "常盤", "渚", "浜風", "緑川", "三日月", "若松"];
    private static readonly string[] Tails = ["製作所", "商事", "電機", "運輸", "食品", "化学", "建設", "不動産", "精機", "印刷"];

    public SamplePlan(int seed, int customers)
    {
        Totals = new SampleTotals(seed);
        var draw = new SampleDraw(unchecked(seed + 1));
        Customers = [.. Enumerable.Range(0, customers).Select(i => Draw(draw, i, customers))];
        foreach (var stream in SampleStreams.All)
        {
            foreach (var month in SampleTotals.Months.Months)
            {
                Share(draw, stream, month);
            }
        }

        Markets = Market(draw);
    }

    public SampleTotals Totals { get; }

    public IReadOnlyList<SampleCustomer> Customers { get; }

    /// <summary>Industries with their twelve largest companies; about half of the first ten are customers (by their place in the list).</summary>
    public IReadOnlyList<(string Industry, int Rank, string Company, int? Customer)> Markets { get; }

    private static SampleCustomer Draw(SampleDraw draw, int index, int customers)
    {
        // The first twenty have everything all the time, so that no stream of any month is without a customer.
        var anchor = index < 20;
        var acquired = !anchor && index >= customers - (customers / 50);
        var weight = draw.Weight();
        var (begin, end) = (SampleTotals.Months.First, SampleTotals.Months.Last);
        begin = acquired ? SampleTotals.Months.First + 14 : !anchor && draw.Next(8) == 0 ? begin + draw.Next(17) : begin;
        end = !anchor && !acquired && draw.Next(25) == 0 ? Math.Max(begin, SampleTotals.Months.First + draw.Next(18)) : end;
        var has = new HashSet<SampleStream>();
        if (acquired)
        {
            has.Add(SampleStream.AcquiredLines);
        }

        foreach (var (stream, percent) in new[] { (SampleStream.Dedicated, 62), (SampleStream.Broadband, 30), (SampleStream.ValueAdded, 35), (SampleStream.Operation, 12) })
        {
            if (anchor || (!acquired && draw.Next(100) < percent + (weight > 3 ? 25 : 0)))
            {
                has.Add(stream);
            }
        }

        if (has.Count == 0)
        {
            has.Add(SampleStream.Dedicated);
        }

        var name = $"{Heads[index % Heads.Length]}{Tails[index / Heads.Length % Tails.Length]} {(index / (Heads.Length * Tails.Length)) + 1:00}";
        return new SampleCustomer(index, name, index % 40 == 7, acquired, weight, begin, end, has, anchor ? [0, 1, 2] : [draw.Next(3)]);
    }

    private void Share(SampleDraw draw, SampleStream stream, int month)
    {
        var total = Totals.Revenue(stream, month);
        if (total == 0)
        {
            return;
        }

        bool Buys(SampleCustomer customer) => customer.Begin <= month && month <= customer.End && (stream.IsOnce()
            ? !customer.IsAcquired && (customer.Index < 3 || draw.Next(100) < 4)
            : customer.Streams.Contains(stream));
        var buyers = Customers.Where(Buys).ToList();
        if (buyers.Count == 0)
        {
            // A sample of very few customers has none that was acquired: the largest anchor takes it.
            buyers = [Customers[0]];
        }

        foreach (var (customer, amount) in buyers.Zip(SampleTotals.Split(total, [.. buyers.Select(static customer => customer.Weight)])))
        {
            if (amount > 0)
            {
                customer.Add(month, stream, amount);
            }
        }
    }

    private List<(string, int, string, int?)> Market(SampleDraw draw)
    {
        var (markets, next) = (new List<(string, int, string, int?)>(), 0);
        foreach (var industry in Industries)
        {
            for (var rank = 1; rank <= 12; rank++)
            {
                var customer = next < Customers.Count && draw.Next(100) < 60 ? next++ : (int?)null;
                markets.Add((industry, rank, customer is { } own ? Customers[own].Name : $"{industry} {rank}", customer));
            }
        }

        return markets;
    }
}

/// <summary>A customer of the sample.</summary>
/// <param name="Begin">The first month it is a customer.</param>
/// <param name="ValueAdded">Which value-added services it has.</param>
internal sealed record SampleCustomer(int Index, string Name, bool IsEnglish, bool IsAcquired, double Weight, int Begin, int End, IReadOnlySet<SampleStream> Streams, IReadOnlyList<int> ValueAdded)
{
    private readonly Dictionary<int, List<(SampleStream Stream, int Which, long Amount)>> _byMonth = [];

    /// <summary>What it is asked for in a month.</summary>
    public IReadOnlyList<(SampleStream Stream, int Which, long Amount)> In(int month) => _byMonth.TryGetValue(month, out var lines) ? lines : [];

    internal void Add(int month, SampleStream stream, long amount)
    {
        if (!_byMonth.TryGetValue(month, out var lines))
        {
            _byMonth[month] = lines = [];
        }

        if (stream != SampleStream.ValueAdded)
        {
            lines.Add((stream, 0, amount));
            return;
        }

        foreach (var (which, part) in ValueAdded.Zip(SampleTotals.Split(amount, [.. ValueAdded.Select(static _ => 1.0)])).Where(static each => each.Second > 0))
        {
            lines.Add((stream, which, part));
        }
    }
}
