using System.Text.Json.Serialization;

namespace Tsunagi.Core.Rating;

/// <summary>
/// One component of a plan's price. Amounts are decimals in units of the plan's currency (0.05 yen a mail is a price), not yet rounded.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "model")]
[JsonDerivedType(typeof(FlatPrice), "flat")]
[JsonDerivedType(typeof(PerUnitPrice), "perUnit")]
[JsonDerivedType(typeof(TieredPrice), "tiers")]
[JsonDerivedType(typeof(P95Price), "p95")]
public abstract record Price(string Label);

/// <summary>So much a month for each unit of the subscription's quantity.</summary>
public sealed record FlatPrice(string Label, decimal Amount) : Price(Label);

/// <summary>So much for each <paramref name="Per"/> of a meter above what is included ("¥2 for each 1,000 mails above 10,000").</summary>
public sealed record PerUnitPrice(string Label, string Meter, decimal Amount, decimal Per = 1, decimal Included = 0) : Price(Label);

/// <summary>Graduated tiers: each part of the quantity is priced by the tier it falls into.</summary>
public sealed record TieredPrice(string Label, string Meter, IReadOnlyList<PriceTier> Tiers, decimal Per = 1) : Price(Label);

/// <param name="UpTo">The tier's upper bound, inclusive, in the meter's unit; null for the last tier.</param>
public sealed record PriceTier([property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] decimal? UpTo, decimal Amount);

/// <summary>
/// So much for each <paramref name="Per"/> of the 95th percentile of the period's 5-minute samples: sorted, the top 5 % are thrown away and the
/// highest of the rest counts (sample number ceil(0.95 × n)), above a commitment that is always charged.
/// </summary>
public sealed record P95Price(string Label, string Meter, decimal Amount, decimal Per, decimal Committed = 0) : Price(Label);
