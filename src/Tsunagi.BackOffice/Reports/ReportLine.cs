namespace Tsunagi.BackOffice.Reports;

/// <summary>An issued line as a figure is made of it.</summary>
/// <param name="Category">As it was kept; null of a line of before categories, or of none.</param>
internal sealed record ReportLine(
    string InvoiceId, long No, string Number, string Kind, string IssueDate, string AccountId, string Counterparty, string Month, string Charge, string Revenue, string? Category, string? Nature,
    long AmountMinor)
{
    /// <summary>Where a line stands in the list: the next page begins behind it.</summary>
    public static string PlaceOf(string invoiceId, long no) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{invoiceId}:{no}");

    /// <summary>The text of the line, which is the last part of what it charges.</summary>
    public string Label => Charge.Split('|', 4) is [_, _, _, var label] ? label : "";
}
