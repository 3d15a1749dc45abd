namespace Tsunagi.Core.Catalogue;

/// <summary>What the provider sells: a module's specification with a name and versioned prices.</summary>
/// <param name="Code">The operator's own word for it, unique ("mail-standard").</param>
/// <param name="Category">Its own, or where it names none that of its specification.</param>
public sealed record Plan(string Id, string Specification, string Code, string NameEn, string NameJa, OfferingCategory Category, long Version, long CreatedAt);

/// <summary>
/// One version of a plan's prices. A running subscription stays on its version until it is changed on purpose.
/// </summary>
/// <param name="Prices">JSON array of <see cref="Rating.Price"/>.</param>
public sealed record PlanVersion(string PlanId, long Number, string Currency, string Prices, long CreatedAt);

/// <summary>The request to make a plan, or (same code) a new version of its prices.</summary>
/// <param name="Category">Of the portfolio; without it the plan keeps the one it has, and a new one takes that of its specification.</param>
public sealed record NewPlan(
    string Code, string Specification, string NameEn, string? NameJa, string Currency, IReadOnlyList<Rating.Price> Prices, OfferingCategory? Category = null);

/// <summary>The request to put a plan into another category. Invoices that were issued before stay counted where they are.</summary>
public sealed record ChangedPlan(OfferingCategory? Category);
