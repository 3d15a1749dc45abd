using Tsunagi.Core.Verbs;

namespace Tsunagi.Routers.Verbs;

/// <summary>tsunagi routers push | swap: versions brought to boxes ring by ring, and one box for another.</summary>
internal static class PushVerbs
{
    private const string Api = "/api/v1/routers/";
    private static readonly VerbParameter Push = new("PUSH", "its id (ru_…)", Required: true);
    private static readonly VerbParameter Site = new("SITE", "its id (l_…)", Required: true);

    public static readonly IReadOnlyList<Verb> All =
    [
        ApiVerb.Send("push plan", "Plan a push of sites' newest versions, ring by ring; nothing is sent yet", HttpMethod.Post, Api + "pushes", [
            new("--sites", "of these (l_…); without it every site whose box runs another version", Many: true), new("--canary", "sites of the first ring (l_…)", Many: true),
            new("--rings", "numbers or percentages with commas between (1,20%,100%)"), new("--budget", "how many of a hundred boxes of a ring may fail (2)", Value: VerbValue.Whole, Least: 0, Most: 100), new("--why", "for whoever reads the pushes"),
        ]),
        ApiVerb.Send("push start", "Start a planned push with its first ring", HttpMethod.Post, Api + "pushes/{PUSH}/start", [Push]),
        ApiVerb.Send("push stop", "Begin no further box; what is under way ends by itself", HttpMethod.Post, Api + "pushes/{PUSH}/stop", [Push, new("--why", "for whoever reads the pushes")]),
        ApiVerb.Show("push show", "One push, ring by ring", Api + "pushes/{PUSH}", Push),
        ApiVerb.List("push list", "Pushes, newest first", Api + "pushes", [new("--state", "only these", Allowed: ["planned", "running", "done", "stopped", "discarded"])], "id", "state", "boxes", "ring", "budget", "by=madeBy", "at=madeAt", "cause", "why"),
        ApiVerb.List("push boxes", "What became of each box of a push", Api + "pushes/{PUSH}/boxes", [
            Push, new("--state", "only these", Allowed: ["waiting", "asked", "accepted", "confirmed", "rolled-back", "silent", "skipped", "dropped"]),
        ], "site", "identity", "ring", "number", "state", "ended=endedAt", "cause"),
        ApiVerb.List("site pushes", "What pushes did at a site, newest first", Api + "sites/{SITE}/pushes", [Site], "push=pushId", "number", "state", "ended=endedAt", "cause"),
        ApiVerb.Send("swap", "Another box for the one of a site (operators): the old one is refused at its next word", HttpMethod.Post, Api + "sites/{SITE}/swap", [
            Site, new("--distribution-id", "of the new box, as on its label", Required: true), new("--key", "its LS-SA key", Required: true),
        ]),
    ];
}
