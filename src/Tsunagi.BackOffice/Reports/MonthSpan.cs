using System.Globalization;
using System.Runtime.InteropServices;

namespace Tsunagi.BackOffice.Reports;

/// <summary>Whole civil months, both ends in. A month is its number since year 0: (year × 12) + month - 1.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct MonthSpan(int First, int Last)
{
    public int Count => Last - First + 1;

    public string From => Text(First);

    public string To => Text(Last);

    public IEnumerable<int> Months => Enumerable.Range(First, Math.Max(Count, 0));

    /// <summary>The civil days of the span, as ledger entries are dated.</summary>
    public (string First, string Last) Days => (From + "-01", To + "-31");

    public bool Contains(int month) => month >= First && month <= Last;

    public MonthSpan Plus(int months) => new(First + months, Last + months);

    public static int Of(DateOnly day) => (day.Year * 12) + day.Month - 1;

    /// <summary>"2026-11".</summary>
    public static string Text(int month) => string.Create(CultureInfo.InvariantCulture, $"{month / 12:D4}-{(month % 12) + 1:D2}");

    public static bool TryParse(string? text, out int month)
    {
        month = 0;
        if (!DateOnly.TryParseExact(text, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return false;
        }

        month = Of(day);
        return true;
    }
}
