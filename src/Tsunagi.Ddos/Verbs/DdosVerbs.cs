using Tsunagi.Core.Verbs;

namespace Tsunagi.Ddos.Verbs;

/// <summary>tsunagi ddos incident | mitigation | exporter | traffic: the API from the terminal.</summary>
internal static class DdosVerbs
{
    private const string Api = "/api/v1/ddos/";

    public static readonly IReadOnlyList<Verb> All =
    [
        ApiVerb.List("incident list", "Incidents, newest first", Api + "incidents", [
            new("--text", "an id, an address or prefix, a vector, a subscription"), new("--state", "only these", Allowed: ["open", "closed"]),
        ], "id", "target", "vector", "opened=openedAt", "closed=closedAt", "peak packets/s=peakPacketsPerSecond", "peak bits/s=peakBitsPerSecond"),
        ApiVerb.Show("incident show", "One incident: the rule that fired, the estimate and its error, what the traffic looks like", Api + "incidents/{INCIDENT}",
            new VerbParameter("INCIDENT", "its id (di_…)", Required: true)),
        ApiVerb.Send("incident release", "Release the proposed rules of an incident: renewed while it is open, then lifted", HttpMethod.Post, Api + "incidents/{INCIDENT}/release",
            [new("INCIDENT", "its id (di_…)", Required: true)]),
        ApiVerb.Show("mode list", "Protections on the node that answers, and what is done about attacks on them", Api + "protections"),
        ApiVerb.Send("mode set", "Whether rules are only shown, wait to be released, or go out by themselves", HttpMethod.Put,
            Api + "protections/{PROTECTION}/mode", [
                new("PROTECTION", "the subscription", Required: true),
                new("--mode", "what is done", Required: true, Allowed: Mitigate.ResponseMode.All),
                new("--reason", "why", Required: true),
                new("--report", "the dry run that lets it go so far (dr_…); the newest that does without it"),
                new("--without-report", "more than before without a dry run: an own permission, told as a warning", IsFlag: true),
            ]),
        ApiVerb.Show("traffic show", "What flows to the protected prefixes on the node that answers", Api + "traffic",
            new VerbParameter("--seconds", "seconds back (60)", Value: VerbValue.Whole, Least: 1, Most: Traffic.TrafficView.MostSeconds),
            new VerbParameter("--top", "how many addresses (10)", Value: VerbValue.Whole, Least: 1, Most: 1_000)),
        ApiVerb.Show("exporter list", "Flow exporters with losses, sampling and detection floor; listeners and copies (operators)", Api + "exporters"),
        ApiVerb.List("mitigation list", "Rules, newest first", Api + "mitigations", [
            new("--text", "an id, an incident, a subscription, a part of the rule"), new("--state", "only these", Allowed: ["active", "ended"]),
        ], "id", "rule", "reason", "made=madeAt", "by=madeBy", "expires=expiresAt", "ended=endedAt", "how=endedHow"),
        ApiVerb.Show("mitigation show", "One rule: who made it, why, until when, how it ended", Api + "mitigations/{MITIGATION}", new VerbParameter("MITIGATION", "its id (mg_…)", Required: true)),
        ApiVerb.Send("mitigation add", "Make a rule by hand: it is checked, announced to the routers, and ends by itself", HttpMethod.Post, Api + "mitigations", [
            new("--blackhole", "a prefix of which all traffic is dropped"),
            new("--rule", "a FlowSpec rule with its action: dst 192.0.2.1/32 proto udp sport 53 then discard"),
            new("--reason", "why", Required: true),
            new("--minutes", "for how long (30)", Value: VerbValue.Whole, Least: 1, Most: 43_200),
            new("--incident", "the incident it is against (di_…)"),
        ]),
        ApiVerb.Send("mitigation lift", "Lift a rule: it is withdrawn from the routers at once", HttpMethod.Post, Api + "mitigations/{MITIGATION}/lift",
            [new("MITIGATION", "its id (mg_…)", Required: true)], "the rule is lifted"),
    ];
}
