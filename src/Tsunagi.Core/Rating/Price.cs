using System.Text.Json.Serialization;

namespace Tsunagi.Core.Rating;

/// <summary>
/// One component of a plan's price. Amounts are decimals in units of the plan's currency (0.05 yen a mail is a price), not yet rounded.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "model")]
[JsonDerivedType(typeof(FlatPrice), "flat")]
[JsonDerivedType(typeof(PerUnitPrice), "perUnit")]
[JsonDerivedType(typeof(TieredPrice), "tiers")]
[JsonDerivedType(typeof(VolumePrice), "volume")]
[JsonDerivedType(typeof(P95Price), "p95")]
[JsonDerivedType(typeof(OneTimePrice), "oneTime")]
public abstract record Price(string Label)
{
    /// <summary>The tax category of its lines, one of <see cref="PriceTax"/>'s words; null is the standard rate.</summary>
    public string? Tax { get; init; }
}

/// <summary>The tax categories a price may name. Which rate each has is the tax profile's of the account that pays.</summary>
public static class PriceTax
{
    public static readonly IReadOnlyList<string> All = ["standard", "reduced", "exempt", "outOfScope"];
}

/// <summary>So much a month for each unit of the subscription's quantity.</summary>
/// <param name="Charged">On the bill of the month itself (arrears) or of the month before (advance).</param>
/// <param name="Proration">What a month pays in which the terms begin, change or end.</param>
/// <param name="MinimumMonths">A subscription that ends earlier pays on until so many months after its start; 0 for none.</param>
public sealed record FlatPrice(
    string Label, decimal Amount,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Charged Charged = Charged.Arrears,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Proration Proration = Proration.Immediate,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int MinimumMonths = 0) : Price(Label);

/// <summary>So much for each unit of the subscription's quantity, once, on the bill of the month in which the subscription begins.</summary>
/// <param name="SpreadMonths">Its revenue is earned over so many months from the beginning (the minimum term, as a rule); 0 when it is earned as it is billed. What is billed is the same.</param>
public sealed record OneTimePrice(
    string Label, decimal Amount, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int SpreadMonths = 0) : Price(Label);

/// <summary>When a monthly price is billed.</summary>
public enum Charged
{
    Arrears,
    Advance,
}

/// <summary>What a month pays in which the terms begin, change or end. Days are civil days of the account; a day belongs to the terms that hold as it ends.</summary>
public enum Proration
{
    /// <summary>Each terms' own days.</summary>
    Immediate,

    /// <summary>A beginning pays its days; a change or an end counts from the next month.</summary>
    AtRenewal,

    /// <summary>The whole month, at the last terms that held on a day of it.</summary>
    Full,

    /// <summary>The whole month at the terms that held on its first day; nothing when there were none.</summary>
    None,
}

/// <summary>So much for each <paramref name="Per"/> of a meter above what is included ("¥2 for each 1,000 mails above 10,000").</summary>
public sealed record PerUnitPrice(string Label, string Meter, decimal Amount, decimal Per = 1, decimal Included = 0) : Price(Label);

/// <summary>Graduated tiers: each part of the quantity is priced by the tier it falls into.</summary>
public sealed record TieredPrice(string Label, string Meter, IReadOnlyList<PriceTier> Tiers, decimal Per = 1) : Price(Label);

/// <summary>Volume tiers: the whole quantity is priced by the tier that its total reaches.</summary>
public sealed record VolumePrice(string Label, string Meter, IReadOnlyList<PriceTier> Tiers, decimal Per = 1) : Price(Label);

/// <param name="UpTo">The tier's upper bound, inclusive, in the meter's unit; null for the last tier.</param>
public sealed record PriceTier([property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] decimal? UpTo, decimal Amount);

/// <summary>
/// So much for each <paramref name="Per"/> of the 95th percentile of the period's 5-minute samples: sorted, the top 5 % are thrown away and the
/// highest of the rest counts (sample number ceil(0.95 × n)), above a commitment that is always charged.
/// </summary>
public sealed record P95Price(string Label, string Meter, decimal Amount, decimal Per, decimal Committed = 0) : Price(Label);
