namespace Tsunagi.BackOffice.Reports;

/// <summary>Parts of a whole as they are printed: from exact figures, rounded once, half away from zero.</summary>
internal static class Shares
{
    /// <summary>In percent, one place; null of nothing, or of less than nothing.</summary>
    public static decimal? Percent(decimal part, decimal whole) => whole <= 0 ? null : decimal.Round(100m * part / whole, 1, MidpointRounding.AwayFromZero);
}
