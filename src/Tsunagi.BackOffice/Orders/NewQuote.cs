using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Tsunagi.BackOffice.Orders;

/// <summary>The request to make a quote, or to put another in a draft's place.</summary>
public sealed record NewQuote(
    [property: Required, StringLength(40, MinimumLength = 1), Description("Whom it is for.")] string TenantId,
    [property: Required, StringLength(200, MinimumLength = 1), Description("Its subject.")] string Title,
    [property: Required, Description("What is offered.")] IReadOnlyList<NewOrderItem> Items,
    [property: MaxLength(2_000), Description("A word to the customer, printed under the totals.")] string? Note = null,
    [property: StringLength(10, MinimumLength = 10), Description("The day whose price list holds; the day on which it is sent without it.")] string? PriceDate = null,
    [property: StringLength(10, MinimumLength = 10), Description("The last day on which it may be accepted; backoffice.quoteDays ahead without it.")] string? ValidUntil = null);

/// <summary>The request to place an order without a quote.</summary>
public sealed record NewOrder(
    [property: Required, StringLength(40, MinimumLength = 1), Description("Whose.")] string TenantId,
    [property: Required, Description("What is to be done.")] IReadOnlyList<NewOrderItem> Items,
    [property: MaxLength(200), Description("The customer's or another system's number of it; the same one is taken once.")] string? Reference = null);
