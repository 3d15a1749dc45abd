namespace Tsunagi.BackOffice.Documents;

/// <summary>The total of one category and rate with its tax, computed and rounded once for the document by billing.</summary>
/// <param name="NetMinor">Sum of the lines without tax.</param>
/// <param name="TaxMinor">The tax of this rate.</param>
public sealed record DocumentTaxSubtotal(TaxCategory Category, decimal RatePercent, long NetMinor, long TaxMinor)
{
    public long GrossMinor => NetMinor + TaxMinor;
}
