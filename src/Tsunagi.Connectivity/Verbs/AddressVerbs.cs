using System.Globalization;
using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;

namespace Tsunagi.Connectivity.Verbs;

/// <summary>tsunagi ipam … and tsunagi whohad …</summary>
internal static class AddressVerbs
{
    private const string Api = "/api/v1/connectivity/";

    private static readonly VerbParameter Prefix = new("PREFIX", "its id (ap_…)", Required: true);
    private static readonly VerbParameter Pool = new("POOL", "its id (po_…)", Required: true);
    private static readonly VerbParameter Slot = new("SLOT", "the number of the part, as the list says", Required: true);
    private static readonly string[] States = ["container", "active", "reserved", "deprecated"];

    public static readonly IReadOnlyList<Verb> All =
    [
        ApiVerb.List("ipam vrf list", "VRFs beside the global table", Api + "vrfs", [], "id", "name", "rd", "note"),
        ApiVerb.Send("ipam vrf add", "Add a VRF", HttpMethod.Post, Api + "vrfs", [new("--name", "its name", Required: true), new("--rd", "route distinguisher"), new("--note", "in your own words")]),
        ApiVerb.List("ipam prefix list", "Prefixes of the plan by address", Api + "prefixes", [
            new("--text", "a prefix or address (what holds it), a role, a registry"), new("--vrf", "a VRF's id, or global"), new("--state", "only these", Allowed: States), new("--tenant", "only this tenant's (t_…)"),
        ], "id", "prefix=cidr", "state", "rir", "role", "tenant=tenantId", "note"),
        ApiVerb.Show("ipam prefix show", "One prefix", Api + "prefixes/{PREFIX}", Prefix),
        ApiVerb.Send("ipam prefix add", "Add a prefix or an aggregate of a registry", HttpMethod.Post, Api + "prefixes", [
            new("--cidr", "the prefix", Required: true), new("--vrf-id", "a VRF's id; the global table without it"), new("--state", "active without it", Allowed: States), new("--rir", "who gave it: it is then an aggregate"),
            new("--role", "what it is for"), new("--tenant-id", "whose it is (t_…)"), new("--note", "in your own words"),
        ]),
        ApiVerb.Send("ipam prefix next", "Take the lowest free prefix of a length inside one", HttpMethod.Post, Api + "prefixes/{PREFIX}/next", [
            Prefix, new("--length", "the length that is wanted", Required: true, Value: VerbValue.Whole, Least: 1, Most: 128), new("--role", "what it is for"), new("--tenant-id", "whose it is (t_…)"), new("--note", "in your own words"),
        ]),
        ApiVerb.Send("ipam prefix change", "Change a prefix; what is not given stays", HttpMethod.Patch, Api + "prefixes/{PREFIX}", [
            Prefix, new("--state", "its state", Allowed: States), new("--rir", "who gave it"), new("--role", "what it is for"), new("--tenant-id", "whose it is (t_…)"), new("--note", "in your own words"),
        ]),
        ApiVerb.Send("ipam prefix remove", "Take a prefix out of the plan", HttpMethod.Delete, Api + "prefixes/{PREFIX}", [Prefix], "the prefix is taken out of the plan"),
        new("ipam reverse-zone", "Print the reverse zone's records for what is assigned inside a prefix", [Prefix, new("--suffix", "domain of the names (ip.isp.example)", Required: true)], ReverseZoneAsync),
        ApiVerb.List("ipam pool list", "Pools with their use", Api + "pools", [], "id", "name", "from=cidr", "part=partLength", "purpose", "parts", "used"),
        ApiVerb.Show("ipam pool show", "One pool", Api + "pools/{POOL}", Pool),
        ApiVerb.Send("ipam pool add", "Add a pool inside an active prefix", HttpMethod.Post, Api + "pools", [
            new("--name", "its name, as plans call it", Required: true), new("--cidr", "the block it gives from", Required: true),
            new("--part-length", "length of what it gives (32, 128, 64, 56 …)", Required: true, Value: VerbValue.Whole, Least: 1, Most: 128),
            new("--purpose", "to whom", Allowed: ["lines", "sessions"]), new("--policy", "which is next", Allowed: ["dense", "sparse"]), new("--reserved", "an address or block that is never given; may be given several times", Many: true),
            new("--rest-seconds", "for how long what was given back rests", Value: VerbValue.Whole, Least: 0, Most: 31_536_000), new("--warn-percent", "from where on it is told as running low", Value: VerbValue.Whole, Least: 1, Most: 100),
            new("--vrf-id", "a VRF's id; the global table without it"), new("--note", "in your own words"),
        ]),
        ApiVerb.Send("ipam pool remove", "Remove a pool that gives nothing any more", HttpMethod.Delete, Api + "pools/{POOL}", [Pool], "the pool is removed"),
        ApiVerb.List("ipam list", "What is assigned of a pool, by address", Api + "pools/{POOL}/assignments", [Pool, new("--text", "an address, line or tenant")], "slot", "address=cidr", "state", "line=lineId", "tenant=tenantId", "device", "since=sinceAt", "free=freeAt"),
        ApiVerb.Send("ipam assign", "Assign the next part of a pool, or a certain one", HttpMethod.Post, Api + "pools/{POOL}/assignments", [
            Pool, new("--line-id", "the line that gets it (ln_…)"), new("--tenant-id", "the tenant that gets it (t_…)"), new("--device", "a device and its port, in your own words"), new("--cidr", "this one and no other"),
        ]),
        ApiVerb.Send("ipam release", "Take a part back: it rests before it is given again", HttpMethod.Delete, Api + "pools/{POOL}/assignments/{SLOT}", [Pool, Slot], "it is given back"),
        ApiVerb.Send("ipam grow", "Let an assigned prefix grow where it is", HttpMethod.Post, Api + "pools/{POOL}/assignments/{SLOT}/growth", [Pool, Slot, new("--length", "the length it shall have", Required: true, Value: VerbValue.Whole, Least: 1, Most: 128)]),
        new("whohad", "Who held an address at a moment; the question is kept with its purpose", [
            new("ADDRESS", "an address, also one inside a delegated prefix", Required: true), new("--at", "when (2026-11-25T12:03:07+09:00)", Required: true), new("--purpose", "why: the number of the order or case", Required: true),
            new("--port", "the source port, where several share the address", Value: VerbValue.Whole, Least: 0, Most: 65_535),
            new("--tolerance", "seconds that the asker's clock may be off (5)", Value: VerbValue.Whole, Least: 0, Most: 3_600),
        ], WhoHadAsync),
    ];

