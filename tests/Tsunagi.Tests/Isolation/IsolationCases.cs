using System.Text.Json.Nodes;

namespace Tsunagi.Tests.Isolation;

/// <summary>A writing request with the owner's things in it: in its path, or in its body.</summary>
/// <param name="Body">An object (JSON), a dictionary (a form of the console), a text (CSV), or null.</param>
internal sealed record WriteCase(string Method, string Pattern, object? Body = null)
{
    /// <summary>Only the provider's people may, once they see it: theirs is the success. Others still do not learn that there is anything.</summary>
    public bool ByOperator { get; init; }

    /// <summary>Answers everybody, and must show nothing of the owner's.</summary>
    public bool Shows { get; init; }

    /// <summary>The things of the path, where it is not the first of its kind: a form and the API cannot both remove the same one.</summary>
    public IReadOnlyDictionary<string, string> Instead { get; init; } = new Dictionary<string, string>();

    /// <summary>What the owner gets beside a success, where the thing has nothing to do.</summary>
    public int OwnerMayGet { get; init; } = 200;

    /// <summary>The route.</summary>
    public string Key => $"{Method} {Pattern.Split('?')[0]}";
}

/// <summary>
/// What the isolation test asks of each route. A route with things in its path needs nothing here to be read; a writing one needs its request. One that is
/// in none of these lists turns the test red.
/// </summary>
internal static class IsolationCases
{
    /// <summary>The file the owner applies, and one of the same name that others would.</summary>
    public static readonly JsonObject Document = Manifest("desk", "Owner's desk");

    private static readonly JsonObject OthersDocument = Manifest("bench", "A bench");

    /// <summary>A bank's file with one booking that is recorded as the owner's payment.</summary>
    public static readonly object BankFile = new { content = "MjAyNi8xMS8wMSwzMzAsYmFuawo=", csv = new { account = "1", hasHead = false, date = "1", amount = "2", payer = "3" } };

    /// <summary>What only the provider's operators may read, and of that what lies in a part of the tree: one who looks at another part finds nothing there.</summary>
    public static readonly IReadOnlyList<string> OfOperators = ["/api/v1/backoffice/runs", "/api/v1/backoffice/runs/{run}"];

