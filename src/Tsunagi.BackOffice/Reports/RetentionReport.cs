using System.Runtime.InteropServices;

namespace Tsunagi.BackOffice.Reports;

/// <summary>
/// Customers gained and lost by month, and what is left of those who came together. Pure. A customer is there in a month for which it was charged recurring
/// services; months are those that are paid for, so an invoice that came late loses nobody.
/// </summary>
/// <param name="Months">Of the span. Who was there in the first month of the books was there before: nobody is gained in it.</param>
/// <param name="Cohorts">Customers by the month they were gained in, of the span.</param>
/// <param name="KeptPercent">Of the customers of twelve months before the last: their recurring revenue in the last month, of what it was then.</param>
/// <param name="KeptWithoutGrowthPercent">The same, each customer counted with no more than it paid then.</param>
public sealed record RetentionReport(MonthSpan Span, IReadOnlyList<RetentionMonth> Months, IReadOnlyList<Cohort> Cohorts, decimal? KeptPercent, decimal? KeptWithoutGrowthPercent)
{
    /// <param name="facts">From the first month of the books to the last of the span.</param>
    public static RetentionReport Make(IEnumerable<CustomerMonth> facts, MonthSpan span)
    {
        var byMonth = facts.Where(fact => fact.AmountMinor > 0 && fact.Month <= span.Last).GroupBy(static fact => fact.Month)
            .ToDictionary(static group => group.Key, static group => group.ToDictionary(static fact => fact.AccountId, static fact => fact.AmountMinor, StringComparer.Ordinal));
        Dictionary<string, long> At(int month) => byMonth.GetValueOrDefault(month) ?? [];
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (month, there) in byMonth.OrderBy(static pair => pair.Key))
        {
            foreach (var account in there.Keys)
            {
                first.TryAdd(account, month);
            }
        }

        var opening = byMonth.Count == 0 ? 0 : byMonth.Keys.Min();
        var months = span.Months.Select(month => MonthOf(month, At(month), At(month - 1), first, month <= opening)).ToList();
        var cohorts = first.Where(pair => span.Contains(pair.Value) && pair.Value > opening).GroupBy(static pair => pair.Value, static pair => pair.Key).OrderBy(static group => group.Key)
            .Select(group => CohortOf(group.Key, [.. group], span.Last, At)).ToList();
        var (then, now) = (At(span.Last - 12), At(span.Last));
        var base12 = then.Values.Aggregate(0m, static (sum, amount) => sum + amount);
        return new RetentionReport(
            span, months, cohorts, Shares.Percent(then.Keys.Aggregate(0m, (sum, account) => sum + now.GetValueOrDefault(account)), base12),
            Shares.Percent(then.Aggregate(0m, (sum, pair) => sum + Math.Min(pair.Value, now.GetValueOrDefault(pair.Key))), base12));
    }

    private static RetentionMonth MonthOf(int month, Dictionary<string, long> there, Dictionary<string, long> before, Dictionary<string, int> first, bool isOpening)
    {
        var came = isOpening ? [] : there.Keys.Where(account => !before.ContainsKey(account)).ToList();
        var gained = came.Count(account => first[account] == month);
        var lost = before.Keys.Where(account => !there.ContainsKey(account)).ToList();
        return new RetentionMonth(
            month, isOpening ? there.Count : before.Count, gained, came.Count - gained, lost.Count, there.Count, came.Sum(account => there[account]), lost.Sum(account => before[account]));
    }

    // The first month is often a part of one: what is kept is measured from the month after it.
    private static Cohort CohortOf(int month, IReadOnlyList<string> accounts, int last, Func<int, Dictionary<string, long>> at)
    {
        var sums = Enumerable.Range(month, last - month + 1).Select(each =>
        {
            var there = at(each);
            return (Customers: accounts.Count(there.ContainsKey), Amount: accounts.Aggregate(0L, (sum, account) => checked(sum + there.GetValueOrDefault(account))));
        }).ToList();
        var whole = sums.Count > 1 ? sums[1].Amount : 0;
        return new Cohort(month, accounts.Count, whole, [.. sums.Select((sum, after) => new CohortMonth(after, sum.Customers, sum.Amount, after == 0 ? null : Shares.Percent(sum.Amount, whole)))]);
    }
}

/// <summary>What one customer was charged for recurring services of one month.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct CustomerMonth(string AccountId, int Month, long AmountMinor);

/// <param name="Before">Customers of the month before.</param>
/// <param name="Gained">There for the first time.</param>
/// <param name="Returned">There before, but not in the month before.</param>
/// <param name="Lost">There in the month before and not in this one.</param>
/// <param name="Customers">There in this month: before + gained + returned - lost.</param>
/// <param name="CameMinor">What those who came pay in this month.</param>
/// <param name="LostMinor">What those who went paid in the month before.</param>
public sealed record RetentionMonth(int Month, int Before, int Gained, int Returned, int Lost, int Customers, long CameMinor, long LostMinor);

/// <param name="WholeMinor">What they paid in their second month.</param>
/// <param name="Months">From the month they came in (0) on.</param>
public sealed record Cohort(int Month, int Customers, long WholeMinor, IReadOnlyList<CohortMonth> Months);

/// <param name="Percent">Revenue, of that of the second month.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct CohortMonth(int After, int Customers, long AmountMinor, decimal? Percent);
