using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Connectivity.Proxy;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Api;

/// <summary>/api/v1/connectivity/home-servers: what the node that answers knows of other providers' RADIUS servers.</summary>
internal static class RealmApi
{
    public static void Map(RouteGroupBuilder api) => api.MapGroup("/home-servers").WithTags("Connectivity").MapGet("", ListAsync).Requires(ConnectivityPermissions.NasRead).WithName("listHomeServers")
        .WithSummary("Realms of others, and their home servers as the node that answers sees them");

    private static async Task<ApiResult<Page<HomeServerView>>> ListAsync(HttpContext http, RadiusProxy proxy, Stores stores, CancellationToken cancellationToken) =>
        new Page<HomeServerView>(http.GetCaller().IsOperator ? await HomeServerView.ListAsync(proxy, stores, cancellationToken) : [], null);
}

/// <summary>One port of a home server of a realm.</summary>
/// <param name="Realm">"isp.example", "*.isp.example" or "*".</param>
/// <param name="Place">Which of the realm's servers it is, from 1; with <paramref name="Balanced"/> users are spread.</param>
/// <param name="Port">authentication or accounting.</param>
/// <param name="State">answering, silent or dead.</param>
/// <param name="Forged">Datagrams from its address that are no answers: forged, signed with another secret, without Message-Authenticator.</param>
/// <param name="Stored">Reports of the realm that were acknowledged here and wait for a home server to take them; at its accounting ports.</param>
/// <param name="HeardAt">When it last answered, µs since 1970; absent when it has not since the start.</param>
internal sealed record HomeServerView(
    string Realm, string Server, int Place, bool Balanced, string Port, string Address, string State, int InFlight, long Sent, long Answered, long Unanswered, long Forged, long Stored, long? HeardAt)
{
    public static async ValueTask<IReadOnlyList<HomeServerView>> ListAsync(RadiusProxy proxy, Stores stores, CancellationToken cancellationToken)
    {
        var waiting = proxy.Realms.Count == 0 ? [] : (await RelayBook.WaitingAsync(stores, cancellationToken)).ToDictionary(static each => each.Realm, static each => each.Reports, StringComparer.Ordinal);
        return Of(proxy, waiting);
    }

    private static IReadOnlyList<HomeServerView> Of(RadiusProxy proxy, Dictionary<string, long> waiting) =>
    [
        .. proxy.Realms.SelectMany(static realm => realm.Servers.Select((server, place) => (realm, server, place))).SelectMany(each => each.server.Lanes.Select(lane => new HomeServerView(
            each.realm.Name, each.server.Name, each.place + 1, each.realm.IsBalanced, lane.IsAccounting ? "accounting" : "authentication", lane.EndPoint.ToString(), LineView.Camel(lane.State.ToString()), lane.InFlight, lane.Sent,
            lane.Answered, lane.Unanswered, lane.Forged, lane.IsAccounting ? waiting.GetValueOrDefault(each.realm.Name) : 0, lane.HeardAt == 0 ? null : lane.HeardAt))),
    ];
}
