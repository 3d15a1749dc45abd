using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.BackOffice.Accounts;
using Tsunagi.BackOffice.Orders;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Subscriptions;

namespace Tsunagi.BackOffice.Api;

/// <summary>/api/v1/backoffice/product-orders (TMF622) and /agreements: what was ordered, what became of it, and the terms that bind.</summary>
internal static class ProductOrderApi
{
    private const string Orders = "backoffice-orders";

    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/product-orders").WithTags("Back office");
        group.MapGet("/", ListAsync).Requires(BackOfficePermissions.OrderRead).WithName("listProductOrders").WithSummary("Orders, newest first");
        group.MapPost("/", PlaceAsync).Requires(BackOfficePermissions.OrderWrite).WithName("createProductOrder").WithSummary("Place an order at today's price list; the same reference is taken once");
        group.MapGet("/{order}", FindAsync).Requires(BackOfficePermissions.OrderRead).WithName("getProductOrder").WithSummary("One order with its items");
        group.MapPost("/{order}/cancel", CancelAsync).Requires(BackOfficePermissions.OrderWrite).WithName("cancelProductOrder").WithSummary("Cancel what of it still waits");
        group.MapPost("/{order}/items/{orderItem}/retry", RetryAsync).Requires(BackOfficePermissions.OrderWrite).WithName("retryProductOrderItem").WithSummary("Try again an item that failed");
        api.MapGet("/agreements/{subscription}", AgreementAsync).WithTags("Back office").Requires(BackOfficePermissions.OrderRead).WithName("getAgreement").WithSummary("The term of a subscription, and the earliest end it allows");
    }

    private static async Task<ApiResult<Page<ProductOrderView>>> ListAsync(HttpContext http, OrderBook book, [AsParameters] PageRequest page, [AsParameters] OrderQuery query, CancellationToken cancellationToken)
    {
        if (page.After(Orders, "", out var before) is { } unreadable)
        {
            return unreadable;
        }

        var rows = await book.OrdersAsync(http.GetCaller(), new OrderFilter(query.Tenant, query.State, query.Text), before, page.Size + 1, cancellationToken);
        return Page.Of([.. rows.Select(static row => ProductOrderView.Of(row, null))], page.Size, Orders, static order => order.Id);
    }

    private static async Task<ApiCreated<ProductOrderView>> PlaceAsync(HttpContext http, ProductOrders orders, OrderBook book, NewOrder wanted, CancellationToken cancellationToken)
    {
        var placed = await orders.PlaceAsync(http.GetCaller(), wanted, cancellationToken);
        return ApiResult.Created(
            placed.Ok ? Outcome.Of(ProductOrderView.Of(placed.Value, await book.ItemsAsync(http.GetCaller(), placed.Value.Id, cancellationToken))) : placed.Refusal,
            static order => "/api/v1/backoffice/product-orders/" + order.Id, static order => order.Version);
    }

    private static async Task<ApiResult<ProductOrderView>> FindAsync(HttpContext http, OrderBook book, string order, CancellationToken cancellationToken) =>
        await ViewAsync(http, book, await book.OrderAsync(http.GetCaller(), order, cancellationToken) is { } found ? found : Refusal.NotFound("order", order), cancellationToken);

    private static async Task<ApiResult<ProductOrderView>> CancelAsync(HttpContext http, ProductOrders orders, OrderBook book, string order, OrderReason wanted, CancellationToken cancellationToken) =>
        await ViewAsync(http, book, await orders.CancelAsync(http.GetCaller(), order, wanted.Reason, cancellationToken), cancellationToken);

    private static async Task<ApiResult<ProductOrderView>> RetryAsync(HttpContext http, ProductOrders orders, OrderBook book, string order, int orderItem, CancellationToken cancellationToken) =>
        await ViewAsync(http, book, await orders.RetryAsync(http.GetCaller(), order, orderItem, cancellationToken), cancellationToken);

    private static async Task<ApiResult<AgreementView>> AgreementAsync(HttpContext http, OrderBook book, SubscriptionBook subscriptions, CivilDay day, string subscription, CancellationToken cancellationToken) =>
        await subscriptions.FindAsync(http.GetCaller(), subscription, cancellationToken) is { } found
            ? AgreementView.Of(found.Id, await book.AgreementAsync(http.GetCaller(), found.Id, cancellationToken), await day.TodayAsync(cancellationToken))
            : Refusal.NotFound("subscription", subscription);

    private static async Task<ApiResult<ProductOrderView>> ViewAsync(HttpContext http, OrderBook book, Outcome<ProductOrder> order, CancellationToken cancellationToken) => order.Ok
        ? ApiResult.From(Outcome.Of(ProductOrderView.Of(order.Value, await book.ItemsAsync(http.GetCaller(), order.Value.Id, cancellationToken))), static view => view.Version)
        : order.Refusal;
}

/// <summary>Which orders.</summary>
public sealed record OrderQuery(
    [property: MaxLength(200), Description("An id, a part of the number or the customer's name, a reference.")] string? Text,
    [property: MaxLength(40), Description("Of this tenant.")] string? Tenant,
    [property: AllowedValues("acknowledged", "inProgress", "completed", "partial", "failed", "cancelled", null), Description("In this state.")] string? State);