    /// <summary>Routes that carry nobody's thing, and why.</summary>
    public static readonly IReadOnlyDictionary<string, string> OfNobody = new Dictionary<string, string>
    {
        ["GET /api/v1/plans/{plan}"] = "the catalogue is everyone's",
        ["PUT /api/v1/plans/{plan}"] = "the catalogue is the provider's to change",
        ["GET /assets/{hash}/{name}"] = "files of the program",
        ["GET /link/{Token}"] = "a one-time secret is its own key",
        ["GET /quarantine/{link}"] = "a signed link is its own key, of one recipient",
        ["GET /quarantine/{link}/{held}"] = "a signed link is its own key, of one recipient",
        ["POST /quarantine/{link}/language"] = "a signed link is its own key, of one recipient",
        ["POST /quarantine/{link}/{held}/release"] = "a signed link is its own key, of one recipient",
        ["POST /quarantine/{link}/{held}/request"] = "a signed link is its own key, of one recipient",
        ["POST /quarantine/{link}/{held}/delete"] = "a signed link is its own key, of one recipient",
        ["POST /quarantine/{link}/{held}/block"] = "a signed link is its own key, of one recipient",
        ["GET /why/mail/{code}"] = "what a code means, for senders who were refused: of no message and nobody",
        ["GET /_framework/opaque-redirect"] = "the framework's, closed to everyone",
        ["GET /console/_parts"] = "a gallery with samples, in Development only",
        ["GET /api/v1/search"] = "nothing without a text; with one it is among the lists",
        ["GET /console/live"] = "a stream; it has a test of its own",
        ["POST /api/v1/session"] = "before sign-in",
        ["POST /api/v1/session/code"] = "before sign-in",
        ["POST /api/v1/session/password-link"] = "before sign-in",
        ["POST /sign-in"] = "before sign-in",
        ["POST /sign-in/code"] = "before sign-in",
        ["POST /link"] = "before sign-in",
        ["POST /console/preferences"] = "a cookie of the browser's own",
        ["POST /console/sign-out"] = "the caller's own session, named by its cookie",
        ["DELETE /api/v1/session"] = "the caller's own session, named by its cookie",
        ["PATCH /api/v1/session"] = "the caller's own record",
        ["PUT /api/v1/session/password"] = "the caller's own password",
        ["POST /api/v1/session/totp"] = "the caller's own codes",
        ["PUT /api/v1/session/totp"] = "the caller's own codes",
        ["DELETE /api/v1/session/totp"] = "the caller's own codes",
        ["POST /console/settings/profile"] = "the caller's own record",
        ["POST /console/settings/password"] = "the caller's own password",
        ["POST /console/settings/authenticator"] = "the caller's own codes",
        ["POST /console/settings/authenticator/confirm"] = "the caller's own codes",
        ["POST /console/settings/authenticator/remove"] = "the caller's own codes",
        ["POST /api/v1/tokens"] = "a token is made for the caller alone",
        ["POST /console/tokens"] = "a token is made for the caller alone",
        ["POST /console/roles"] = "a role is made in the caller's own tenant",
        ["POST /console/mail/senders"] = "a rule is made in the caller's own tenant",
        ["POST /api/v1/audit/verify"] = "the provider's operators only, over the chain as a whole",
        ["GET /api/v1/nodes"] = "the provider's operators only; nodes are of no tenant",
        ["GET /console/nodes"] = "the provider's operators only; nodes are of no tenant",
        ["GET /api/v1/ddos/exporters"] = "the provider's operators only; exporters are of no tenant",
        ["GET /console/ddos/exporters"] = "the provider's operators only; exporters are of no tenant",
        ["POST /api/v1/connectivity/sessions/{lineSession}/disconnect"] = "the provider's operators only; asks an access server",
        ["POST /api/v1/connectivity/sessions/{lineSession}/coa"] = "the provider's operators only; asks an access server",
        ["GET /api/v1/connectivity/nas"] = "the provider's operators only; access servers are of no tenant",
        ["GET /api/v1/connectivity/nas/{nas}"] = "the provider's operators only; access servers are of no tenant",
        ["POST /api/v1/connectivity/nas"] = "the provider's operators only; access servers are of no tenant",
        ["PATCH /api/v1/connectivity/nas/{nas}"] = "the provider's operators only; access servers are of no tenant",
        ["DELETE /api/v1/connectivity/nas/{nas}"] = "the provider's operators only; access servers are of no tenant",
        ["GET /console/connectivity/nas"] = "the provider's operators only; access servers are of no tenant",
        ["GET /console/connectivity/nas/{Id}"] = "the provider's operators only; access servers are of no tenant",
        ["POST /console/connectivity/nas"] = "the provider's operators only; access servers are of no tenant",
        ["POST /console/connectivity/nas/{id}"] = "the provider's operators only; access servers are of no tenant",
        ["POST /console/connectivity/nas/{id}/remove"] = "the provider's operators only; access servers are of no tenant",
        ["GET /api/v1/connectivity/vrfs"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /api/v1/connectivity/vrfs"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /api/v1/connectivity/prefixes"] = "the provider's operators only; the plan of addresses is the provider's",
        ["GET /api/v1/connectivity/prefixes/{ipamPrefix}/reverse-zone"] = "the provider's operators only; the plan of addresses is the provider's",
        ["GET /api/v1/connectivity/pools"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /api/v1/connectivity/pools"] = "the provider's operators only; the plan of addresses is the provider's",
        ["GET /api/v1/connectivity/pools/{pool}"] = "the provider's operators only; the plan of addresses is the provider's",
        ["PATCH /api/v1/connectivity/pools/{pool}"] = "the provider's operators only; the plan of addresses is the provider's",
        ["DELETE /api/v1/connectivity/pools/{pool}"] = "the provider's operators only; the plan of addresses is the provider's",
        ["GET /api/v1/connectivity/pools/{pool}/assignments"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /api/v1/connectivity/pools/{pool}/assignments"] = "the provider's operators only; the plan of addresses is the provider's",
        ["DELETE /api/v1/connectivity/pools/{pool}/assignments/{slot}"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /api/v1/connectivity/pools/{pool}/assignments/{slot}/growth"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /api/v1/connectivity/holders"] = "the provider's operators only; the plan of addresses is the provider's",
        ["GET /console/connectivity/pools/{Pool}"] = "the provider's operators only; the plan of addresses is the provider's",
        ["GET /console/connectivity/holders"] = "the provider's operators only; the plan of addresses is the provider's",
        ["GET /console/connectivity/holders/{Question}"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /console/connectivity/ipam"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /console/connectivity/pools"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /console/connectivity/pools/{pool}/assign"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /console/connectivity/pools/{pool}/release"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /console/connectivity/pools/{pool}/remove"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /console/connectivity/holders"] = "the provider's operators only; the plan of addresses is the provider's",
        ["PATCH /api/v1/connectivity/prefixes/{ipamPrefix}"] = "the provider's operators only; the plan of addresses is the provider's",
        ["DELETE /api/v1/connectivity/prefixes/{ipamPrefix}"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /api/v1/connectivity/prefixes/{ipamPrefix}/next"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /console/connectivity/ipam/{ipamPrefix}"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /console/connectivity/ipam/{ipamPrefix}/next"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /console/connectivity/ipam/{ipamPrefix}/remove"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /api/v1/connectivity/import/freeradius"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /api/v1/connectivity/import/kea"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /api/v1/connectivity/import/plan"] = "the provider's operators only; the plan of addresses is the provider's",
        ["POST /api/v1/routers/devices"] = "the provider's operators only; what is registered is of no tenant yet",
        ["POST /console/routers/devices"] = "the provider's operators only; what is registered is of no tenant yet",
        ["GET /api/v1/routers/arms/authority"] = "the provider's operators only; the certificate is the provider's",
        ["POST /api/v1/routers/import/genieacs"] = "the provider's operators only; what is imported is of no tenant yet",
        ["GET /api/v1/routing/sessions"] = "the provider's operators only; sessions are of no tenant",
        ["GET /console/ddos/sessions"] = "the provider's operators only; sessions are of no tenant",
        ["POST /api/v1/backoffice/shadow"] = "the provider's operators only; it is over all accounts",
        ["GET /api/v1/backoffice/runs"] = "the provider's operators only; runs are over all accounts",
        ["POST /api/v1/backoffice/runs"] = "the provider's operators only; runs are over all accounts",
        ["GET /api/v1/backoffice/runs/{run}"] = "the provider's operators only; runs are over all accounts",
        ["GET /api/v1/backoffice/runs/{run}/bills"] = "the provider's operators only; runs are over all accounts",
        ["POST /api/v1/backoffice/runs/{run}/release"] = "the provider's operators only; runs are over all accounts",
        ["POST /api/v1/backoffice/runs/{run}/discard"] = "the provider's operators only; runs are over all accounts",
        ["GET /console/backoffice"] = "the provider's operators only; runs are over all accounts",
        ["GET /console/backoffice/runs/{Id}"] = "the provider's operators only; runs are over all accounts",
        ["GET /console/backoffice/runs/{Run}/bills/{Account}"] = "the provider's operators only; runs are over all accounts",
        ["POST /console/backoffice/runs"] = "the provider's operators only; runs are over all accounts",
        ["POST /console/backoffice/runs/{run}/release"] = "the provider's operators only; runs are over all accounts",
        ["POST /console/backoffice/runs/{run}/discard"] = "the provider's operators only; runs are over all accounts",
        ["GET /api/v1/backoffice/ledger/balances"] = "the provider's operators only; the books are the provider's",
        ["GET /api/v1/backoffice/ledger/journal"] = "the provider's operators only; the books are the provider's",
        ["GET /api/v1/meters/verification"] = "the provider's operators only, over all meters",
    };

    /// <summary>Tables for the provider's operators only: of no tenant.</summary>
    public static readonly IReadOnlyList<string> TablesOfNobody = ["node", "nas", "pool", "assignment", "question"];

    /// <summary>Pages that show a thing named in the query: as those with one in the path.</summary>
    public static readonly IReadOnlyList<string> ThingsInQuery = ["/console/subscriptions/new?tenant={tenant}", "/console/tenants/new?below={tenant}", "/console/mail/policies/edit?tenant={tenant}", "/console/mail/recipients?list={subscription}", "/console/routers/sites/{shop}"];

    /// <summary>Lists in the orders and filters that have a query of their own.</summary>
    public static IEnumerable<string> Lists(IsolationWorld world)
    {
        foreach (var text in world.Things.Values.Append("owner.example").Append("owner").Append("192.0.2.1").Append("b@owner.example").Append("one@sender.example").Append("c@owner.example").Distinct())
        {
            var query = "?q=" + Uri.EscapeDataString(text);
            yield return "/api/v1/search" + query;
            yield return "/console/search" + query;
            yield return "/console/search/suggest" + query;
        }

        yield return "/api/v1/mail/messages?text=" + Uri.EscapeDataString("b@owner.example");
        yield return "/api/v1/mail/messages?state=deferred";
        yield return "/api/v1/backoffice/customer-bills?text=Owner";
        yield return "/api/v1/backoffice/customer-bills?state=open";
        yield return "/api/v1/backoffice/customer-bills?text=" + world.Things["number"];
        yield return "/api/v1/backoffice/payments?text=Owner";
        yield return "/api/v1/backoffice/accounts?text=Owner";
        yield return "/api/v1/ddos/incidents?state=open";
        yield return "/api/v1/ddos/incidents?text=198.18.7.1";
        yield return "/api/v1/ddos/mitigations?state=active";
        yield return "/api/v1/ddos/mitigations?text=198.18.7";
        yield return "/api/v1/connectivity/sessions?state=open";
        yield return "/api/v1/connectivity/sessions?text=198.18.8.77";
        yield return "/api/v1/connectivity/lines?text=" + Uri.EscapeDataString("line@owner.example");
        yield return "/api/v1/connectivity/prefixes?text=198.18.9.1";
        yield return "/api/v1/connectivity/lines?sort=userName";
        yield return "/api/v1/connectivity/lines?sort=-userName";
        yield return "/console/tables/line.csv?sort=user";
        yield return "/console/tables/line.csv?sort=-user";
        yield return "/api/v1/routers/devices?text=OWNERBOX1";
        yield return "/api/v1/routers/devices?state=observed";
        yield return "/api/v1/routers/devices?site=" + world.Things["site"];
        yield return "/api/v1/mail/quarantine?text=bill";
        yield return "/api/v1/mail/quarantine?state=held";
        yield return "/api/v1/mail/quarantine?recipient=" + Uri.EscapeDataString("b@owner.example");
        yield return "/api/v1/mail/senders?text=" + Uri.EscapeDataString("x@sender.example");
        yield return "/api/v1/events?subject=" + world.Things["subscription"];
        foreach (var (table, sort) in new[] { ("tenant", "name"), ("tenant", "-name"), ("subscription", "name"), ("subscription", "-name"), ("event", "time"), ("event", "-time") })
        {
            yield return $"/console/tables/{table}.csv?sort={sort}";
        }
    }

    /// <summary>Every writing request, in the order in which the owner can make them all.</summary>
    public static IReadOnlyList<WriteCase> Writes(IsolationWorld world) => [.. Changes(world), .. Forms(world), .. Removals()];

    private static WriteCase[] Changes(IsolationWorld world)
    {
        var things = world.Things;
        var tenant = things["tenant"];
        var subscription = things["subscription"];
        var settings = new { domains = new[] { "owner.example" }, nextHop = IsolationWorld.NextHop };
        var usage = new { subscriptionId = subscription, meter = "mail.messages", at = TimeProvider.System.GetUtcNow(), quantity = 5, foreignKey = "k2", reason = "a test" };
        return
        [
            new("PATCH", "/api/v1/tenants/{tenant}", new { name = "Owner's" }),
            new("POST", "/api/v1/tenants", new { parentId = tenant, kind = "department", name = "Owner's second desk" }),
            new("POST", "/api/v1/tenants/{tenant}/contacts", new { role = "billing", name = "Owner's second", email = "d@owner.example" }),
            new("PUT", "/api/v1/contacts/{contact}", new { role = "technical", name = "Owner's contact", email = "e@owner.example" }),
            new("POST", "/api/v1/domains", new { tenantId = tenant, name = "more.owner.example" }),
            new("POST", "/api/v1/domains/{domain}/prove"),
            new("POST", "/api/v1/domains/{domain}/approve", new { reason = "a test" }) { ByOperator = true },
            new("POST", "/api/v1/prefixes", new { tenantId = tenant, cidr = "198.51.100.0/24" }),
            new("POST", "/api/v1/prefixes/{prefix}/approve", new { reason = "a test" }) { ByOperator = true },
            new("POST", "/api/v1/sites", new { tenantId = tenant, name = "Owner's second site" }),
            new("PUT", "/api/v1/sites/{site}", new { name = "Owner's site" }),
            new("POST", "/api/v1/subscriptions", new { tenantId = tenant, plan = "mail", name = "Owner's third", settings }),
            new("PATCH", "/api/v1/subscriptions/{subscription}", new { name = "Owner's mail" }),
            new("POST", "/api/v1/subscriptions/{subscription}/holds", new { kind = "customer", reason = "a test" }),
            new("POST", "/api/v1/usage", usage),
            new("POST", "/api/v1/mail/messages/{message}/retry") { OwnerMayGet = 409 },
            new("POST", "/api/v1/mail/messages/{message}/content", new { reason = "a test" }) { ByOperator = true },
            new("POST", "/api/v1/mail/messages/{message}/probe") { OwnerMayGet = 409 },
            new("POST", "/api/v1/mail/next-hops/{nextHop}/retry"),
            new("POST", "/api/v1/mail/next-hops/{nextHop}/hold", new { reason = "a test" }) { ByOperator = true },
            new("POST", "/api/v1/mail/next-hops/{nextHop}/release") { ByOperator = true },
            new("PUT", "/api/v1/mail/recipient-lists/{subscription}", "b@owner.example\nc@owner.example\n"),
            new("POST", "/api/v1/ddos/mitigations", new { blackhole = "198.18.7.2/32", reason = "a test", incident = things["incident"] }),
            new("POST", "/api/v1/ddos/mitigations/{mitigation}/lift"),
            new("POST", "/api/v1/connectivity/lines", new { subscriptionId = things["access"], userName = "second@owner.example" }) { ByOperator = true },
            new("PATCH", "/api/v1/connectivity/lines/{line}", new { port = "Owner's port" }) { ByOperator = true },
            new("PUT", "/api/v1/connectivity/lines/{line}/password", new { }),
            new("POST", "/api/v1/backoffice/accounts", new { tenantId = tenant }) { OwnerMayGet = 409 },
            new("PATCH", "/api/v1/backoffice/accounts/{account}", new { attention = "Owner's desk" }),
            new("POST", "/api/v1/backoffice/accounts/{account}/adjustments", new { label = "Owner's discount", amountMinor = -1, reason = "a test" }),
            new("POST", "/api/v1/backoffice/customer-bills/{bill}/credit-notes", new { reason = "a test", lines = new[] { new { no = 1, amountMinor = 1 } } }),
            new("POST", "/api/v1/backoffice/openings", new { items = new[] { new { accountId = things["account"], number = "Owner's-1", issueDate = "2026-09-30", dueDate = "2026-10-31", openMinor = 5 } } }),
            new("POST", "/api/v1/backoffice/payments", new { accountId = things["account"], receivedOn = "2026-11-02", amountMinor = 1, foreignKey = "k2" }),
            new("POST", "/api/v1/backoffice/bank-imports", BankFile) { Shows = true },
            new("POST", "/api/v1/backoffice/payments/{payment}/allocations", new { bills = new[] { things["bill"] } }),
            new("POST", "/api/v1/routers/devices/{device}/tasks", new { kind = "refresh" }),
            new("POST", "/api/v1/routers/devices/{device}/calls", new { reason = "a test" }),
            new("POST", "/api/v1/routers/devices/{device}/reveal", new { path = "Device.WiFi.AccessPoint.1.Security.KeyPassphrase", reason = "a test" }) { ByOperator = true },
            new("PUT", "/api/v1/routers/devices/{device}/credentials", new { connectionPassword = "a password of some length" }),
            new("POST", "/api/v1/routers/devices/{device}/pulls") { OwnerMayGet = 409 },
            new("PUT", "/api/v1/routers/sites/{site}/configuration", new { modules = new[] { new { id = 0, version = "1", text = "Owner's second configuration" } } }),
            new("POST", "/api/v1/routers/sites/{site}/rollback", new { number = 1 }),
            new("POST", "/api/v1/routers/devices/{device}/claim", new { subscription }) { ByOperator = true, OwnerMayGet = 400 },
            new("POST", "/api/v1/mail/quarantine/{held}/content", new { reason = "a test" }) { ByOperator = true },
            new("PUT", "/api/v1/mail/quarantine/{held}/legal-hold", new { reason = "a test" }),
            new("DELETE", "/api/v1/mail/quarantine/{held}/legal-hold"),
            new("POST", "/api/v1/mail/quarantine/{held}/block", new { scope = "tenant" }),
            new("POST", "/api/v1/mail/quarantine/{held}/refuse", new { reason = "a test" }) { OwnerMayGet = 409 },
            new("POST", "/api/v1/mail/quarantine/{held}/release", new { allowSender = true }),
            new("POST", "/api/v1/mail/senders", new { tenantId = tenant, scope = "tenant", sender = "@sender.example", rule = "allow" }),
            new("PUT", "/api/v1/mail/filter-policies/{tenant}", new { tagOnly = true }),
            new("DELETE", "/api/v1/mail/filter-policies/{tenant}"),
            new("POST", "/api/v1/users", new { email = "more@owner.example", name = "Owner's more", tenantId = tenant, roles = new[] { new { role = "tenant-reader" } } }),
            new("PATCH", "/api/v1/users/{user}", new { name = "Owner's helper" }),
            new("PUT", "/api/v1/users/{user}/roles", new { roles = new[] { new { role = "tenant-reader" } } }),
            new("POST", "/api/v1/users/{user}/link"),
            new("DELETE", "/api/v1/users/{user}/totp?reason=a%20test") { OwnerMayGet = 409 },
            new("POST", "/api/v1/roles", new { name = "Owner's other role", permissions = new[] { "core.tenant.read" }, tenantId = tenant }),
            new("PATCH", "/api/v1/roles/{role}", new { name = "Owner's role" }),
            new("POST", "/api/v1/webhooks", new { name = "Owner's hook", url = "https://hook.owner.example/", events = new[] { "none" }, tenantId = tenant }),
            new("PATCH", "/api/v1/webhooks/{webhook}", new { name = "Owner's hook" }),
            new("POST", "/api/v1/webhooks/{webhook}/test"),
            new("PUT", "/api/v1/session/scope", new { tenantId = tenant }),
            new("POST", "/api/v1/apply/plan", new { document = OthersDocument }) { Shows = true },
            new("POST", "/api/v1/apply", new { document = OthersDocument, expectedPlan = "seen by nobody" }) { Shows = true, OwnerMayGet = 409 },
        ];
    }

    /// <summary>The same by the console's forms.</summary>
    private static WriteCase[] Forms(IsolationWorld world)
    {
        var things = world.Things;
        var tenant = things["tenant"];
        var subscription = things["subscription"];
        return
        [
            new("POST", "/console/tenants", Form(("parent", tenant), ("kind", "department"), ("name", "Owner's third desk"))),
            new("POST", "/console/tenants/{id}", Form(("name", "Owner's"), ("version", ""))),
            new("POST", "/console/tenants/{id}/contacts", Form(("role", "billing"), ("name", "Owner's third"), ("email", "f@owner.example"))),
            new("POST", "/console/tenants/{id}/domains", Form(("name", "form.owner.example"))),
            new("POST", "/console/tenants/{id}/prefixes", Form(("cidr", "203.0.113.0/24"))),
            new("POST", "/console/tenants/{id}/sites", Form(("name", "Owner's third site"))),
            new("POST", "/console/domains/{id}/prove", Form()),
            new("POST", "/console/domains/{id}/approve", Form(("reason", "a test"))) { ByOperator = true },
            new("POST", "/console/prefixes/{id}/approve", Form(("reason", "a test"))) { ByOperator = true },
            new("POST", "/console/subscriptions", Form(
                ("tenant", tenant), ("plan", "mail"), ("name", "Owner's fourth"), ("quantity", "1"), ("settings.domains", "owner.example"), ("settings.nextHop", IsolationWorld.NextHop))),
            new("POST", "/console/subscriptions/{id}/change", Form(
                ("name", "Owner's mail"), ("quantity", "1"), ("settings.domains", "owner.example"), ("settings.nextHop", IsolationWorld.NextHop))),
            new("POST", "/console/subscriptions/{id}/holds", Form(("kind", "customer"), ("reason", "a test"))),
            new("POST", "/console/subscriptions/{id}/usage", Form(("meter", "mail.messages"), ("quantity", "1"), ("key", "k3"), ("reason", "a test"))),
            new("POST", "/console/mail/messages/{id}/retry", Form()) { OwnerMayGet = 422 },
            new("POST", "/console/mail/recipients", Form(("subscription", subscription), ("csv", "b@owner.example\nc@owner.example\n"))),
            new("POST", "/console/mail/policies", Form(("tenant", tenant), ("scope", "tenant"), ("tagOnly", "true"))),
            new("POST", "/console/mail/policies/remove", Form(("tenant", tenant), ("scope", "tenant"))),
            new("POST", "/console/mail/messages/{id}/open", Form(("reason", "a test"))) { ByOperator = true },
            new("POST", "/console/mail/messages/{id}/probe", Form()) { OwnerMayGet = 422 },
            new("POST", "/console/mail/next-hops/{nextHop}/retry", Form()),
            new("POST", "/console/mail/next-hops/{nextHop}/hold", Form(("reason", "a test"))) { ByOperator = true },
            new("POST", "/console/mail/next-hops/{nextHop}/release", Form()) { ByOperator = true },
            new("POST", "/console/ddos/mitigations", Form(("blackhole", "198.18.7.3/32"), ("reason", "a test"), ("minutes", "5"), ("incident", things["incident"]))),
            new("POST", "/console/ddos/mitigations/{id}/lift", Form()),
            new("POST", "/console/connectivity/lines", Form(("subscriptionId", things["access"]), ("userName", "third@owner.example"))) { ByOperator = true },
            new("POST", "/console/connectivity/lines/{id}", Form(("name", "Owner's line"), ("userName", "line@owner.example"))) { ByOperator = true },
            new("POST", "/console/connectivity/lines/{id}/password", Form()),
            new("POST", "/console/backoffice/accounts", Form(("tenant", tenant), ("locale", "ja"), ("taxProfile", "jp"), ("paymentTerms", "eom:1"))) { OwnerMayGet = 422 },
            new("POST", "/console/backoffice/accounts/{account}", Form(("name", "Owner's accounts"), ("locale", "ja"), ("taxProfile", "jp"), ("paymentTerms", "eom:1"))),
            new("POST", "/console/backoffice/accounts/{account}/payments", Form(("receivedOn", "2026-11-03"), ("amount", "1"), ("key", "k3"))),
            new("POST", "/console/backoffice/accounts/{account}/adjustments", Form(("label", "Owner's second"), ("amount", "-1"), ("tax", "standard"), ("reason", "a test"))),
            new("POST", "/console/backoffice/invoices/{bill}/credit", Form(("line", "1"), ("amount", "1"), ("reason", "a test"))),
            new("POST", "/console/routers/devices/{id}/tasks", Form(("kind", "ping"), ("host", "www.example.com"))),
            new("POST", "/console/routers/devices/{id}/calls", Form(("reason", "a test"))),
            new("POST", "/console/routers/devices/{id}/reveal", Form(("path", "Device.WiFi.AccessPoint.1.Security.KeyPassphrase"), ("reason", "a test"))) { ByOperator = true },
            new("POST", "/console/routers/devices/{id}/credentials", Form(("connectionPassword", "a password of some length"))),
            new("POST", "/console/routers/devices/{id}/pulls", Form()) { OwnerMayGet = 422 },
            new("POST", "/console/routers/sites/{id}/configuration", Form(("id0", "0"), ("version0", "1"), ("text0", "Owner's third configuration"))),
            new("POST", "/console/routers/sites/{id}/rollback", Form(("number", "1"))),
            new("POST", "/console/routers/devices/{id}/claim", Form(("subscription", subscription))) { ByOperator = true, OwnerMayGet = 422 },
            new("POST", "/console/mail/quarantine/{held}/open", Form(("reason", "a test"))) { ByOperator = true, Instead = Of(("held", "held2")) },
            new("POST", "/console/mail/quarantine/{held}/keep", Form(("reason", "a test"))) { Instead = Of(("held", "held2")) },
            new("POST", "/console/mail/quarantine/{held}/let-go", Form()) { Instead = Of(("held", "held2")) },
            new("POST", "/console/mail/quarantine/{held}/block", Form(("scope", "recipient"))) { Instead = Of(("held", "held2")) },
            new("POST", "/console/mail/quarantine/{held}/refuse", Form(("reason", "a test"))) { Instead = Of(("held", "held2")), OwnerMayGet = 422 },
            new("POST", "/console/mail/quarantine/{held}/release", Form()) { Instead = Of(("held", "held2")) },
            new("POST", "/console/mail/quarantine/chosen", Form(("act", "release"), ("held", things["held3"]))),
            new("POST", "/console/users", Form(("email", "form@owner.example"), ("name", "Owner's form"), ("tenant", tenant), ("role", "tenant-reader"))),
            new("POST", "/console/users/{id}/link", Form()),
            new("POST", "/console/users/{id}/roles", Form(("grant", "tenant-reader " + tenant))),
            new("POST", "/console/users/{id}/remove-factor", Form(("reason", "a test"))) { OwnerMayGet = 422 },
            new("POST", "/console/users/{id}/disable", Form()),
            new("POST", "/console/users/{id}/enable", Form()),
        ];
    }

    /// <summary>What takes a thing away comes last.</summary>
    private static WriteCase[] Removals() =>
    [
        new("DELETE", "/api/v1/session/all/{session}"),
        new("DELETE", "/api/v1/connectivity/lines/{line}") { ByOperator = true, Instead = Of(("line", "line2")) },
        new("POST", "/console/connectivity/lines/{id}/end", Form()) { ByOperator = true },
        new("POST", "/console/settings/sessions/{id}/end", Form()) { Instead = Of(("session", "session2")) },
        new("DELETE", "/api/v1/mail/quarantine/{held}") { Instead = Of(("held", "held4")) },
        new("POST", "/console/mail/quarantine/{held}/delete", Form()) { Instead = Of(("held", "held5")) },
        new("POST", "/api/v1/routers/devices/{device}/release"),
        new("POST", "/console/routers/devices/{id}/release", Form()) { OwnerMayGet = 404 },
        new("DELETE", "/api/v1/mail/senders/{sender}"),
        new("POST", "/console/mail/senders/{sender}/remove", Form()) { Instead = Of(("sender", "sender2")) },
        new("DELETE", "/api/v1/tokens/{token}"),
        new("POST", "/console/tokens/{id}/revoke", Form()) { Instead = Of(("token", "token2")) },
        new("DELETE", "/api/v1/roles/{role}"),
        new("POST", "/console/roles/{id}/remove", Form()) { Instead = Of(("role", "role2")) },
        new("DELETE", "/api/v1/webhooks/{webhook}"),
        new("DELETE", "/api/v1/contacts/{contact}"),
        new("DELETE", "/api/v1/sites/{site}"),
        new("DELETE", "/api/v1/subscriptions/{subscription}/holds/{hold}"),
        new("POST", "/console/subscriptions/{id}/holds/{hold}/lift", Form()) { Instead = Of(("hold", "hold2")) },
        new("DELETE", "/api/v1/subscriptions/{subscription}"),
        new("POST", "/console/subscriptions/{id}/end", Form()) { Instead = Of(("subscription", "subscription2")) },
        new("POST", "/api/v1/domains/{domain}/release") { Instead = Of(("domain", "domain2")) },
        new("POST", "/console/domains/{id}/release", Form()) { Instead = Of(("domain", "domain2")) },
        new("POST", "/api/v1/prefixes/{prefix}/release"),
    ];

    private static Dictionary<string, string> Form(params (string Field, string Value)[] fields) => fields.ToDictionary(static f => f.Field, static f => f.Value);

    private static Dictionary<string, string> Of(params (string Thing, string Other)[] things) => things.ToDictionary(static t => t.Thing, static t => t.Other);

    private static JsonObject Manifest(string key, string name) => new()
    {
        ["manifest"] = "people",
        ["tenants"] = new JsonArray(new JsonObject { ["key"] = key, ["kind"] = "department", ["name"] = name }),
    };
}
