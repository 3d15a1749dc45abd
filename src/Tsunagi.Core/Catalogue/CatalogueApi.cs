using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Meters;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Rating;

namespace Tsunagi.Core.Catalogue;

/// <summary>/api/v1/specifications (what the modules can sell) and /api/v1/plans (what this provider sells).</summary>
public static class CatalogueApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/specifications", Specifications).Requires("core.plan.read").WithTags("Catalogue").WithName("listSpecifications")
            .WithSummary("What the modules can sell, with the JSON Schema of the settings");
        var plans = api.MapGroup("/plans").WithTags("Catalogue");
        plans.MapGet("/", ListAsync).Requires("core.plan.read").WithName("listPlans").WithSummary("The provider's plans");
        plans.MapGet("/{plan}", FindAsync).Requires("core.plan.read").WithName("getPlan").WithSummary("One plan, by id or code, with its versions");
        plans.MapPatch("/{plan}", ChangeAsync).Requires("core.plan.write").WithName("changePlan").WithSummary("Put a plan into another category of the portfolio");
        plans.MapPut("/{plan}", PutAsync).Requires("core.plan.write").WithName("putPlan").WithSummary("Make a plan, or its next version when the prices differ");
    }

    private static ApiResult<Page<SpecificationView>> Specifications(HttpContext http, SpecificationCatalogue catalogue)
    {
        var locale = http.GetCaller().Locale;
        return new Page<SpecificationView>(
            [.. catalogue.Specifications.Select(s => new SpecificationView(
                s.Id, s.Name.In(locale), s.Summary.In(locale), s.Category, SpecificationCatalogue.SchemaOf(s),
                [.. s.Meters.Select(m => catalogue.Meter(m)!).Select(m => new MeterView(m.Name, m.Kind, m.Unit, m.Meaning.In(locale)))]))],
            null);
    }

    private static async Task<ApiResult<Page<Plan>>> ListAsync(Plans plans, CancellationToken cancellationToken) =>
        new Page<Plan>(await plans.ListAsync(cancellationToken), null);

    private static async Task<ApiResult<PlanView>> FindAsync(Plans plans, string plan, CancellationToken cancellationToken)
    {
        var found = await plans.FindAsync(plan, cancellationToken);
        return found is null ? Refusal.NotFound("plan", plan) : await ViewAsync(plans, found, cancellationToken);
    }

    private static async Task<ApiResult<PlanView>> PutAsync(HttpContext http, Plans plans, string plan, NewPlan wanted, CancellationToken cancellationToken)
    {
        if (plan != wanted.Code)
        {
            return Refusal.Invalid("plan.code", "code", $"the address says {plan}, the body {wanted.Code}", plan);
        }

        var outcome = await plans.PutAsync(http.GetCaller(), wanted, cancellationToken);
        return outcome.Ok ? await ViewAsync(plans, outcome.Value, cancellationToken) : outcome.Refusal;
    }

    private static async Task<ApiResult<PlanView>> ChangeAsync(HttpContext http, Plans plans, string plan, ChangedPlan wanted, CancellationToken cancellationToken)
    {
        var outcome = await plans.ChangeAsync(http.GetCaller(), plan, wanted, cancellationToken);
        return outcome.Ok ? await ViewAsync(plans, outcome.Value, cancellationToken) : outcome.Refusal;
    }

    private static async ValueTask<PlanView> ViewAsync(Plans plans, Plan plan, CancellationToken cancellationToken)
    {
        var versions = await plans.VersionsAsync(plan.Id, cancellationToken);
        return new PlanView(
            plan.Id, plan.Code, plan.Specification, plan.NameEn, plan.NameJa, plan.Category, plan.Version,
            [.. versions.Select(static v => new PlanVersionView(v.Number, v.Currency, JsonSerializer.Deserialize<IReadOnlyList<Price>>(v.Prices, SettingsJson.Options)!, v.CreatedAt))]);
    }
}

/// <summary>A specification as the API shows it.</summary>
public sealed record SpecificationView(string Id, string Name, string Summary, OfferingCategory Category, JsonNode Settings, IReadOnlyList<MeterView> Meters);

/// <summary>A meter as the API shows it.</summary>
public sealed record MeterView(string Name, MeterKind Kind, string Unit, string Meaning);

/// <summary>A plan with all its versions, newest first.</summary>
public sealed record PlanView(string Id, string Code, string Specification, string NameEn, string NameJa, OfferingCategory Category, long Version, IReadOnlyList<PlanVersionView> Versions);

/// <summary>One version of a plan's prices.</summary>
public sealed record PlanVersionView(long Number, string Currency, IReadOnlyList<Price> Prices, long CreatedAt);
