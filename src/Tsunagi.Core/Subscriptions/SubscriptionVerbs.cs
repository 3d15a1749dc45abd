using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;

namespace Tsunagi.Core.Subscriptions;

/// <summary>tsunagi subscription | hold | usage | invoice.</summary>
internal static class SubscriptionVerbs
{
    private const string Subscriptions = "/api/v1/subscriptions";
    private static readonly VerbParameter Subscription = new("SUBSCRIPTION", "its id (s_…)", Required: true);
    private static readonly VerbParameter SettingsFile = new("--settings", "a YAML or JSON file with the settings; - reads standard input");
    private static readonly VerbParameter Set = new("--set", "one setting: member=value, [a, b] for a list", Many: true, Value: VerbValue.Pair);
    private static readonly VerbParameter Quantity = new("--quantity", "how many of it", Value: VerbValue.Whole);
    private static readonly VerbParameter IfVersion = new("--if-version", "only if it is at this version", Value: VerbValue.Whole);

    private static readonly VerbParameter[] Taken =
        [new("--tenant-id", "who takes it (t_…)", Required: true), new("--plan", "the plan's id or code", Required: true), new("--name", "its name", Required: true), Quantity];

    private static readonly VerbParameter[] Changed =
        [new("--name", "its name"), Quantity, new("--to-newest-prices", "move it to the plan's newest version", IsFlag: true), new("--from", "since when, for a correction: YYYY-MM-DDThh:mm:ssZ")];

    private static readonly VerbParameter[] Recorded =
    [
        new("--subscription-id", "whose usage (s_…)", Required: true), new("--meter", "which meter", Required: true), new("--at", "when: YYYY-MM-DDThh:mm:ssZ", Required: true),
        new("--quantity", "how much; below zero in a correction", Required: true, Value: VerbValue.Whole),
        new("--foreign-key", "the key under which it counts once", Required: true), new("--source", "the system that says so; a correction without it"),
        new("--reason", "why, for a correction"),
    ];

    public static readonly IReadOnlyList<Verb> All =
    [
        ApiVerb.List("subscription list", "The subscriptions you may see", Subscriptions, [new("--tenant", "only this tenant's (t_…)"), new("--specification", "only of this specification")],
            "id", "tenant=tenantName", "plan=planCode", "name", "quantity", "holds=openHolds", "ended=endedAt"),
        ApiVerb.Show("subscription show", "One subscription with the terms that hold now", Subscriptions + "/{SUBSCRIPTION}", Subscription),
        ApiVerb.Send("subscription take", "Take a service", HttpMethod.Post, Subscriptions, [.. Taken, SettingsFile, Set], body: static context => WithSettings(context, Taken, new JsonObject())),
        ApiVerb.Send("subscription change", "Change its name, quantity, settings or price version", HttpMethod.Patch, Subscriptions + "/{SUBSCRIPTION}",
            [Subscription, .. Changed, SettingsFile, Set, IfVersion], body: static context => WithSettings(context, Changed, null)),
        ApiVerb.Send("subscription end", "End it now; its record and usage stay", HttpMethod.Delete, Subscriptions + "/{SUBSCRIPTION}", [Subscription, IfVersion], "the subscription has ended"),
        ApiVerb.List("subscription versions", "What held when, and since when it is known", Subscriptions + "/{SUBSCRIPTION}/versions", [Subscription],
            "number", "validFrom", "validTo", "knownFrom", "knownTo", "quantity", "settings"),
        ApiVerb.List("subscription running", "Wanted and running, node by node, and why not yet", Subscriptions + "/{SUBSCRIPTION}/running", [Subscription],
            "node", "revision", "why not yet=whyNotYet", "since=updatedAt"),
        ApiVerb.List("hold list", "A subscription's holds, lifted ones too", Subscriptions + "/{SUBSCRIPTION}/holds", [Subscription],
            "id", "kind", "owner", "reason", "placed=placedAt", "lifted=liftedAt"),
        ApiVerb.Send("hold place", "Place a hold", HttpMethod.Post, Subscriptions + "/{SUBSCRIPTION}/holds",
            [Subscription, new("--kind", "why it does not run fully", Required: true, Allowed: HoldKind.All), new("--reason", "one sentence", Required: true)]),
        ApiVerb.Send("hold lift", "Lift one hold and no other", HttpMethod.Delete, Subscriptions + "/{SUBSCRIPTION}/holds/{HOLD}",
            [Subscription, new("HOLD", "its id (h_…)", Required: true)], "the hold is lifted"),
        ApiVerb.List("usage list", "Foreign usage and corrections", Subscriptions + "/{SUBSCRIPTION}/usage", [Subscription],
            "id", "meter", "at", "quantity", "source", "key=foreignKey", "reason"),
        ApiVerb.Send("usage record", "Record foreign usage or a correction; the same key and content counts once", HttpMethod.Post, "/api/v1/usage", Recorded),
        new("invoice preview", "What the bill of a month would be if it were written now",
            [new("TENANT", "its id (t_…)", Required: true), new("--period", "YYYY-MM; the running month without it")], PreviewAsync),
    ];

    private static JsonObject WithSettings(VerbContext context, VerbParameter[] parameters, JsonObject? none)
    {
        var body = ApiVerb.Body(context, parameters);
        if ((ValueFiles.Settings(context, "--settings", "--set") ?? none) is { } settings)
        {
            body["settings"] = settings.DeepClone();
        }

        return body;
    }

    private static async Task<int> PreviewAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var path = $"/api/v1/tenants/{Uri.EscapeDataString(context["TENANT"]!)}/invoice-preview";
        var preview = await context.GetAsync(ApiCalls.WithQuery(path, [("period", context["--period"])]), cancellationToken);
        if (context.Json)
        {
            context.Print([], [], preview);
            return 0;
        }

        context.Say($"{preview.Text("tenantName")}  {preview.Text("period")}  ({preview.Text("timeZone")})", VerbTone.Title);
        foreach (var subscription in preview["subscriptions"] as JsonArray ?? [])
        {
            context.Say($"{subscription.Text("name")}  {subscription.Text("planCode")}  {subscription.Text("subscriptionId")}");
            ApiVerb.PrintRows(context, (subscription as JsonObject)?["lines"] as JsonArray ?? [], "line=label", "quantity", "how=explanation", $"{preview.Text("currency")}=amountMinor");
        }

        context.Say($"total {preview.Text("total")} {preview.Text("currency")}", VerbTone.Title);
        return 0;
    }
}
