using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;

namespace Tsunagi.Routers.Verbs;

/// <summary>tsunagi routers device | site | arms authority | import: the API from the terminal.</summary>
internal static class RouterVerbs
{
    private const string Api = "/api/v1/routers/";
    private static readonly VerbParameter Site = new("SITE", "its id (l_…)", Required: true);
    private static readonly VerbParameter Device = new("DEVICE", "its id (rt_…)", Required: true);

    public static readonly IReadOnlyList<Verb> All =
    [
        ApiVerb.List("device list", "Routers", Api + "devices", [
            new("--text", "an id, a part of identity, model, site or tag, a serial number, an address"),
            new("--state", "only these", Allowed: ["unclaimed", "adopting", "observed", "waiting", "given", "configured", "silent"]), new("--site", "of this site (l_…)"), new("--product-class", "of this class"),
        ], "id", "site", "identity", "model", "software", "state", "silent", "informed=informedAt"),
        ApiVerb.Show("device show", "One router", Api + "devices/{DEVICE}", Device),
        ApiVerb.List("device values", "What a router told of itself; secrets without their values", Api + "devices/{DEVICE}/values", [Device, new("--text", "a part of the path or of the value")], "path", "value", "type", "writable", "read=at"),
        ApiVerb.List("device tasks", "What was and is to be done on a router, newest first", Api + "devices/{DEVICE}/tasks", [Device], "id", "kind", "argument", "state", "code=faultCode", "text=faultText", "by=madeBy", "ended=endedAt"),
        ApiVerb.Send("device do", "Let something be done; it is asked to call now. Reboot, ping and trace need an open call", HttpMethod.Post, Api + "devices/{DEVICE}/tasks",
            [Device, new("--kind", "what", Required: true, Allowed: ["adopt", "refresh", "reboot", "ping", "trace"]), new("--host", "of ping and trace")]),
        ApiVerb.Send("device call", "Open a helpdesk call: fresh values are asked for at once", HttpMethod.Post, Api + "devices/{DEVICE}/calls", [Device, new("--reason", "why", Required: true)]),
        ApiVerb.Send("device reveal", "The value of a secret, during a call; audited", HttpMethod.Post, Api + "devices/{DEVICE}/reveal", [Device, new("--path", "of the parameter", Required: true), new("--reason", "why", Required: true)]),
        ApiVerb.Send("device claim", "Give a router nobody has claimed to the site of a subscription (operators)", HttpMethod.Post, Api + "devices/{DEVICE}/claim", [Device, new("--subscription", "its id (s_…)", Required: true)]),
        ApiVerb.Send("device release", "Take a router off its site", HttpMethod.Post, Api + "devices/{DEVICE}/release", [Device], "the router is nobody's now; the site keeps its settings"),
        ApiVerb.Send("device credentials", "What a router shows us, and what it wants at a connection request", HttpMethod.Put, Api + "devices/{DEVICE}/credentials",
            [Device, new("--acs-username", "what it calls itself to us"), new("--acs-password", "what it shows us"), new("--connection-username", "what we call ourselves"), new("--connection-password", "what we show")], "the credentials are set"),
        ApiVerb.Send("device register", "Register a router that speaks ARMS (operators)", HttpMethod.Post, Api + "devices", [new("--distribution-id", "as on its label", Required: true), new("--key", "its LS-SA key", Required: true)]),
        ApiVerb.Show("device arms", "How far a router with ARMS is: the version it was given, the one it runs, its tunnel", Api + "devices/{DEVICE}/arms", Device),
        ApiVerb.Show("device heartbeat", "What a router with ARMS tells by its heartbeats: last heard, load, traffic, and its last hour by the minute", Api + "devices/{DEVICE}/heartbeat", Device),
        ApiVerb.List("device pulls", "What a router with ARMS asked and was answered, newest first", Api + "devices/{DEVICE}/pulls", [Device], "at", "kind", "code", "meaning", "number", "cause", "firmware", "address"),
        ApiVerb.Send("device pull", "Ask a router over its tunnel to pull its site's configuration now", HttpMethod.Post, Api + "devices/{DEVICE}/pulls", [Device]),
        ApiVerb.Show("site configuration", "What the box of a site is given when it pulls", Api + "sites/{SITE}/configuration", Site, new("--number", "of a version; the newest without it", Value: VerbValue.Whole, Least: 1)),
        ApiVerb.Send("site configure", "Make a new version of a site's configuration", HttpMethod.Put, Api + "sites/{SITE}/configuration",
            [Site, new("FILE", "JSON: modules with id, version, info and text or base64; lines", Required: true), new("--why", "for whoever reads the versions"), new("--based-on", "the number that was seen; another one meanwhile is refused", Value: VerbValue.Whole)],
            body: static context => Configuration(context)),
        ApiVerb.List("site versions", "The versions of a site's configuration, newest first", Api + "sites/{SITE}/versions", [Site], "number", "at", "by=madeBy", "modules=moduleCount", "octets", "why"),
        ApiVerb.Send("site rollback", "Make a new version that is equal to an earlier one", HttpMethod.Post, Api + "sites/{SITE}/rollback", [Site, new("--number", "of the version", Required: true, Value: VerbValue.Whole, Least: 1)]),
        new("arms authority", "The certificate that routers with ARMS are told to trust (operators), as PEM", [], AuthorityAsync),
        ApiVerb.Send("import genieacs", "Take over the devices of GenieACS: ids, tags, connection-request credentials", HttpMethod.Post, Api + "import/genieacs",
            [new("FILE", "the JSON of GET /devices of its NBI", Required: true)], body: static context => new JsonObject { ["devices"] = ReadArray(context) }),
    ];

    private static async Task<int> AuthorityAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var authority = await context.GetAsync(Api + "arms/authority", cancellationToken);
        await context.Out.WriteAsync(context.Json ? authority.ToJsonString() + "\n" : (string)authority["certificate"]!);
        return 0;
    }

    private static JsonObject Configuration(VerbContext context)
    {
        try
        {
            var body = JsonNode.Parse(File.ReadAllText(context.Home.File(context["FILE"]!))) as JsonObject ?? throw new WrongInputException("FILE: it is no JSON object with modules");
            if (context["--why"] is { } why)
            {
                body["why"] = why;
            }

            if (context["--based-on"] is { } number)
            {
                body["basedOn"] = long.Parse(number, System.Globalization.CultureInfo.InvariantCulture);
            }

            return body;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Text.Json.JsonException)
        {
            throw new WrongInputException($"the file {context["FILE"]} cannot be read: {e.Message}");
        }
    }

    private static JsonArray ReadArray(VerbContext context)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(context.Home.File(context["FILE"]!))) as JsonArray ?? throw new WrongInputException("FILE: it is no JSON array of devices");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Text.Json.JsonException)
        {
            throw new WrongInputException($"the file {context["FILE"]} cannot be read: {e.Message}");
        }
    }
}
