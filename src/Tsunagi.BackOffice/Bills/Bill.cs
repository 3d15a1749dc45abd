using System.Text.Json.Serialization;
using Tsunagi.BackOffice.Documents;
using Tsunagi.BackOffice.Tax;

namespace Tsunagi.BackOffice.Bills;

/// <summary>
/// What an account owes for a period: a pure function of the facts known at a moment, the period and the version of the rules. It holds no name that could be
/// changed later; the document adds those.
/// </summary>
/// <param name="KnownAt">Facts recorded before this moment count (µs UTC).</param>
/// <param name="InputHash">SHA-256 of everything the bill was made from.</param>
public sealed record Bill(
    string AccountId, string Period, DateOnly From, DateOnly To, string Currency, string TaxProfile, TaxRounding Rounding, int RulesVersion, [property: JsonIgnore] long KnownAt,
    IReadOnlyList<BillLine> Lines, IReadOnlyList<DocumentTaxSubtotal> Taxes, long NetMinor, long TaxMinor, long TotalMinor, string InputHash)
{
    public bool IsEmpty => Lines.Count == 0;
}

/// <summary>One line of a bill.</summary>
/// <param name="Month">The month the line pays for ("2026-11"): the bill's own, an earlier one that is corrected, or the next one in advance.</param>
/// <param name="Charge">What is charged, the same from month to month: a later bill finds by it what was billed before.</param>
/// <param name="Revenue">The specification that earns it ("mail.gateway"), or "adjustment".</param>
/// <param name="To">The first civil day it does not pay for.</param>
/// <param name="Quantity">What was counted or sold, in the meter's unit.</param>
public sealed record BillLine(
    int No, BillLineKind Kind, string? SubscriptionId, string? PlanCode, string Revenue, string Month, string Charge, DateOnly From, DateOnly To, string Label, string? Meter,
    decimal Quantity, decimal UnitPrice, decimal Per, long AmountMinor, TaxCategory Tax, decimal RatePercent, string Explanation)
{
    /// <summary>What an earlier bill asked for the same thing, where this line corrects it.</summary>
    public long? BilledBeforeMinor { get; init; }

    /// <summary>A price that is charged once. It is kept beside the bill, not in it: bills of before it come out as they were.</summary>
    [JsonIgnore]
    public bool IsOnce { get; init; }

    /// <summary>The months from its beginning over which its revenue is earned; 0 for its own days. Beside the bill as well.</summary>
    [JsonIgnore]
    public int SpreadMonths { get; init; }
}

/// <summary>Why a line is there.</summary>
public enum BillLineKind
{
    Charge,

    /// <summary>The difference between what a month costs as it is known now and what was billed for it.</summary>
    Correction,

    /// <summary>Put on the bill by a person.</summary>
    Adjustment,
}
