using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Routing.Api;

/// <summary>/api/v1/routing: the sessions with routers.</summary>
internal static class RoutingApi
{
    public const string SessionRead = "routing.session.read";

    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/sessions", Sessions).Requires(SessionRead).WithTags("Routing").WithName("listRoutingSessions")
            .WithSummary("BGP sessions of this node, and how many routes each router has been told (the provider's operators only)");

    private static ApiResult<Page<RoutePeer>> Sessions(HttpContext http, IRouteRealiser routes) =>
        http.GetCaller().IsOperator ? new Page<RoutePeer>(routes.Peers, null) : Refusal.NotFound("list of sessions", "of this node");
}
