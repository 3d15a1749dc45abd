using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Usage;

namespace Tsunagi.Core.Meters;

/// <summary>/api/v1/meters/verification: what bills read against what the raw records say.</summary>
public static class MeterApi
{
    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/meters/verification", VerifyAsync).Requires("core.node.read").WithTags("Meters").WithName("verifyMeters")
            .WithSummary("Derives a month's meters again from raw records and compares (the provider's operators only)");

    private static async Task<ApiResult<Page<MeterComparison>>> VerifyAsync(
        HttpContext http, MeterVerification verification, string period, string? timeZone, CancellationToken cancellationToken)
    {
        if (!http.GetCaller().IsOperator)
        {
            return Refusal.NotFound("meter verification", period);
        }

        var month = BillingPeriod.Parse(period, timeZone ?? "UTC");
        return month.Ok
            ? new Page<MeterComparison>(await verification.CompareAsync(month.Value.FromMicros, month.Value.ToMicros, cancellationToken), null)
            : month.Refusal;
    }
}
