using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;

namespace Tsunagi.Core.Apply;

/// <summary>/api/v1/apply: a provider file as JSON; first the plan, then the plan's hash with the same file.</summary>
public static class ApplyApi
{
    private const string Write = "core.apply.write";
    private const long MaxBytes = 8 * 1024 * 1024;

    public static void Map(RouteGroupBuilder api)
    {
        var apply = api.MapGroup("/apply").WithTags("Apply").WithMetadata(new Size(MaxBytes));
        apply.MapPost("/plan", PlanAsync).Requires(Write).WithName("planApply").WithSummary("What applying a file would change, and what is wrong with it");
        apply.MapPost("/", ApplyAsync).Requires(Write).WithName("apply").WithSummary("Make the changes of a plan that was shown");
    }

    private static async Task<ApiResult<ApplyPlan>> PlanAsync(HttpContext http, Applier applier, ApplyRequest request, CancellationToken cancellationToken) =>
        await applier.PlanAsync(http.GetCaller(), request.Document, cancellationToken);

    private static async Task<ApiResult<ApplyResult>> ApplyAsync(HttpContext http, Applier applier, ApplyRequest request, CancellationToken cancellationToken) =>
        await applier.ApplyAsync(http.GetCaller(), request, cancellationToken);

    private sealed record Size(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}
