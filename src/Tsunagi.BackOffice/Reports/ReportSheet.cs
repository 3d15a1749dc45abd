using Tsunagi.Core.Modules;

namespace Tsunagi.BackOffice.Reports;

/// <summary>
/// A report as every reader gets it: tables of exact figures with what they mean, where each comes from, and whether it agrees with the ledger. Page, API, CSV
/// and PDF are all written from it.
/// </summary>
/// <param name="Span">The months it covers; null of one that tells how things stand today.</param>
/// <param name="Definitions">What is counted and how, in words.</param>
/// <param name="Notes">What a reader must know of these figures.</param>
/// <param name="Others">Currencies there is revenue in besides.</param>
internal sealed record ReportSheet(
    string Name, LocalizedText Title, string Currency, MonthSpan? Span, string? Basis, IReadOnlyList<LocalizedText> Definitions, IReadOnlyList<LocalizedText> Notes, ReportTie? Tie,
    ReportChart? Chart, IReadOnlyList<ReportTable> Tables, IReadOnlyList<string> Others);

/// <summary>Whether a report's sum is what the ledger has in its revenue accounts for the same span.</summary>
/// <param name="DifferenceMinor">Report less ledger: 0 as the ledger counts; by the month of service what is billed earlier or later than that month.</param>
public sealed record ReportTie(long ReportMinor, long LedgerMinor, long DifferenceMinor);

/// <param name="Key">The same from one time to the next, for programs.</param>
internal sealed record ReportTable(string Key, LocalizedText Title, IReadOnlyList<ReportColumn> Columns, IReadOnlyList<ReportRow> Rows, LocalizedText? Note = null);

internal sealed record ReportColumn(string Key, LocalizedText Title, ReportValue Kind, bool IsMinor = false);

/// <summary>What a column holds, and so how it is written.</summary>
public enum ReportValue
{
    Text,

    /// <summary>Minor units of the report's currency.</summary>
    Money,
    Percent,
    Count,
}

/// <param name="IsSum">Printed stronger: a sum of those above.</param>
internal sealed record ReportRow(string Key, IReadOnlyList<ReportCell> Cells, bool IsSum = false);

/// <summary>One figure or word. A figure with a question can be followed to the lines it is the sum of.</summary>
internal sealed record ReportCell(decimal? Number, LocalizedText? Text, LineQuestion? Lines = null, string? Account = null)
{
    public static readonly ReportCell None = new(null, null);

    public static ReportCell Of(decimal? number, LineQuestion? lines = null) => new(number, null, lines);

    public static ReportCell Of(string text, string? account = null) => new(null, new LocalizedText(text, text), null, account);

    public static ReportCell Of(LocalizedText text) => new(null, text);
}

/// <summary>A small picture of a report: stacked bars, bars, or a curve from nothing to the whole.</summary>
/// <param name="Labels">Below the bars; of a curve below some of its points.</param>
/// <param name="Parts">Values by label; more than one is stacked.</param>
public sealed record ReportChart(ReportChartKind Kind, LocalizedText Title, IReadOnlyList<LocalizedText> Labels, IReadOnlyList<(LocalizedText Name, IReadOnlyList<decimal> Values)> Parts, ReportValue Value);

public enum ReportChartKind
{
    Bars,
    Curve,
}
