namespace Tsunagi.BackOffice.Documents;

/// <summary>One line as printed. Amounts are computed by the caller; nothing is computed here.</summary>
/// <param name="Description">What was sold: "Mail gateway Business, 120 mailboxes".</param>
/// <param name="Quantity">Printed as it is, up to six digits behind the point.</param>
/// <param name="Unit">"mailbox", "GB", "月"; empty when the quantity has none.</param>
/// <param name="UnitPrice">In units of the currency, unrounded (0.05 yen a mail).</param>
/// <param name="AmountMinor">In minor units; negative for a discount or an SLA credit.</param>
/// <param name="TaxRatePercent">10 for ten per cent.</param>
public sealed record DocumentLine(
    string Description, decimal Quantity, string Unit, decimal UnitPrice, long AmountMinor, TaxCategory TaxCategory, decimal TaxRatePercent)
{
    /// <summary>Lines of one service stand together under its name; null stands under no heading. Lines are printed in the order given.</summary>
    public string? Service { get; init; }

    /// <summary>What the line pays for; null when it is the document's period.</summary>
    public DocumentPeriod? Period { get; init; }

    /// <summary>How the amount came about, small under the description: "30,000 × 12/31 days".</summary>
    public string? Explanation { get; init; }

    /// <summary>Opaque id by which the portal leads to the line's events; never printed on paper.</summary>
    public string? LineId { get; init; }
}
