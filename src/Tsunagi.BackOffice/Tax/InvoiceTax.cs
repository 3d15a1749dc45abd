using Tsunagi.BackOffice.Documents;

namespace Tsunagi.BackOffice.Tax;

/// <summary>
/// The tax of a document: once for each rate, from the sum of that rate's lines. Rounding each line is not allowed in Japan (Consumption Tax Act Enforcement
/// Order article 70-10; NTA Q&amp;A on the invoice system, question 57).
/// </summary>
public static class InvoiceTax
{
    public static IReadOnlyList<DocumentTaxSubtotal> Of(IEnumerable<(TaxRate Rate, long AmountMinor)> lines, TaxRounding rounding) =>
        [.. lines.GroupBy(static line => line.Rate).OrderByDescending(static group => group.Key.Percent).ThenBy(static group => group.Key.Category).Select(group =>
        {
            var net = checked(group.Sum(static line => line.AmountMinor));
            return new DocumentTaxSubtotal(group.Key.Category, group.Key.Percent, net, TaxOf(net, group.Key.Percent, rounding));
        })];

    public static long TaxOf(long netMinor, decimal percent, TaxRounding rounding)
    {
        var exact = Math.Abs((decimal)netMinor) * percent / 100;
        var rounded = rounding switch
        {
            TaxRounding.Floor => decimal.Floor(exact),
            TaxRounding.Ceiling => decimal.Ceiling(exact),
            _ => decimal.Round(exact, MidpointRounding.AwayFromZero),
        };
        return checked((long)rounded) * Math.Sign(netMinor);
    }
}
