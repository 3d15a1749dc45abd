using System.Globalization;
using System.Runtime.InteropServices;

namespace Tsunagi.BackOffice.Reports;

/// <summary>How much of the revenue comes from how few customers. Pure.</summary>
/// <param name="Ranked">Every customer with revenue, largest first; equals in the order of their ids.</param>
/// <param name="Points">The share of the first so many.</param>
public sealed record ConcentrationReport(long TotalMinor, IReadOnlyList<RankedCustomer> Ranked, IReadOnlyList<ConcentrationPoint> Points)
{
    private static readonly int[] Counts = [1, 3, 5, 10, 20, 50, 100, 200, 500, 1_000];
    private static readonly int[] Parts = [1, 5, 10, 20, 50];

    /// <exception cref="OverflowException">The sum does not fit into 63 bits.</exception>
    public static ConcentrationReport Make(IEnumerable<CustomerRevenue> customers)
    {
        var sorted = customers.Where(static customer => customer.AmountMinor != 0)
            .OrderByDescending(static customer => customer.AmountMinor).ThenBy(static customer => customer.AccountId, StringComparer.Ordinal).ToList();
        var total = sorted.Aggregate(0L, static (sum, customer) => checked(sum + customer.AmountMinor));
        var ranked = new List<RankedCustomer>(sorted.Count);
        var sum = 0L;
        foreach (var customer in sorted)
        {
            sum += customer.AmountMinor;
            ranked.Add(new RankedCustomer(ranked.Count + 1, customer, sum, Shares.Percent(customer.AmountMinor, total), Shares.Percent(sum, total)));
        }

        var counts = Counts.Where(count => count < ranked.Count).Select(static count => (count.ToString(CultureInfo.InvariantCulture), count))
            .Concat(Parts.Select(part => (part.ToString(CultureInfo.InvariantCulture) + "%", PartOf(ranked.Count, part))).Where(static part => part.Item2 > 0));
        return new ConcentrationReport(
            total, ranked,
            [.. counts.Append(("100%", ranked.Count)).Where(static point => point.Item2 > 0).Select(point => new ConcentrationPoint(point.Item1, point.Item2, ranked[point.Item2 - 1].SumMinor, ranked[point.Item2 - 1].SumPercent))]);
    }

    // The first percent of 250 customers are three: a part of a customer is the whole customer.
    private static int PartOf(int count, int percent) => ((count * percent) + 99) / 100;
}

/// <param name="SumMinor">This one and all before it.</param>
public sealed record RankedCustomer(int Rank, CustomerRevenue Customer, long SumMinor, decimal? Percent, decimal? SumPercent);

/// <param name="Label">"10" for the first ten customers, "10%" for the first tenth.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ConcentrationPoint(string Label, int Customers, long SumMinor, decimal? Percent);
