namespace Tsunagi.Core.Rating;

/// <summary>Everything that one subscription's month depends on.</summary>
/// <param name="First">The month's first civil day.</param>
/// <param name="After">The first civil day after it.</param>
/// <param name="Terms">All terms of the subscription in the order of time, from its beginning on; they share no day and leave none out.</param>
/// <param name="Sums">Quantity of each sum meter over the month; null for none.</param>
/// <param name="Samples">5-minute samples of each p95 meter over the month, in any order; null for none.</param>
public sealed record MonthInput(
    Currency Currency, DateOnly First, DateOnly After, IReadOnlyList<MonthTerms> Terms, MonthCharges Which = MonthCharges.All,
    IReadOnlyDictionary<string, decimal>? Sums = null, IReadOnlyDictionary<string, IReadOnlyList<decimal>>? Samples = null)
{
    public int Days => After.DayNumber - First.DayNumber;
}

/// <summary>What held from one civil day to another.</summary>
/// <param name="To">The first day on which it does not hold; null while it holds.</param>
public sealed record MonthTerms(IReadOnlyList<Price> Prices, long Quantity, DateOnly From, DateOnly? To)
{
    /// <summary>What was agreed for the month in which these terms begin, in place of what each price says; null for the price's own.</summary>
    public Proration? Begins { get; init; }

    /// <summary>What was agreed for the month in which they end and nothing follows; null for the price's own.</summary>
    public Proration? Ends { get; init; }
}

/// <summary>Which prices of a month are rated.</summary>
public enum MonthCharges
{
    All,

    /// <summary>What is billed when the month is over.</summary>
    Arrears,

    /// <summary>What is billed before it begins.</summary>
    Advance,
}

/// <summary>One line of a month: the amount, and the price and terms it comes from.</summary>
/// <param name="TermsIndex">Which of the input's terms.</param>
/// <param name="From">The first civil day the line pays for.</param>
/// <param name="To">The first civil day it does not pay for.</param>
public sealed record MonthLine(RatedLine Line, Price Price, int TermsIndex, DateOnly From, DateOnly To);
