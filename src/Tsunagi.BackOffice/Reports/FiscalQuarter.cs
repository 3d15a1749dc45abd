using System.Globalization;
using System.Runtime.InteropServices;

namespace Tsunagi.BackOffice.Reports;

/// <summary>A quarter of a fiscal year, or the part of it that a report covers.</summary>
/// <param name="Year">The calendar year in which the fiscal year begins.</param>
/// <param name="Span">The months of it that are covered.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct FiscalQuarter(int Year, int Number, MonthSpan Span)
{
    public bool IsWhole => Span.Count == 3;

    /// <summary>"1Q26": the first quarter of the fiscal year that begins in 2026.</summary>
    public string Label => string.Create(CultureInfo.InvariantCulture, $"{Number}Q{Year % 100:D2}");

    /// <summary>The quarters that a span touches, in order.</summary>
    /// <param name="yearBegins">The month in which a fiscal year begins, 1 to 12.</param>
    public static IReadOnlyList<FiscalQuarter> In(MonthSpan span, int yearBegins) =>
        [.. span.Months.GroupBy(month => (month - (yearBegins - 1)) / 3).Select(group =>
            new FiscalQuarter(group.Key * 3 / 12, (group.Key % 4) + 1, new MonthSpan(group.First(), group.Last())))];
}
