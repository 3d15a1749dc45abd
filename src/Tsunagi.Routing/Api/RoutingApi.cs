using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Routing.Kernel;

namespace Tsunagi.Routing.Api;

/// <summary>/api/v1/routing: the sessions with routers, and this node's own routes.</summary>
internal static class RoutingApi
{
    public const string SessionRead = "routing.session.read";
    public const string RouteRead = "routing.route.read";

    private const int MostShown = 1_000;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/sessions", Sessions).Requires(SessionRead).WithTags("Routing").WithName("listRoutingSessions")
            .WithSummary("BGP sessions of this node, and how many routes each router has been told (the provider's operators only)");
        api.MapGet("/scrubbers", Scrubbers).Requires(SessionRead).WithTags("Routing").WithName("listScrubbers")
            .WithSummary("Scrubbers of this node: whether each takes what is wanted, and what each rule has dropped there (the provider's operators only)");
        api.MapGet("/kernel-routes", KernelRoutes).Requires(RouteRead).WithTags("Routing").WithName("listKernelRoutes")
            .WithSummary("Routes that this node sets in its own kernel, by prefix, the first 1,000 (the provider's operators only)");
    }

    private static ApiResult<Page<RoutePeer>> Sessions(HttpContext http, IRouteRealiser routes) =>
        http.GetCaller().IsOperator ? new Page<RoutePeer>(routes.Peers, null) : Refusal.NotFound("list of sessions", "of this node");

    private static ApiResult<Page<ScrubberView>> Scrubbers(HttpContext http, IScrubbers scrubbers) =>
        http.GetCaller().IsOperator ? new Page<ScrubberView>(scrubbers.All, null) : Refusal.NotFound("list of scrubbers", "of this node");

    private static ApiResult<Page<KernelRouteRow>> KernelRoutes(HttpContext http, KernelRoutes routes, string? state = null, string? text = null) =>
        !http.GetCaller().IsOperator ? Refusal.NotFound("list of routes", "of this node")
        : state is { Length: > 0 } && !KernelRouteRow.States.Contains(state) ? Refusal.Invalid("field.value", "state", $"there is no state \"{state}\"", string.Join(", ", KernelRouteRow.States))
        : new Page<KernelRouteRow>(routes.List(state ?? "", text ?? "", MostShown), null);
}
