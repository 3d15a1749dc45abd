using System.Runtime.InteropServices;
using Tsunagi.BackOffice.Reports;
using Tsunagi.Core.Catalogue;

namespace Tsunagi.BackOffice.Statements;

/// <summary>
/// The figures the statements are made of, for any span of months: revenue as the ledger has it, everything else as the general ledger was imported. Sums of exact minor units; nothing is rounded
/// here. Null where nothing was imported, so that a missing figure is never taken for nothing. Pure.
/// </summary>
internal sealed class StatementFigures(IReadOnlyList<RevenueCell> revenue, IReadOnlyList<GlCell> ledger)
{
    public const string Connectivity = "cost.connectivity", Systems = "cost.systems";

    /// <summary>The acquired businesses there are figures of.</summary>
    public IReadOnlyList<string> Acquired { get; } = [.. revenue.Select(static cell => cell.Acquired).Where(static name => name.Length > 0).Distinct().Order(StringComparer.Ordinal)];

    public bool HasLedger => ledger.Count > 0;

    public long? Revenue(MonthSpan span, Func<RevenueCell, bool>? which = null)
    {
        var cells = revenue.Where(cell => span.Contains(cell.Month)).ToList();
        return cells.Count == 0 ? null : cells.Where(cell => which?.Invoke(cell) ?? true).Aggregate(0L, static (sum, cell) => checked(sum + cell.AmountMinor));
    }

    /// <summary>The lines added up, parts and all; null when none of them has a figure in the span.</summary>
    /// <param name="part">Only this part of them.</param>
    public long? Ledger(MonthSpan span, string? part, params ReadOnlySpan<string> lines)
    {
        long? sum = null;
        foreach (var cell in ledger)
        {
            if (span.Contains(cell.Month) && lines.Contains(cell.Line) && (part is null || cell.Part == part))
            {
                sum = checked((sum ?? 0) + cell.AmountMinor);
            }
        }

        return sum;
    }

    /// <summary>A balance at the end of a month, or a figure of the fiscal year that begins with it.</summary>
    public long? At(int month, string line) => Ledger(new MonthSpan(month, month), null, line);

    /// <summary>The parts of a line within a span, the largest first.</summary>
    public IReadOnlyList<string> Parts(MonthSpan span, string line) =>
        [.. ledger.Where(cell => cell.Line == line && span.Contains(cell.Month)).GroupBy(static cell => cell.Part).OrderByDescending(static group => Math.Abs(group.Sum(static cell => cell.AmountMinor))).ThenBy(static group => group.Key, StringComparer.Ordinal).Select(static group => group.Key)];

    public long? Cost(MonthSpan span) => Ledger(span, null, Connectivity, Systems);

    public long? GrossMargin(MonthSpan span) => Revenue(span) - Cost(span);

    public long? Expenses(MonthSpan span) => Ledger(span, null, "sga.sales", "sga.general", "sga.research");

    public long? Operating(MonthSpan span) => GrossMargin(span) - Expenses(span);

    public long? Pretax(MonthSpan span) => Operating(span) + (Ledger(span, null, "other.securities", "other.rest") ?? 0);

    public long? Net(MonthSpan span) => Pretax(span) + (Ledger(span, null, "tax", "minority", "equity") ?? 0);

    /// <summary>Which group of costs stands against a category's revenue.</summary>
    public static string GroupOf(OfferingCategory? category) => category is OfferingCategory.Connectivity or OfferingCategory.ValueAdded ? Connectivity : Systems;
}

/// <summary>Revenue of one month as it was booked.</summary>
/// <param name="Acquired">The acquired business its customers came with; empty of all others.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RevenueCell(int Month, OfferingCategory? Category, string Acquired, long AmountMinor);

/// <summary>A figure of the general ledger.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct GlCell(int Month, string Line, string Part, long AmountMinor);
