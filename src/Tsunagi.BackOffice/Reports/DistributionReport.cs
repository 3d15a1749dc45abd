using System.Runtime.InteropServices;

namespace Tsunagi.BackOffice.Reports;

/// <summary>How many customers bring how much a year. Pure.</summary>
/// <param name="Bands">Lowest first; every one, also those without customers. Customers without revenue are in none.</param>
/// <param name="Without">Customers who were charged and given back as much or more.</param>
public sealed record DistributionReport(long TotalMinor, int Customers, IReadOnlyList<RevenueBand> Bands, int Without, long WithoutMinor)
{
    /// <param name="boundsMinor">Where a band ends and the next begins, ascending: a customer of exactly a bound is in the band above it.</param>
    /// <exception cref="OverflowException">The sum does not fit into 63 bits.</exception>
    public static DistributionReport Make(IReadOnlyCollection<CustomerRevenue> customers, IReadOnlyList<long> boundsMinor)
    {
        var counts = new int[boundsMinor.Count + 1];
        var sums = new long[boundsMinor.Count + 1];
        int all = 0, without = 0;
        long total = 0, back = 0;
        foreach (var customer in customers)
        {
            total = checked(total + customer.AmountMinor);
            if (customer.AmountMinor <= 0)
            {
                without++;
                back += customer.AmountMinor;
                continue;
            }

            var band = BandOf(customer.AmountMinor, boundsMinor);
            counts[band]++;
            sums[band] += customer.AmountMinor;
            all++;
        }

        return new DistributionReport(
            total, all,
            [.. counts.Select((count, i) => new RevenueBand(
                i == 0 ? 0 : boundsMinor[i - 1], i < boundsMinor.Count ? boundsMinor[i] : null, count, Shares.Percent(count, all), sums[i], Shares.Percent(sums[i], total)))],
            without, back);
    }

    /// <summary>Which band an amount above nothing is in, from 0.</summary>
    public static int BandOf(long amountMinor, IReadOnlyList<long> boundsMinor) => boundsMinor.TakeWhile(bound => amountMinor >= bound).Count();
}

/// <param name="FromMinor">This and more.</param>
/// <param name="BelowMinor">Less than this; null of the highest.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RevenueBand(long FromMinor, long? BelowMinor, int Customers, decimal? CustomersPercent, long AmountMinor, decimal? AmountPercent);
