using Tsunagi.Core.Verbs;

namespace Tsunagi.Connectivity.Verbs;

/// <summary>tsunagi radius realms: other providers' realms and their home servers from the terminal.</summary>
internal static class RealmVerbs
{
    public static readonly IReadOnlyList<Verb> All =
    [
        ApiVerb.List(
            "radius realms", "Realms of others and their home servers, as the node that answers sees them", "/api/v1/connectivity/home-servers", [],
            "realm", "place", "server", "port", "address", "state", "waiting=inFlight", "sent", "answered", "unanswered", "forged", "stored", "heard=heardAt"),
    ];
}
