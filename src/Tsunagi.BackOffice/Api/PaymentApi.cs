using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.BackOffice.Payments;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.BackOffice.Api;

/// <summary>/api/v1/backoffice/payments: money that came in, and what it was set against.</summary>
internal static class PaymentApi
{
    private const string Payments = "backoffice-payments";

    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/payments").WithTags("Back office");
        group.MapGet("/", ListAsync).Requires(BackOfficePermissions.PaymentRead).WithName("listPayments").WithSummary("Payments, newest first");
        group.MapPost("/", RecordAsync).Requires(BackOfficePermissions.PaymentWrite).WithName("recordPayment").WithSummary("Record a payment; the same key and content counts once");
        group.MapGet("/{payment}", FindAsync).Requires(BackOfficePermissions.PaymentRead).WithName("getPayment").WithSummary("One payment");
        group.MapGet("/{payment}/allocations", AllocationsAsync).Requires(BackOfficePermissions.PaymentRead).WithName("listPaymentAllocations").WithSummary("The invoices it was set against");
        group.MapPost("/{payment}/allocations", AllocateAsync).Requires(BackOfficePermissions.PaymentWrite).WithName("allocatePayment").WithSummary("Set what is left of it against invoices: these, or the oldest");
    }

    private static async Task<ApiResult<Page<Payment>>> ListAsync(
        HttpContext http, PaymentBook book, [AsParameters] PageRequest page, [AsParameters] PaymentQuery query, CancellationToken cancellationToken) =>
        page.After(Payments, "", out var before) is { } unreadable
            ? unreadable
            : Page.Of(await book.ListAsync(http.GetCaller(), query.Text ?? "", query.Account ?? "", before, page.Size + 1, cancellationToken), page.Size, Payments, static payment => payment.Id);

    private static async Task<ApiCreated<Payment>> RecordAsync(HttpContext http, PaymentOrders orders, NewPayment wanted, CancellationToken cancellationToken) =>
        ApiResult.Created(await orders.RecordAsync(http.GetCaller(), wanted, cancellationToken), static payment => "/api/v1/backoffice/payments/" + payment.Id);

    private static async Task<ApiResult<Payment>> FindAsync(HttpContext http, PaymentBook book, string payment, CancellationToken cancellationToken) =>
        ApiResult.Found(await book.FindAsync(http.GetCaller(), payment, cancellationToken), "payment", payment);

    private static async Task<ApiResult<Page<Allocation>>> AllocationsAsync(HttpContext http, PaymentBook book, string payment, CancellationToken cancellationToken) =>
        await book.FindAsync(http.GetCaller(), payment, cancellationToken) is { } found
            ? new Page<Allocation>(await book.AllocatedAsync(http.GetCaller(), found.Id, cancellationToken), null)
            : Refusal.NotFound("payment", payment);

    private static async Task<ApiResult<Page<Allocation>>> AllocateAsync(HttpContext http, PaymentOrders orders, string payment, NewAllocation wanted, CancellationToken cancellationToken)
    {
        var done = await orders.AllocateAsync(http.GetCaller(), payment, wanted, cancellationToken);
        return done.Ok ? new Page<Allocation>(done.Value, null) : done.Refusal;
    }
}

/// <summary>Which payments.</summary>
public sealed record PaymentQuery(
    [property: MaxLength(200), Description("An id, a part of the payer or the reference, a date.")] string? Text,
    [property: MaxLength(40), Description("Of this billing account.")] string? Account);
