namespace Tsunagi.BackOffice.Documents;

/// <summary>Why a rate applies. Lines and subtotals are grouped by category and rate.</summary>
public enum TaxCategory
{
    Standard,

    /// <summary>A reduced rate: the line is marked (Japan: 軽減税率対象, "※").</summary>
    Reduced,

    /// <summary>Taxable at zero: exports of services (輸出免税).</summary>
    ZeroRated,

    /// <summary>Exempt by law (非課税).</summary>
    Exempt,

    /// <summary>Outside the tax (不課税): damages, deposits.</summary>
    OutOfScope,

    /// <summary>The customer owes the tax (EU reverse charge).</summary>
    ReverseCharge,
}
