using Tsunagi.Core.Verbs;

namespace Tsunagi.Connectivity.Verbs;

/// <summary>tsunagi line … and tsunagi nas …: the API's lines and access servers in the trade's own words.</summary>
internal static class LineVerbs
{
    private const string Lines = "/api/v1/connectivity/lines";
    private const string Nas = "/api/v1/connectivity/nas";

    private static readonly VerbParameter Line = new("LINE", "its id (ln_…)", Required: true);
    private static readonly VerbParameter Server = new("NAS", "its id (na_…)", Required: true);

    private static readonly VerbParameter[] LineFields =
    [
        new("--name", "what people call it"), new("--user-name", "User-Name, with its realm when lines are kept with it"), new("--circuit-id", "Agent-Circuit-Id"), new("--remote-id", "Agent-Remote-Id"),
        new("--port", "where it ends, in your own words"), new("--site-id", "its site (l_…)"), new("--v4", "a fixed IPv4 address or block"), new("--v6", "a fixed IPv6 address"),
        new("--link-prefix", "a fixed prefix of the link itself"), new("--delegated-prefix", "a fixed prefix that is delegated"), new("--routes", "a Framed-Route text; may be given several times", Many: true),
    ];

    private static readonly VerbParameter[] NasFields =
    [
        new("--sources", "an address or network its datagrams come from; may be given several times", Many: true), new("--secret", "the shared secret"),
        new("--certificate", "what its certificate is known by when it connects by TLS: sha256:FINGERPRINT, or a DNS name in it"),
        new("--dialect", "which vendor's attributes it understands", Allowed: ["standard", "mikroTik", "cisco", "juniper", "huawei", "accelPpp", "wisPr"]),
        new("--message-authenticator", "whether requests without Message-Authenticator are answered", Allowed: ["auto", "yes", "no"]),
        new("--dynamic-authorization", "address:port that takes Disconnect and CoA requests"), new("--walled-garden", "name of the filter on it that holds suspended lines"), new("--note", "in your own words"),
    ];

    public static readonly IReadOnlyList<Verb> All =
    [
        ApiVerb.List("line list", "Lines, newest first or by user name", Lines, [
            new("--text", "a part of a user name, circuit id or name; an id; a fixed address"), new("--state", "only these", Allowed: ["active", "suspended", "ended"]), new("--tenant", "only this tenant's (t_…)"),
            new("--subscription", "only this subscription's (s_…)"), new("--sort", "order", Allowed: ["userName", "-userName"]),
        ], "id", "user=userName", "circuit=circuitId", "state", "v4", "delegated=delegatedPrefix", "name"),
        ApiVerb.Show("line show", "One line", Lines + "/{LINE}", Line),
        ApiVerb.Send("line add", "Set a line up under a subscription; a password that is made is shown once", HttpMethod.Post, Lines,
            [new("--subscription-id", "whose it is (s_…)", Required: true), .. LineFields, new("--circuit-proves", "circuit and remote id prove the line, and no password is asked", IsFlag: true), new("--password", "in clear; made without it")]),
        ApiVerb.Send("line change", "Change a line; what is not given stays", HttpMethod.Patch, Lines + "/{LINE}", [Line, .. LineFields, new("--if-version", "only if it still is at this version")]),
        ApiVerb.Send("line password", "Set a line's password, or have one made that is shown once", HttpMethod.Put, Lines + "/{LINE}/password", [Line, new("--password", "in clear; made without it")]),
        ApiVerb.Send("line end", "End a line for good; its history stays", HttpMethod.Delete, Lines + "/{LINE}", [Line], "the line is ended"),
        ApiVerb.List("nas list", "Access servers", Nas, [], "id", "name", "sources", "dialect", "message-authenticator=messageAuthenticator"),
        ApiVerb.Show("nas show", "One access server", Nas + "/{NAS}", Server),
        ApiVerb.Send("nas add", "Add an access server; a secret that is made is shown once", HttpMethod.Post, Nas, [new("--name", "what people call it", Required: true), .. NasFields]),
        ApiVerb.Send("nas change", "Change an access server; what is not given stays", HttpMethod.Patch, Nas + "/{NAS}", [Server, new("--name", "what people call it"), .. NasFields, new("--if-version", "only if it still is at this version")]),
        ApiVerb.Send("nas remove", "Remove an access server: its requests are not answered any more", HttpMethod.Delete, Nas + "/{NAS}", [Server], "the access server is removed"),
    ];
}
