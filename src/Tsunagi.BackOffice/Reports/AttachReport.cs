using System.Runtime.InteropServices;

namespace Tsunagi.BackOffice.Reports;

/// <summary>
/// Which services customers have together, and who lacks what most of their like have. Pure: (1) who has what, (2) how many services each has, (3) each pair,
/// (4) in each band of yearly revenue the services that more than half have, and the customers of the band who do not.
/// </summary>
/// <param name="Services">Most holders first.</param>
/// <param name="PerCustomer">How many customers have 1, 2, 3 … services.</param>
/// <param name="Pairs">Every ordered pair of different services: of those who have the first, how many have the second.</param>
/// <param name="Gaps">Largest expected revenue first.</param>
public sealed record AttachReport(
    int Customers, IReadOnlyList<ServiceHolders> Services, IReadOnlyList<(int Services, int Customers)> PerCustomer, IReadOnlyList<ServicePair> Pairs, IReadOnlyList<ServiceGap> Gaps)
{
    /// <summary>A band with fewer customers says nothing about their like.</summary>
    public const int FewestLike = 5;

    /// <param name="holdings">What customers were billed for the span's months, by service; above nothing is having it.</param>
    /// <param name="yearly">Revenue of each customer in twelve months.</param>
    public static AttachReport Make(IEnumerable<Holding> holdings, IReadOnlyCollection<CustomerRevenue> yearly, IReadOnlyList<long> boundsMinor)
    {
        // :: (1)
        var has = holdings.Where(static holding => holding.AmountMinor > 0).GroupBy(static holding => holding.AccountId, StringComparer.Ordinal)
            .ToDictionary(static own => own.Key, static own => own.ToDictionary(static holding => holding.Service, static holding => holding.AmountMinor, StringComparer.Ordinal), StringComparer.Ordinal);
        var holders = has.Values.SelectMany(static own => own.Keys).GroupBy(static service => service, StringComparer.Ordinal).ToDictionary(static own => own.Key, static own => own.Count(), StringComparer.Ordinal);
        string[] services = [.. holders.OrderByDescending(static pair => pair.Value).ThenBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => pair.Key)];

        // :: (2)
        var perCustomer = has.Values.GroupBy(static own => own.Count).OrderBy(static group => group.Key).Select(static group => (group.Key, group.Count())).ToList();

        // :: (3)
        var both = new Dictionary<(string, string), int>();
        foreach (var own in has.Values)
        {
            foreach (var first in own.Keys)
            {
                foreach (var second in own.Keys.Where(second => second != first))
                {
                    both[(first, second)] = both.GetValueOrDefault((first, second)) + 1;
                }
            }
        }

        return new AttachReport(
            has.Count, [.. services.Select(service => new ServiceHolders(service, holders[service], Shares.Percent(holders[service], has.Count)))], perCustomer,
            [.. from first in services from second in services where first != second select new ServicePair(first, second, both.GetValueOrDefault((first, second)), Shares.Percent(both.GetValueOrDefault((first, second)), holders[first]))],
            AllGaps(has, services, yearly, boundsMinor));
    }

    // :: (4)
    private static List<ServiceGap> GapsOf(IReadOnlyList<CustomerRevenue> band, int number, Dictionary<string, Dictionary<string, long>> has, string[] services)
    {
        var gaps = new List<ServiceGap>();
        foreach (var service in services)
        {
            long[] paid = [.. band.Select(customer => has[customer.AccountId].GetValueOrDefault(service)).Where(static amount => amount > 0).Order()];
            if (band.Count < FewestLike || paid.Length * 2 <= band.Count)
            {
                continue;
            }

            gaps.AddRange(band.Where(customer => !has[customer.AccountId].ContainsKey(service))
                .Select(customer => new ServiceGap(customer, number, service, Shares.Percent(paid.Length, band.Count), paid[(paid.Length - 1) / 2])));
        }

        return gaps;
    }

    private static IReadOnlyList<ServiceGap> AllGaps(
        Dictionary<string, Dictionary<string, long>> has, string[] services, IReadOnlyCollection<CustomerRevenue> yearly, IReadOnlyList<long> boundsMinor) =>
        [.. yearly.Where(customer => customer.AmountMinor > 0 && has.ContainsKey(customer.AccountId)).GroupBy(customer => DistributionReport.BandOf(customer.AmountMinor, boundsMinor))
            .SelectMany(band => GapsOf([.. band], band.Key, has, services))
            .OrderByDescending(static gap => gap.MedianMinor).ThenBy(static gap => gap.Service, StringComparer.Ordinal).ThenByDescending(static gap => gap.Customer.AmountMinor)
            .ThenBy(static gap => gap.Customer.AccountId, StringComparer.Ordinal)];
}

/// <summary>What one customer was charged for one service.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Holding(string AccountId, string Service, long AmountMinor);

[StructLayout(LayoutKind.Auto)]
public readonly record struct ServiceHolders(string Service, int Customers, decimal? Percent);

/// <param name="Percent">Of those who have the first.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ServicePair(string First, string Second, int Both, decimal? Percent);

/// <summary>A customer without a service that more than half of the customers of its band have.</summary>
/// <param name="Band">The band of yearly revenue, from 0.</param>
/// <param name="LikePercent">How many of its band have it.</param>
/// <param name="MedianMinor">What those pay for it in the span: half of them this much or less.</param>
public sealed record ServiceGap(CustomerRevenue Customer, int Band, string Service, decimal? LikePercent, long MedianMinor);
