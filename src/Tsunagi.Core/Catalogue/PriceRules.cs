using Tsunagi.Core.Meters;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Rating;

namespace Tsunagi.Core.Catalogue;

/// <summary>What a plan's prices may be, so that every one that is kept can be rated. Pure.</summary>
internal static class PriceRules
{
    public const int MaxPrices = 50;
    public const int MaxTiers = 50;
    public const decimal MaxAmount = 1_000_000_000;
    public const decimal MaxQuantity = 1_000_000_000_000_000;
    public const int MaxMinimumMonths = 120;
    private const int MaxDigits = 6;

    /// <summary>The same prices with their decimals in one spelling (1.50 is 1.5), so that equal prices are equal texts.</summary>
    public static IReadOnlyList<Price> Canonical(IReadOnlyList<Price> prices) =>
        [.. prices.Select(static price => price switch
        {
            FlatPrice flat => flat with { Amount = Plain(flat.Amount) },
            OneTimePrice once => once with { Amount = Plain(once.Amount) },
            PerUnitPrice unit => unit with { Amount = Plain(unit.Amount), Per = Plain(unit.Per), Included = Plain(unit.Included) },
            TieredPrice tiers => tiers with { Per = Plain(tiers.Per), Tiers = Plain(tiers.Tiers) },
            VolumePrice volume => volume with { Per = Plain(volume.Per), Tiers = Plain(volume.Tiers) },
            P95Price p95 => p95 with { Amount = Plain(p95.Amount), Per = Plain(p95.Per), Committed = Plain(p95.Committed) },
            _ => price,
        })];

    public static Refusal? Check(IReadOnlyList<Price> prices, PlanSpecification specification, Func<string, MeterDeclaration?> meters)
    {
        if (prices.Count > MaxPrices)
        {
            return Refusal.Invalid("plan.prices", "prices", $"the plan has {prices.Count} prices", $"at most {MaxPrices}");
        }

        for (var i = 0; i < prices.Count; i++)
        {
            if (CheckOne(prices[i], $"prices[{i}]", specification, meters) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    private static Refusal? CheckOne(Price price, string at, PlanSpecification specification, Func<string, MeterDeclaration?> meters)
    {
        if (string.IsNullOrWhiteSpace(price.Label) || price.Label.Length > 200 || price.Label.Any(char.IsControl))
        {
            return Refusal.Invalid("plan.price", at + ".label", "a price needs a label: it is the text of its line on the bill", "1 to 200 characters");
        }

        if (price.Tax is { } tax && !PriceTax.All.Contains(tax))
        {
            return Refusal.Invalid("plan.tax", at + ".tax", $"there is no tax category {tax}", string.Join(", ", PriceTax.All));
        }

        return price switch
        {
            FlatPrice { MinimumMonths: < 0 or > MaxMinimumMonths } => Refusal.Invalid("plan.minimum", at + ".minimumMonths", "a minimum term is counted in months", $"0 to {MaxMinimumMonths}"),
            FlatPrice flat => CheckAmount(flat.Amount, at),
            OneTimePrice { SpreadMonths: < 0 or > MaxMinimumMonths } => Refusal.Invalid("plan.spread", at + ".spreadMonths", "revenue is spread over months", $"0 to {MaxMinimumMonths}"),
            OneTimePrice once => CheckAmount(once.Amount, at),
            PerUnitPrice unit => CheckMeter(unit.Meter, MeterKind.Sum, at, specification, meters) ?? CheckAmount(unit.Amount, at) ?? CheckPer(unit.Per, at)
                ?? CheckQuantity(unit.Included, at + ".included"),
            TieredPrice tiers => CheckMeter(tiers.Meter, MeterKind.Sum, at, specification, meters) ?? CheckPer(tiers.Per, at) ?? CheckTiers(tiers.Tiers, at),
            VolumePrice volume => CheckMeter(volume.Meter, MeterKind.Sum, at, specification, meters) ?? CheckPer(volume.Per, at) ?? CheckTiers(volume.Tiers, at),
            P95Price p95 => CheckMeter(p95.Meter, MeterKind.P95, at, specification, meters) ?? CheckAmount(p95.Amount, at) ?? CheckPer(p95.Per, at)
                ?? CheckQuantity(p95.Committed, at + ".committed"),
            _ => Refusal.Invalid("plan.price", at, "this is no price", "flat, oneTime, perUnit, tiers, volume, p95"),
        };
    }

    private static Refusal? CheckMeter(string meter, MeterKind kind, string at, PlanSpecification specification, Func<string, MeterDeclaration?> meters)
    {
        var fitting = specification.Meters.Where(name => meters(name)?.Kind == kind).ToList();
        return fitting.Contains(meter)
            ? null
            : Refusal.Invalid(
                "plan.meter", at + ".meter", $"{specification.Id} has no meter {meter} that can be priced so",
                fitting.Count == 0 ? $"{specification.Id} has none of this kind" : string.Join(", ", fitting));
    }

    private static Refusal? CheckTiers(IReadOnlyList<PriceTier> tiers, string at)
    {
        if (tiers.Count is 0 or > MaxTiers)
        {
            return Refusal.Invalid("plan.tiers", at + ".tiers", $"the price has {tiers.Count} tiers", $"1 to {MaxTiers}");
        }

        decimal below = 0;
        for (var i = 0; i < tiers.Count; i++)
        {
            var here = $"{at}.tiers[{i}]";
            var last = i == tiers.Count - 1;
            if (last != tiers[i].UpTo is null || tiers[i].UpTo <= below || tiers[i].UpTo > MaxQuantity)
            {
                return Refusal.Invalid("plan.tiers", here + ".upTo", "tiers rise, and only the last has no upper bound", last ? "nothing: the last tier is open" : $"above {below}");
            }

            if (CheckAmount(tiers[i].Amount, here) is { } refusal)
            {
                return refusal;
            }

            below = tiers[i].UpTo ?? below;
        }

        return null;
    }

    private static Refusal? CheckAmount(decimal amount, string at) =>
        decimal.Abs(amount) > MaxAmount || decimal.Round(amount, MaxDigits) != amount
            ? Refusal.Invalid("plan.amount", at + ".amount", $"the amount is {amount}", $"{-MaxAmount} to {MaxAmount}, at most {MaxDigits} digits after the point")
            : null;

    private static Refusal? CheckPer(decimal per, string at) =>
        per is < 1 or > MaxQuantity || decimal.Truncate(per) != per
            ? Refusal.Invalid("plan.per", at + ".per", $"the price is for each {per} units", $"a whole number, 1 to {MaxQuantity}")
            : null;

    private static Refusal? CheckQuantity(decimal quantity, string at) =>
        quantity is < 0 or > MaxQuantity ? Refusal.Invalid("plan.quantity", at, $"the quantity is {quantity}", $"0 to {MaxQuantity}") : null;

    private static IReadOnlyList<PriceTier> Plain(IReadOnlyList<PriceTier> tiers) =>
        [.. tiers.Select(static tier => new PriceTier(tier.UpTo is { } upTo ? Plain(upTo) : null, Plain(tier.Amount)))];

    // Dividing by a one with many zeros drops the trailing zeros of a decimal.
    private static decimal Plain(decimal value) => value / 1.0000000000000000000000000000m;
}
