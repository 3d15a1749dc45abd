using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Tsunagi.Core.Rating;

namespace Tsunagi.BackOffice.Orders;

/// <summary>One item as it is asked for.</summary>
public sealed record NewOrderItem
{
    [Description("add, modify or delete.")]
    public OrderAction Action { get; init; }

    [MaxLength(80), Description("Of an added one: the plan's id or code.")]
    public string? Offering { get; init; }

    [MaxLength(40), Description("Of a modified or deleted one.")]
    public string? SubscriptionId { get; init; }

    [MaxLength(200), Description("What the customer calls it; without it the plan's name, or the name it has.")]
    public string? Name { get; init; }

    [Range(1, 1_000_000), Description("Without it 1, or the quantity it has.")]
    public long? Quantity { get; init; }

    [Description("The settings of the specification; without it none, or those it has.")]
    public JsonElement? Settings { get; init; }

    [Description("Of a modified one: from now on at the prices of the price list of the quote's date. A discount means so too.")]
    public bool ToListPrices { get; init; }

    [Range(0, 100), Description("Off monthly prices, in per cent with at most two digits behind the point.")]
    public decimal DiscountPercent { get; init; }

    [Range(1, 120), Description("For how many months from the beginning; without it for as long as these terms hold.")]
    public int? DiscountMonths { get; init; }

    [Range(0, 100), Description("Off prices that are charged once.")]
    public decimal OnceDiscountPercent { get; init; }

    [Range(0, 120), Description("The least term in months from the beginning; of a modified one, a new term from the change on.")]
    public int MinimumMonths { get; init; }

    [Range(0, 120), Description("By how many months the term is renewed each time it is over; 0 for none: it then goes on without a term.")]
    public int RenewalMonths { get; init; }

    [Range(0, 400), Description("How many days before an end it has to be asked for.")]
    public int NoticeDays { get; init; }

    [Range(0, 100), Description("What is owed of the monthly charges from an early end to the earliest one that the term and notice allow, in per cent.")]
    public decimal EarlyTerminationPercent { get; init; } = 100;

    [Description("What the month pays in which this begins or ends; without it what each price says.")]
    public Proration? Proration { get; init; }

    [StringLength(10, MinimumLength = 10), Description("The civil day of the account on which it shall be done (\"2027-01-01\"); without it at once.")]
    public string? RequestedOn { get; init; }
}
