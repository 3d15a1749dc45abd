using System.ComponentModel.DataAnnotations;

namespace Tsunagi.BackOffice.Shadow;

/// <summary>How the system before writes its bills: names of columns, and what its customers and products are called here.</summary>
/// <param name="Customer">The column that names the customer.</param>
/// <param name="Product">The column that names what is charged.</param>
/// <param name="Amount">The column of the amount without tax.</param>
/// <param name="Quantity">The column of the quantity, or null when it has none.</param>
/// <param name="Tax">The column of a customer's tax: on one row of it, or shared among its rows; null when it has none.</param>
/// <param name="CustomerRef">What the customer column holds: "id" (ba_… or t_…), "name", or the name of an external reference ("crm").</param>
/// <param name="Products">Their product to our line's label, or "plan/label" where labels are the same in several plans. One that is not named is called the same here.</param>
/// <param name="RoundingMinor">A difference of a line up to this much, in minor units, is rounding.</param>
public sealed record ShadowMapping(
    [property: MaxLength(100)] string Customer, [property: MaxLength(100)] string Product, [property: MaxLength(100)] string Amount, [property: MaxLength(100)] string? Quantity = null,
    [property: MaxLength(100)] string? Tax = null, [property: MaxLength(60)] string CustomerRef = "id", IReadOnlyDictionary<string, string>? Products = null,
    [property: Range(0, 1_000_000)] long RoundingMinor = 1);

/// <summary>The request to compare.</summary>
/// <param name="Period">The month ("2026-11").</param>
/// <param name="Csv">The file of the system before, as text.</param>
public sealed record ShadowRequest(string Period, string Csv, ShadowMapping Mapping);

/// <summary>What a comparison found.</summary>
/// <param name="Equal">Accounts without any difference.</param>
/// <param name="Differences">At most <see cref="ShadowRun.MostDifferences"/>, the largest first.</param>
/// <param name="Left">How many more there are.</param>
public sealed record ShadowReport(
    string Period, int Rows, int Accounts, int Equal, IReadOnlyList<ShadowTotal> Totals, IReadOnlyList<ShadowClass> Classes, IReadOnlyList<ShadowDifference> Differences, int Left);

/// <summary>Both sides of a currency, without tax, in minor units.</summary>
public sealed record ShadowTotal(string Currency, long HereMinor, long ThereMinor, long DifferenceMinor);

/// <summary>How many differences of a class there are, and what they come to.</summary>
public sealed record ShadowClass(string Class, int Count, long DifferenceMinor);

/// <summary>One difference.</summary>
/// <param name="Class">"missingHere", "missingThere", "quantity", "amount", "tax", "rounding".</param>
/// <param name="Customer">As the other file names it.</param>
public sealed record ShadowDifference(
    string Class, string? AccountId, string Customer, string Product, long? HereMinor, long? ThereMinor, long DifferenceMinor, decimal? HereQuantity, decimal? ThereQuantity);
