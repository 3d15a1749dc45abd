using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Ddos.DryRun;

namespace Tsunagi.Ddos.Api;

/// <summary>/api/v1/ddos/dry-runs: what would have been done to kept traffic.</summary>
internal static class DryRunApi
{
    private const string List = "ddos-dry-runs";

    public static void Map(RouteGroupBuilder api)
    {
        var ddos = api.MapGroup("").WithTags("DDoS protection");
        ddos.MapGet("/dry-runs", ListAsync).Requires(DdosPermissions.DryRunRead).WithName("listDdosDryRuns").WithSummary("Dry runs that are over, newest first, without what they found");
        ddos.MapGet("/dry-runs/{dryRun}", FindAsync).Requires(DdosPermissions.DryRunRead).WithName("getDdosDryRun")
            .WithSummary("One dry run: how far it has come, or its report: incidents, rules, what they would have touched, how much of the time is known, and what it comes to");
        ddos.MapPost("/dry-runs", Begin).Requires(DdosPermissions.DryRunWrite).WithName("beginDdosDryRun")
            .WithSummary("Begin a dry run over the flow records and sums that this node keeps of a protection; it goes on by itself, and nothing is announced");
    }

    private static async Task<ApiResult<Page<DryRunView>>> ListAsync(
        HttpContext http, DryRunStore store, DryRunDesk desk, [AsParameters] PageRequest page, [AsParameters] DryRunQuery query, CancellationToken cancellationToken)
    {
        if (page.After(List, "", out var before) is { } unreadable)
        {
            return unreadable;
        }

        var rows = await store.ListAsync(http.GetCaller(), query.Text ?? "", before, page.Size + 1, cancellationToken);
        return Page.Of([.. rows.Select(row => DryRunView.Of(row, desk.IsCurrent(row)))], page.Size, List, static view => view.Id);
    }

    private static async Task<ApiResult<DryRunView>> FindAsync(HttpContext http, DryRunDesk desk, string dryRun, CancellationToken cancellationToken) =>
        await desk.FindAsync(http.GetCaller(), dryRun, cancellationToken) is { } view ? view : Refusal.NotFound("dry run", dryRun);

    private static ApiCreated<DryRunView> Begin(HttpContext http, DryRunDesk desk, DryRunRequest request)
    {
        var begun = desk.Begin(http.GetCaller(), request);
        return begun.Ok ? ApiResult.Created<DryRunView>(begun.Value, static view => "/api/v1/ddos/dry-runs/" + view.Id) : begun.Refusal;
    }
}

/// <summary>Which dry runs.</summary>
public sealed record DryRunQuery([property: MaxLength(100), Description("An id, a subscription, a tenant, a verdict.")] string? Text);
