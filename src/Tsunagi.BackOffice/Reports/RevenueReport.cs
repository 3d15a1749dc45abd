using System.Runtime.InteropServices;
using Tsunagi.Core.Catalogue;

namespace Tsunagi.BackOffice.Reports;

/// <summary>
/// Revenue by category and quarter, recurring and once, each beside the same months a year before. Pure: every figure is a sum of exact minor units and is
/// rounded where it is printed, never before.
/// </summary>
/// <param name="Lines">One for each category and one for what is in none, in the order of the portfolio; those without any revenue are left out.</param>
/// <param name="GuessedMinor">How much of the total was counted in a category by guess.</param>
public sealed record RevenueReport(
    MonthSpan Span, IReadOnlyList<FiscalQuarter> Quarters, IReadOnlyList<RevenueLine> Lines, RevenueLine Recurring, RevenueLine Once, RevenueLine Total, long GuessedMinor)
{
    /// <param name="facts">Of the span and of the same months a year before.</param>
    /// <exception cref="OverflowException">A sum does not fit into 63 bits.</exception>
    public static RevenueReport Make(IEnumerable<RevenueFact> facts, MonthSpan span, int yearBegins)
    {
        var quarters = FiscalQuarter.In(span, yearBegins);
        var all = facts.Where(fact => span.Contains(fact.Month) || span.Contains(fact.Month + 12)).ToList();
        RevenueLine Line(OfferingCategory? category, Func<RevenueFact, bool> which)
        {
            var own = all.Where(which).ToList();
            return new RevenueLine(category, [.. quarters.Select(quarter => FigureOf(own, quarter.Span))], FigureOf(own, span));
        }

        OfferingCategory?[] categories = [.. OfferingCategories.All, null];
        return new RevenueReport(
            span, quarters, [.. categories.Where(category => all.Exists(fact => fact.Category == category)).Select(category => Line(category, fact => fact.Category == category))],
            Line(null, static fact => fact.IsRecurring), Line(null, static fact => !fact.IsRecurring), Line(null, static _ => true),
            all.Where(fact => fact.IsGuessed && span.Contains(fact.Month)).Aggregate(0L, static (sum, fact) => checked(sum + fact.AmountMinor)));
    }

    private static RevenueFigure FigureOf(List<RevenueFact> facts, MonthSpan span)
    {
        long amount = 0, before = 0;
        foreach (var fact in facts)
        {
            amount = span.Contains(fact.Month) ? checked(amount + fact.AmountMinor) : amount;
            before = span.Contains(fact.Month + 12) ? checked(before + fact.AmountMinor) : before;
        }

        return new RevenueFigure(amount, before);
    }
}

/// <param name="Whole">Over the whole span.</param>
public sealed record RevenueLine(OfferingCategory? Category, IReadOnlyList<RevenueFigure> Figures, RevenueFigure Whole);

/// <param name="BeforeMinor">The same months a year before.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RevenueFigure(long AmountMinor, long BeforeMinor)
{
    /// <summary>In percent of the year before, one place; null when there was nothing to grow from.</summary>
    public decimal? GrowthPercent => BeforeMinor <= 0 ? null : Shares.Percent((decimal)AmountMinor - BeforeMinor, BeforeMinor);
}
