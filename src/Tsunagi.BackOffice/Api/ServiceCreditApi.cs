using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.BackOffice.Credits;
using Tsunagi.Core.Api;
using Tsunagi.Core.Exchange.Credits;
using Tsunagi.Core.Identity;

namespace Tsunagi.BackOffice.Api;

/// <summary>/api/v1/backoffice/service-credits: what services propose to give back, and what a person decided.</summary>
internal static class ServiceCreditApi
{
    private const string Credits = "backoffice-service-credits";

    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/service-credits").WithTags("Back office");
        group.MapGet("/", ListAsync).Requires(BackOfficePermissions.CreditRead).WithName("listServiceCredits").WithSummary("Credits that services propose, newest first");
        group.MapGet("/{credit}", FindAsync).Requires(BackOfficePermissions.CreditRead).WithName("getServiceCredit").WithSummary("One credit with its evidence");
        group.MapPost("/{credit}/approve", ApproveAsync).Requires(BackOfficePermissions.CreditWrite).WithName("approveServiceCredit").WithSummary("Approve it: it is a line of the next invoice, once");
        group.MapPost("/{credit}/reject", RejectAsync).Requires(BackOfficePermissions.CreditWrite).WithName("rejectServiceCredit").WithSummary("Reject it");
    }

    private static async Task<ApiResult<Page<ServiceCredit>>> ListAsync(HttpContext http, CreditBook book, [AsParameters] PageRequest page, [AsParameters] ServiceCreditQuery query, CancellationToken cancellationToken) =>
        page.After(Credits, "", out var before) is { } unreadable
            ? unreadable
            : Page.Of(await book.ListAsync(http.GetCaller(), query.State, query.Text, before, page.Size + 1, cancellationToken), page.Size, Credits, static credit => credit.Id);

    private static async Task<ApiResult<ServiceCredit>> FindAsync(HttpContext http, CreditBook book, string credit, CancellationToken cancellationToken) =>
        ApiResult.Found(await book.FindAsync(http.GetCaller(), credit, cancellationToken), "credit", credit);

    private static async Task<ApiResult<ServiceCredit>> ApproveAsync(HttpContext http, CreditDecisions decisions, string credit, OrderReason wanted, CancellationToken cancellationToken) =>
        ApiResult.From(await decisions.ApproveAsync(http.GetCaller(), credit, wanted.Reason, cancellationToken), static _ => 1);

    private static async Task<ApiResult<ServiceCredit>> RejectAsync(HttpContext http, CreditDecisions decisions, string credit, OrderReason wanted, CancellationToken cancellationToken) =>
        ApiResult.From(await decisions.RejectAsync(http.GetCaller(), credit, wanted.Reason, cancellationToken), static _ => 1);
}

/// <summary>Which credits.</summary>
public sealed record ServiceCreditQuery(
    [property: MaxLength(200), Description("An id, a subscription's id, or the service's key.")] string? Text,
    [property: AllowedValues("proposed", "approved", "rejected", null), Description("In this state.")] string? State);