    private static async Task<int> ReverseZoneAsync(VerbContext context, CancellationToken cancellationToken)
    {
        using var response = await context.Api.GetAsync(ApiCalls.WithQuery($"{Api}prefixes/{context.Segment("PREFIX")}/reverse-zone", [("suffix", context["--suffix"])]), cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        if (context.Json)
        {
            context.Print([], [], new JsonObject { ["zone"] = text });
        }
        else
        {
            await context.Out.WriteAsync(text);
        }

        return 0;
    }

    private static async Task<int> WhoHadAsync(VerbContext context, CancellationToken cancellationToken)
    {
        if (!DateTimeOffset.TryParse(context["--at"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
        {
            throw new WrongInputException($"--at: \"{context["--at"]}\" is no time (2026-11-25T12:03:07+09:00)");
        }

        var body = new JsonObject { ["address"] = context["ADDRESS"], ["at"] = at.ToString("O", CultureInfo.InvariantCulture), ["purpose"] = context["--purpose"] };
        foreach (var (option, member) in ((string, string)[])[("--port", "port"), ("--tolerance", "toleranceSeconds")])
        {
            if (context[option] is { } number)
            {
                body[member] = int.Parse(number, CultureInfo.InvariantCulture);
            }
        }

        var answer = await context.SendAsync(HttpMethod.Post, Api + "holders", body, cancellationToken);
        var holders = answer["holders"] as JsonArray ?? [];
        context.Print(
            ["held", "line", "user", "tenant", "session", "from", "to", "by clock of"],
            holders.Select(static holder => (IReadOnlyList<string>)[
                holder.Text("prefix"), holder.Text("lineId"), holder.Text("userName"), holder.Text("tenantName"), holder.Text("session"), holder.Text("fromAt"), holder.Text("toAt"), holder.Text("node")]),
            answer);
        context.Say(holders.Count switch { 0 => "nobody is known to have held it then", 1 => "one holder", _ => $"{holders.Count} may have held it in the asked time" }, holders.Count == 1 ? VerbTone.Plain : VerbTone.Warning);
        if (string.Equals(answer.Text("needsPort"), "true", StringComparison.OrdinalIgnoreCase))
        {
            context.Say("addresses of this table are shared by ports: ask again with --port", VerbTone.Warning);
        }

        return holders.Count == 0 ? 1 : 0;
    }
}
