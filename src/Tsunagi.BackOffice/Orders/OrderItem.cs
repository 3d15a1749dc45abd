using System.Text.Json.Serialization;
using Tsunagi.Core.Api;
using Tsunagi.Core.Rating;

namespace Tsunagi.BackOffice.Orders;

/// <summary>One item with its prices: what a quote promises and an order does.</summary>
/// <param name="Offering">The plan's code.</param>
/// <param name="PlanVersion">The price list: the version of the plan's prices it is sold at.</param>
/// <param name="Settings">Canonical; null where it keeps those it has.</param>
/// <param name="Reprices">Its prices are agreed anew; false where it keeps those it has.</param>
/// <param name="Prices">As agreed, discounts taken off.</param>
/// <param name="ListPrices">As the price list has them.</param>
/// <param name="MonthlyMinor">A full month's fixed charges, without tax.</param>
/// <param name="OnceMinor">What is charged once, without tax.</param>
/// <param name="OrdinaryEnd">Of an ended one: the earliest end that its term and notice allow.</param>
/// <param name="EarlyMinor">Of an ended one: what is owed for an earlier end, as it was known when this was made; it is computed again when it ends.</param>
public sealed record OrderItem(
    int No, OrderAction Action, string? SubscriptionId, string PlanId, string Offering, string NameEn, string NameJa, string Specification, long PlanVersion, string Name, long Quantity,
    [property: JsonConverter(typeof(JsonTextConverter))] string? Settings, bool Reprices, IReadOnlyList<Price> Prices, IReadOnlyList<Price> ListPrices, decimal DiscountPercent, int? DiscountMonths,
    decimal OnceDiscountPercent, int MinimumMonths, int RenewalMonths, int NoticeDays, decimal EarlyTerminationPercent, Proration? Proration, string? RequestedOn,
    long MonthlyMinor, long ListMonthlyMinor, long OnceMinor, long ListOnceMinor, string? OrdinaryEnd = null, long EarlyMinor = 0, string? EarlyExplanation = null);
