using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;

namespace Tsunagi.Connectivity.Api;

/// <summary>/api/v1/connectivity/leases.</summary>
internal static class LeaseApi
{
    private const string LeaseList = "connectivity-leases";

    public static void Map(RouteGroupBuilder api)
    {
        var leases = api.MapGroup("/leases").WithTags("Connectivity");
        leases.MapGet("", ListAsync).Requires(ConnectivityPermissions.SessionRead).WithName("listLeases").WithSummary("Leases of DHCPv6 and DHCPv4, newest first");
        leases.MapGet("/{lease}", FindAsync).Requires(ConnectivityPermissions.SessionRead).WithName("getLease").WithSummary("One lease of DHCPv6 or DHCPv4");
    }

    private static async Task<ApiResult<Page<LeaseView>>> ListAsync(
        HttpContext http, LeaseStore store, [AsParameters] PageRequest page, [AsParameters] LeaseListQuery query, CancellationToken cancellationToken)
    {
        if (page.After(LeaseList, "", out var before) is { } unreadable)
        {
            return unreadable;
        }

        var rows = await store.ListAsync(http.GetCaller(), query.Text?.Trim() ?? "", query.State ?? "", query.Line ?? "", query.Pool ?? "", before, page.Size + 1, cancellationToken);
        return Page.Of([.. rows.Select(LeaseView.Of)], page.Size, LeaseList, static view => view.Id);
    }

    private static async Task<ApiResult<LeaseView>> FindAsync(HttpContext http, LeaseStore store, string lease, CancellationToken cancellationToken) =>
        ApiResult.Found(await store.FindAsync(http.GetCaller(), lease, cancellationToken) is { } row ? LeaseView.Of(row) : null, "lease", lease);
}

/// <summary>Which leases.</summary>
internal sealed record LeaseListQuery(
    [property: MaxLength(300), Description("An id, an address, a prefix, a DUID or client id, a line, a subscription, a hardware address.")] string? Text,
    [property: AllowedValues("bound", "released", "expired", "declined", "withdrawn", null), Description("bound, released, expired, declined, or withdrawn.")] string? State,
    [property: MaxLength(40)] string? Line,
    [property: MaxLength(80), Description("A pool's name.")] string? Pool);
