using System.Globalization;
using System.Numerics;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.Core.Rating;
using Tsunagi.Core.Usage;

namespace Tsunagi.BackOffice.Orders;

/// <summary>
/// What an end before its time costs, pure: for each month of the account, what the fixed charges would have come to had it stayed, less what they come to as it ends; of their sum the agreed part. At
/// 100 per cent the customer pays to the yen what he would have paid by staying.
/// </summary>
internal static class EarlyCharge
{
    /// <param name="terms">All terms with the last one open.</param>
    /// <param name="ends">The first day on which it does not run any more.</param>
    /// <param name="proration">What was agreed for the month in which it ends.</param>
    /// <param name="ordinary">The earliest end that was allowed; nothing is owed when it is not later.</param>
    public static (long Minor, string Explanation) Of(
        Currency currency, BillingAccount account, IReadOnlyList<MonthTerms> terms, DateOnly ends, Proration? proration, DateOnly ordinary, decimal percent)
    {
        if (ordinary <= ends || percent == 0)
        {
            return (0, "");
        }

        var (ended, stayed) = (Cut(terms, ends, proration), Cut(terms, ordinary, null));
        var parts = new List<(string Month, long Minor)>();
        for (var month = BillingPeriod.Containing(CivilTime.StartOf(ends, account.TimeZone), account.TimeZone, account.ClosingDay); month.FirstDate < ordinary; month = month.Plus(1))
        {
            var left = checked(SumOf(currency, month, stayed) - SumOf(currency, month, ended));
            if (left != 0)
            {
                parts.Add((month.Name, left));
            }
        }

        var sum = parts.Sum(static part => part.Minor);
        if (sum <= 0)
        {
            // The month of the end is paid whole: nothing is left.
            return (0, "");
        }

        var amount = (long)Rounded(new BigInteger(sum) * new BigInteger(decimal.Truncate(percent * 100)), 10_000);
        return (amount, amount == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"to {CivilTime.Text(ordinary)}: {Text(parts)} = {sum:#,0} × {percent:0.##} %"));
    }

    /// <summary>An explanation in the reader's language.</summary>
    public static string Say(string explanation, bool japanese) =>
        japanese && explanation.StartsWith("to ", StringComparison.Ordinal) ? explanation[3..].Replace(": ", " までの残期間: ", StringComparison.Ordinal) : explanation;

    private static IReadOnlyList<MonthTerms> Cut(IReadOnlyList<MonthTerms> terms, DateOnly end, Proration? ends)
    {
        var cut = terms.Where((each, i) => each.From < end || i == 0).Select(each => each with { To = each.To is { } to && to < end ? to : end }).ToList();
        cut[^1] = cut[^1] with { Ends = ends };
        return cut;
    }

    /// <summary>A month's fixed charges.</summary>
    public static long SumOf(Currency currency, BillingPeriod month, IReadOnlyList<MonthTerms> terms)
    {
        var fixedOnly = terms.Select(static each => each with { Prices = [.. each.Prices.OfType<FlatPrice>()] }).ToList();
        return MonthRater.Rate(new MonthInput(currency, month.FirstDate, month.AfterDate, fixedOnly)).Sum(static line => line.Line.AmountMinor);
    }

    /// <summary>"5,000 + 3 × 10,000": months that cost the same are counted.</summary>
    private static string Text(List<(string Month, long Minor)> parts)
    {
        var groups = new List<(long Minor, int Count)>();
        foreach (var (_, minor) in parts)
        {
            if (groups.Count > 0 && groups[^1].Minor == minor)
            {
                groups[^1] = (minor, groups[^1].Count + 1);
            }
            else
            {
                groups.Add((minor, 1));
            }
        }

        return string.Join(" + ", groups.Select(static group => group.Count == 1
            ? group.Minor.ToString("#,0", CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{group.Count} × {group.Minor:#,0}")));
    }

    private static BigInteger Rounded(BigInteger numerator, BigInteger denominator) =>
        numerator.Sign * (((2 * BigInteger.Abs(numerator)) + denominator) / (2 * denominator));
}
