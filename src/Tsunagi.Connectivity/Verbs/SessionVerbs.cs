using Tsunagi.Core.Verbs;

namespace Tsunagi.Connectivity.Verbs;

/// <summary>tsunagi session …: the API's sessions from the terminal.</summary>
internal static class SessionVerbs
{
    private const string Sessions = "/api/v1/connectivity/sessions";

    private static readonly VerbParameter Session = new("SESSION", "its id (cs_…)", Required: true);

    public static readonly IReadOnlyList<Verb> All =
    [
        ApiVerb.List("session list", "Sessions of lines, newest first", Sessions, [
            new("--text", "an id, a user name, an address, a station"), new("--state", "only these", Allowed: ["open", "ended"]), new("--line", "only this line's (ln_…)"), new("--nas", "only this access server's (na_…)"),
        ], "id", "user=userName", "line=lineId", "nas", "v4", "started=startedAt", "ended=endedAt", "in=octetsIn", "out=octetsOut", "cause"),
        ApiVerb.Show("session show", "One session, with what was asked of its access server", Sessions + "/{SESSION}", Session),
        ApiVerb.Send("session disconnect", "Ask the access server to end a session, and tell what it answered", HttpMethod.Post, Sessions + "/{SESSION}/disconnect", [Session, new("--reason", "why", Required: true)]),
        ApiVerb.Send("session coa", "Ask the access server to change a session, and tell what it answered", HttpMethod.Post, Sessions + "/{SESSION}/coa",
            [Session, new("--reason", "why", Required: true), new("--attributes", "\"Name=value\" by the RADIUS dictionary; may be given several times", Required: true, Many: true)]),
    ];
}
