namespace Tsunagi.Core.Rating;

/// <summary>A currency of ISO 4217 with the number of digits of its minor unit (yen 0, dollar 2).</summary>
public sealed record Currency(string Code, int MinorDigits, string Symbol)
{
    public static readonly IReadOnlyList<Currency> All =
    [
        new("JPY", 0, "¥"), new("USD", 2, "$"), new("EUR", 2, "€"), new("GBP", 2, "£"), new("KRW", 0, "₩"), new("TWD", 2, "NT$"),
        new("SGD", 2, "S$"), new("AUD", 2, "A$"), new("CHF", 2, "CHF "), new("KWD", 3, "KD "),
    ];

    public static Currency? Find(string code) => All.FirstOrDefault(c => c.Code == code);

    /// <summary>Minor units in one unit: 1 for yen, 100 for dollars.</summary>
    public long MinorPerUnit => MinorDigits switch { 0 => 1, 2 => 100, 3 => 1000, _ => throw new InvalidOperationException($"{Code} has {MinorDigits} minor digits") };

    /// <summary>"¥12,345" or "$1,234.50", the same in every language of the console.</summary>
    public string Format(long minor)
    {
        var sign = minor < 0 ? "-" : "";
        var absolute = Math.Abs(minor);
        var whole = (absolute / MinorPerUnit).ToString("N0", System.Globalization.CultureInfo.InvariantCulture);
        var fraction = MinorDigits == 0 ? "" : "." + (absolute % MinorPerUnit).ToString("D" + MinorDigits, System.Globalization.CultureInfo.InvariantCulture);
        return $"{sign}{Symbol}{whole}{fraction}";
    }
}
