using Tsunagi.Core.Verbs;

namespace Tsunagi.Core;

/// <summary>Core's verbs of the command line, noun by noun.</summary>
public static class CoreVerbs
{
    public static readonly IReadOnlyList<Verb> All =
    [
        .. Apply.ApplyVerbs.All,
        .. Tenants.TenantVerbs.All,
        .. Proof.ProofVerbs.All,
        .. Catalogue.PlanVerbs.All,
        .. Subscriptions.SubscriptionVerbs.All,
        .. Identity.IdentityVerbs.All,
        ApiVerb.List("audit list", "Who did what, newest first", "/api/v1/audit",
            [
                new("--actor", "only what this user or token did"), new("--subject", "only what was done to this thing"),
                new("--act", "only this act (tenant.changed), or a beginning that ends with a dot (tenant.)"), new("--from", "not before this time"), new("--to", "before this time"),
            ],
            "when=at", "who=actorName", "act", "subject", "reason"),
        ApiVerb.Show("audit show", "One entry with what was before and after", "/api/v1/audit/{ENTRY}", new VerbParameter("ENTRY", "its id (a_…)", Required: true)),
        new("audit verify", "Recompute the whole chain", [], VerifyAuditAsync),
        .. Events.EventVerbs.All,
        .. Nodes.NodeVerbs.All,
        .. Outbound.Webhooks.WebhookVerbs.All,
        new("meter verify", "Derive a month's meters again from raw records and compare with what bills read",
            [new("--period", "YYYY-MM", Required: true), new("--time-zone", "IANA name; UTC without it")], VerifyMetersAsync),
        new("search", "Find anything by any identifier", [new("TEXT", "an address, Message-ID, IP, prefix, domain, name, number or id", Required: true)], SearchAsync),
        ApiVerb.Show("whoami", "Who you are to the program, and what you may do", "/api/v1/session"),
    ];

    private static async Task<int> VerifyAuditAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var result = await context.SendAsync(HttpMethod.Post, "/api/v1/audit/verify", null, cancellationToken);
        ApiVerb.PrintThing(context, result);
        return result["brokenPosition"] is null ? 0 : 1;
    }

    private static async Task<int> SearchAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var found = await context.GetAsync(ApiCalls.WithQuery("/api/v1/search", [("q", context["TEXT"])]), cancellationToken);
        ApiVerb.PrintRows(context, found["items"] as System.Text.Json.Nodes.JsonArray ?? [], "kind", "id", "title", "detail", "page=href");
        return 0;
    }

    private static async Task<int> VerifyMetersAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var path = ApiCalls.WithQuery("/api/v1/meters/verification", [("period", context["--period"]), ("timeZone", context["--time-zone"])]);
        var items = (await context.GetAsync(path, cancellationToken))["items"] as System.Text.Json.Nodes.JsonArray ?? [];
        ApiVerb.PrintRows(context, items, "subscription=subscriptionId", "meter", "billed", "derived", "equal");
        var wrong = items.Count(static item => string.Equals(item.Text("equal"), "false", StringComparison.OrdinalIgnoreCase));
        context.Say(wrong == 0 ? $"{items.Count} meters, all equal" : $"{wrong} of {items.Count} meters differ", wrong == 0 ? VerbTone.Plain : VerbTone.Warning);
        return wrong == 0 ? 0 : 1;
    }
}
