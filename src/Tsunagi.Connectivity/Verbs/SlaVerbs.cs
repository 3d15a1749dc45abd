using Tsunagi.Core.Verbs;

namespace Tsunagi.Connectivity.Verbs;

/// <summary>tsunagi sla …: what was promised of a subscription's month, and the facts it is judged by.</summary>
internal static class SlaVerbs
{
    private const string Api = "/api/v1/connectivity";

    private static readonly VerbParameter Outage = new("OUTAGE", "its id (og_…)", Required: true);

    public static readonly IReadOnlyList<Verb> All =
    [
        ApiVerb.Show("sla show", "A subscription's month by its terms, with the credit it proposes", Api + "/sla/{SUBSCRIPTION}",
            new("SUBSCRIPTION", "its id (s_…)", Required: true), new("--month", "YYYY-MM; the running one without it")),
        ApiVerb.Send("sla credit", "Propose what a month that is over gives back, for whoever bills to decide", HttpMethod.Post, Api + "/sla/{SUBSCRIPTION}/credit", [
            new("SUBSCRIPTION", "its id (s_…)", Required: true), new("--month", "YYYY-MM", Required: true),
        ]),
        ApiVerb.List("sla outages", "Outages of lines, newest first", Api + "/outages",
            [new("--line", "only this line's (ln_…)"), new("--subscription", "only this subscription's (s_…)"), new("--open", "only those that last", IsFlag: true)],
            "id", "subscription=subscriptionId", "line=lineId", "source", "from", "to", "cause", "note"),
        ApiVerb.Send("sla report", "Enter an outage that no probe saw", HttpMethod.Post, Api + "/outages", [
            new("--subscription-id", "whose service was down (s_…)", Required: true), new("--from", "when it began: YYYY-MM-DDThh:mm:ssZ", Required: true), new("--to", "when it was over; absent while it lasts"),
            new("--note", "what happened", Required: true),
        ]),
        ApiVerb.Send("sla judge", "Say whose doing an outage was", HttpMethod.Patch, Api + "/outages/{OUTAGE}", [
            Outage, new("--cause", "whose", Allowed: ["provider", "customer", "force-majeure"]), new("--note", "why"), new("--to", "when it was over, for one that no probe saw"),
        ]),
        ApiVerb.List("sla maintenance list", "Announced maintenance, newest first", Api + "/maintenance", [], "id", "subscription=subscriptionId", "from", "to", "announced=announcedAt", "cancelled=cancelledAt", "note"),
        ApiVerb.Send("sla maintenance announce", "Announce maintenance, of one subscription or of all", HttpMethod.Post, Api + "/maintenance", [
            new("--subscription-id", "of this one only (s_…)"), new("--from", "when it begins: YYYY-MM-DDThh:mm:ssZ", Required: true), new("--to", "when it is over", Required: true),
            new("--note", "what is done, as customers read it", Required: true),
        ]),
        ApiVerb.Send("sla maintenance cancel", "Call announced maintenance off", HttpMethod.Delete, Api + "/maintenance/{MAINTENANCE}", [new("MAINTENANCE", "its id (mt_…)", Required: true)], "it is called off"),
    ];
}
