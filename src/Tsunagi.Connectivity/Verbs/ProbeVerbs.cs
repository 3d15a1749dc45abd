using Tsunagi.Core.Verbs;

namespace Tsunagi.Connectivity.Verbs;

/// <summary>tsunagi probe …: the API's probes from the terminal.</summary>
internal static class ProbeVerbs
{
    private const string Probes = "/api/v1/connectivity/probes";

    private static readonly VerbParameter Probe = new("PROBE", "its id (pb_…)", Required: true);

    public static readonly IReadOnlyList<Verb> All =
    [
        ApiVerb.List("probe list", "Probes of lines, newest first", Probes, [
            new("--line", "only this line's (ln_…)"), new("--subscription", "only this subscription's (s_…)"), new("--state", "only these", Allowed: ["unknown", "up", "lost"]),
        ], "id", "line=lineId", "target", "every=everyMilliseconds", "state", "since=stateSince", "node", "name"),
        ApiVerb.Show("probe show", "One probe", Probes + "/{PROBE}", Probe),
        ApiVerb.Send("probe add", "Set a probe on a line: STAMP test packets to a reflector at its far end", HttpMethod.Post, Probes, [
            new("--line-id", "whose path (ln_…)", Required: true), new("--target", "address:port of the reflector", Required: true), new("--name", "what people call it"),
            new("--every-milliseconds", "between two test packets; 1000 without it"), new("--padding-octets", "of padding in each"), new("--key", "of authenticated test packets, the reflector's own"),
        ]),
        ApiVerb.Send("probe remove", "Remove a probe; its minutes stay", HttpMethod.Delete, Probes + "/{PROBE}", [Probe], "the probe is removed"),
        ApiVerb.List("probe minutes", "What a probe measured, by the minute; delays in nanoseconds", Probes + "/{PROBE}/minutes",
            [Probe, new("--hours", "so many back; 1 without it"), new("--until", "the moment they end at, microseconds since 1970")], "at", "sent", "lost", "p50", "p95", "p99", "variation=variation95", "duplicates", "reordered", "node"),
    ];
}
