using Tsunagi.Core.Verbs;

namespace Tsunagi.Ddos.Verbs;

/// <summary>tsunagi ddos share | shared | peers: sharing from the terminal.</summary>
internal static class SharingVerbs
{
    private const string Api = "/api/v1/ddos/";
    private static readonly string[] Levels = ["clear", "green", "amber", "amber+strict"];
    private static readonly VerbParameter Incident = new("INCIDENT", "its id (di_…)", Required: true);
    private static readonly VerbParameter Group = new("--group", "a sharing group", Required: true);
    private static readonly VerbParameter Level = new("--tlp", "how closely it is to be held", Required: true, Allowed: Levels);
    private static readonly VerbParameter Target = new("--show-target", "tells the prefix that is attacked; without it nothing says whose it is", IsFlag: true);

    public static readonly IReadOnlyList<Verb> All =
    [
        ApiVerb.Show("peers list", "Sharing groups with their collections, and peers with their last success and failure (operators)", Api + "sharing"),
        ApiVerb.List("share list", "Which incidents are shared with whom, newest first", Api + "shares", [
            new("--text", "an id, an incident, a group"), new("--state", "only these", Allowed: ["shared", "withdrawn"]),
        ], "id", "incident=incidentId", "group", "tlp", "by=sharedBy", "shared=sharedAt", "withdrawn=withdrawnAt"),
        ApiVerb.Show("share preview", "What would leave if an incident were shared: the whole bundle of STIX 2.1 (operators)", Api + "incidents/{INCIDENT}/share-preview", Incident, Group, Level, Target),
        ApiVerb.Send("share add", "Share an incident with a group, without its victim unless that is said (operators)", HttpMethod.Post, Api + "incidents/{INCIDENT}/shares",
            [Incident, Group, Level, new("--reason", "why", Required: true), Target]),
        ApiVerb.Send("share withdraw", "Tell the group that a shared incident does not hold (operators)", HttpMethod.Post, Api + "shares/{SHARE}/withdraw", [new("SHARE", "its id (ds_…)", Required: true)], "the group is told"),
        ApiVerb.List("shared list", "Incidents that peers shared with us, newest first (operators)", Api + "shared-with-us", [
            new("--text", "an id, a peer, a vector"), new("--state", "only these", Allowed: ["open", "closed", "revoked"]),
        ], "id", "peer", "name", "tlp", "opened=openedAt", "closed=closedAt", "peak packets/s=peakPacketsPerSecond", "peak bits/s=peakBitsPerSecond"),
        ApiVerb.Show("shared show", "One incident that a peer shared with us (operators)", Api + "shared-with-us/{FOREIGN}", new VerbParameter("FOREIGN", "its id (fi_…)", Required: true)),
    ];
}
