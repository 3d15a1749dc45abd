namespace Tsunagi.Core.Rating;

/// <summary>Everything a rating depends on. The same input always gives the same lines.</summary>
/// <param name="ActiveDays">Civil days of the period on which the subscription was active.</param>
/// <param name="DaysInPeriod">Civil days of the period.</param>
/// <param name="Sums">Quantity of each sum meter over the period.</param>
/// <param name="Samples">5-minute samples of each p95 meter over the period, in any order.</param>
/// <param name="FirstDay">Which day of the period is the first active one, from 0: parts of a period that follow one another add up to the whole price, to the last minor unit.</param>
public sealed record RatingInput(
    Currency Currency, IReadOnlyList<Price> Prices, long Quantity, int ActiveDays, int DaysInPeriod,
    IReadOnlyDictionary<string, decimal> Sums, IReadOnlyDictionary<string, IReadOnlyList<decimal>> Samples, int FirstDay = 0);

/// <summary>One line of a bill. <paramref name="AmountMinor"/> is in minor units, rounded once, here.</summary>
/// <param name="Quantity">What was counted or sold.</param>
/// <param name="Explanation">How the amount came about, in plain figures.</param>
public sealed record RatedLine(string Label, string? Meter, decimal Quantity, long AmountMinor, string Explanation);
