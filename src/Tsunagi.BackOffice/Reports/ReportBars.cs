namespace Tsunagi.BackOffice.Reports;

/// <summary>How high a picture's bars are. What is below nothing is in the table, not in the picture.</summary>
internal static class ReportBars
{
    public static IReadOnlyList<decimal> Sums(ReportChart chart) =>
        [.. Enumerable.Range(0, chart.Labels.Count).Select(i => chart.Parts.Sum(part => Math.Max(part.Values[i], 0)))];
}
