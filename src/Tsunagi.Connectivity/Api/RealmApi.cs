using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Connectivity.Proxy;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;

namespace Tsunagi.Connectivity.Api;

/// <summary>/api/v1/connectivity/home-servers: what the node that answers knows of other providers' RADIUS servers.</summary>
internal static class RealmApi
{
    public static void Map(RouteGroupBuilder api) => api.MapGroup("/home-servers").WithTags("Connectivity").MapGet("", List).Requires(ConnectivityPermissions.NasRead).WithName("listHomeServers")
        .WithSummary("Realms of others, and their home servers as the node that answers sees them");

    private static ApiResult<Page<HomeServerView>> List(HttpContext http, RadiusProxy proxy) => new Page<HomeServerView>(http.GetCaller().IsOperator ? HomeServerView.Of(proxy) : [], null);
}

/// <summary>One port of a home server of a realm.</summary>
/// <param name="Realm">"isp.example", "*.isp.example" or "*".</param>
/// <param name="Place">Which of the realm's servers it is, from 1; with <paramref name="Balanced"/> users are spread.</param>
/// <param name="Port">authentication or accounting.</param>
/// <param name="State">answering, silent or dead.</param>
/// <param name="Forged">Datagrams from its address that are no answers: forged, signed with another secret, without Message-Authenticator.</param>
/// <param name="HeardAt">When it last answered, µs since 1970; absent when it has not since the start.</param>
internal sealed record HomeServerView(
    string Realm, string Server, int Place, bool Balanced, string Port, string Address, string State, int InFlight, long Sent, long Answered, long Unanswered, long Forged, long? HeardAt)
{
    public static IReadOnlyList<HomeServerView> Of(RadiusProxy proxy) =>
    [
        .. proxy.Realms.SelectMany(static realm => realm.Servers.Select((server, place) => (realm, server, place))).SelectMany(static each => each.server.Lanes.Select(lane => new HomeServerView(
            each.realm.Name, each.server.Name, each.place + 1, each.realm.IsBalanced, lane.IsAccounting ? "accounting" : "authentication", lane.EndPoint.ToString(), LineView.Camel(lane.State.ToString()), lane.InFlight, lane.Sent,
            lane.Answered, lane.Unanswered, lane.Forged, lane.HeardAt == 0 ? null : lane.HeardAt))),
    ];
}
