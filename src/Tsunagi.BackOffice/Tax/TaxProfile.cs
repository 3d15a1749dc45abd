using Tsunagi.BackOffice.Documents;
using Tsunagi.Core.Modules;

namespace Tsunagi.BackOffice.Tax;

/// <summary>
/// Which rate each category of a price has for an account. A new country is one more profile here; what is common to all (once an invoice and rate, rounded as
/// the issuer chose) is in <see cref="InvoiceTax"/>.
/// </summary>
public sealed record TaxProfile(string Id, LocalizedText Name, TaxRate Standard, TaxRate Reduced)
{
    public static readonly IReadOnlyList<TaxProfile> All =
    [
        // Consumption Tax Act, article 29 and supplementary provisions: 10 %, 8 % for food and newspapers.
        new("jp", new("Japan: consumption tax", "日本: 消費税"), new(TaxCategory.Standard, 10), new(TaxCategory.Reduced, 8)),
        new("jp-export", new("Japan: export of services", "日本: 輸出免税"), new(TaxCategory.ZeroRated, 0), new(TaxCategory.ZeroRated, 0)),

        // Directive 2006/112/EC, articles 96 to 98, as the member states set them.
        new("eu-de", new("Germany: VAT", "ドイツ: VAT"), new(TaxCategory.Standard, 19), new(TaxCategory.Reduced, 7)),
        new("eu-fr", new("France: VAT", "フランス: VAT"), new(TaxCategory.Standard, 20), new(TaxCategory.Reduced, 5.5m)),
        new("eu-nl", new("Netherlands: VAT", "オランダ: VAT"), new(TaxCategory.Standard, 21), new(TaxCategory.Reduced, 9)),
        new("eu-reverse", new("EU: reverse charge", "EU: リバースチャージ"), new(TaxCategory.ReverseCharge, 0), new(TaxCategory.ReverseCharge, 0)),
        new("none", new("No tax", "課税なし"), new(TaxCategory.OutOfScope, 0), new(TaxCategory.OutOfScope, 0)),
    ];

    public static TaxProfile? Find(string id) => All.FirstOrDefault(profile => profile.Id == id);

    /// <param name="category">A word of <see cref="Core.Rating.PriceTax"/>; null is the standard rate.</param>
    public TaxRate RateOf(string? category) => category switch
    {
        "reduced" => Reduced,
        "exempt" => new TaxRate(TaxCategory.Exempt, 0),
        "outOfScope" => new TaxRate(TaxCategory.OutOfScope, 0),
        _ => Standard,
    };
}

/// <summary>A category and its rate in per cent.</summary>
public sealed record TaxRate(TaxCategory Category, decimal Percent);

/// <summary>How a tax that is no whole minor unit is rounded. What is given back is rounded as what was taken: by its size.</summary>
public enum TaxRounding
{
    Floor,
    HalfUp,
    Ceiling,
}
