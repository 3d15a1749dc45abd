using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.BackOffice.Shadow;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;

namespace Tsunagi.BackOffice.Api;

/// <summary>/api/v1/backoffice/shadow and /openings: beside the system before, and what is taken over from it.</summary>
internal static class ShadowApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/shadow", CompareAsync).Requires(BackOfficePermissions.RunWrite).WithTags("Back office").WithName("compareShadow")
            .WithSummary("Compare a month's bills with the file of the system before, line by line; nothing is kept");
        api.MapPost("/openings", ImportAsync).Requires(BackOfficePermissions.PaymentWrite).WithTags("Back office").WithName("importOpenings")
            .WithSummary("Take over the open invoices of the system before; the same items twice change nothing");
    }

    private static async Task<ApiResult<ShadowReport>> CompareAsync(HttpContext http, ShadowRun shadow, ShadowRequest request, CancellationToken cancellationToken) =>
        await shadow.CompareAsync(http.GetCaller(), request, cancellationToken);

    private static async Task<ApiResult<OpeningResult>> ImportAsync(HttpContext http, OpeningOrders orders, NewOpening wanted, CancellationToken cancellationToken) =>
        await orders.ImportAsync(http.GetCaller(), wanted, cancellationToken);
}
