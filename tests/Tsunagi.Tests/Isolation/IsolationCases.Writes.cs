using System.Text.Json.Nodes;

namespace Tsunagi.Tests.Isolation;

/// <summary>What changes something: each as the owner may do it, and as nobody else.</summary>
internal static partial class IsolationCases
{
    /// <summary>Every writing request, in the order in which the owner can make them all.</summary>
    public static IReadOnlyList<WriteCase> Writes(IsolationWorld world) => [.. Changes(world), .. Directories(), .. Usage(world.Things["subscription"]), .. Questions(world.Things["tenant"]), .. Forms(world), .. Removals()];

    /// <summary>A directory that nobody dials: its contract does not run.</summary>
    public static readonly object Directory = new { settings = new { url = "ldaps://ad.owner.example", baseDn = "DC=owner,DC=example" } };

    private static WriteCase[] Directories() =>
    [
        new("PUT", "/api/v1/mail/directories/{directory}", Directory),
        new("POST", "/api/v1/mail/directories/{directory}/test") { OwnerMayGet = 409 },
        new("POST", "/api/v1/mail/directories/{directory}/sync") { OwnerMayGet = 409 },
    ];

    private static WriteCase[] Changes(IsolationWorld world)
    {
        var things = world.Things;
        var tenant = things["tenant"];
        var subscription = things["subscription"];
        var settings = new { domains = new[] { "owner.example" }, nextHop = IsolationWorld.NextHop };
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
            new("POST", "/api/v1/mail/reports", AggregateReport()),
            new("POST", "/api/v1/mail/messages/{message}/retry") { OwnerMayGet = 409 },
            new("POST", "/api/v1/mail/messages/{message}/content", new { reason = "a test" }) { ByOperator = true },
            new("POST", "/api/v1/mail/messages/{message}/probe") { OwnerMayGet = 409 },
            new("POST", "/api/v1/mail/messages/{message}/teach", new { @as = "spam" }),
            new("POST", "/api/v1/mail/next-hops/{nextHop}/retry"),
            new("POST", "/api/v1/mail/next-hops/{nextHop}/hold", new { reason = "a test" }) { ByOperator = true },
            new("POST", "/api/v1/mail/next-hops/{nextHop}/release") { ByOperator = true },
            new("PUT", "/api/v1/mail/recipient-lists/{subscription}", "b@owner.example\nc@owner.example\n"),
            new("POST", "/api/v1/ddos/mitigations", new { blackhole = "198.18.7.2/32", reason = "a test", incident = things["incident"] }),
            new("POST", "/api/v1/ddos/dry-runs", new { of = things["protection"] }) { OwnerMayGet = 409 },
            new("POST", "/api/v1/ddos/mitigations/{mitigation}/lift"),
            new("POST", "/api/v1/ddos/incidents/{incident}/release"),
            new("PUT", "/api/v1/ddos/protections/{protection}/mode", new { mode = "ask", reason = "a test" }) { ByOperator = true },
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
            new("POST", "/api/v1/backoffice/quotes", new { tenantId = tenant, title = "Owner's further quote", items = new[] { LaterItem } }),
            new("PUT", "/api/v1/backoffice/quotes/{quote}", new { tenantId = tenant, title = "Owner's draft", items = new[] { LaterItem } }) { Instead = Of(("quote", "draft")) },
            new("POST", "/api/v1/backoffice/quotes/{quote}/send") { Instead = Of(("quote", "draft")) },
            new("POST", "/api/v1/backoffice/quotes/{quote}/accept"),
            new("POST", "/api/v1/backoffice/quotes/{quote}/reject", new { reason = "a test" }) { Instead = Of(("quote", "quote2")) },
            new("POST", "/api/v1/backoffice/product-orders", new { tenantId = tenant, items = new[] { LaterItem } }),
            new("POST", "/api/v1/backoffice/product-orders/{order}/items/{orderItem}/retry") { OwnerMayGet = 409 },
            new("POST", "/api/v1/backoffice/product-orders/{order}/cancel", new { reason = "a test" }),
            .. Projects(tenant),
            new("POST", "/api/v1/backoffice/service-credits/{credit}/approve", new { reason = "a test" }),
            new("POST", "/api/v1/backoffice/service-credits/{credit}/reject", new { reason = "a test" }) { Instead = Of(("credit", "credit2")) },
            new("POST", "/api/v1/backoffice/payments/{payment}/allocations", new { bills = new[] { things["bill"] } }),
            .. Routers(subscription, things["site"]),
            new("POST", "/api/v1/mail/pending/{pending}/send"),
            new("POST", "/api/v1/mail/quarantine/{held}/content", new { reason = "a test" }) { ByOperator = true },
            new("PUT", "/api/v1/mail/quarantine/{held}/legal-hold", new { reason = "a test" }),
            new("DELETE", "/api/v1/mail/quarantine/{held}/legal-hold"),
            new("POST", "/api/v1/mail/quarantine/{held}/block", new { scope = "tenant" }),
            new("POST", "/api/v1/mail/quarantine/{held}/teach", new { @as = "not-spam" }),
            new("POST", "/api/v1/mail/quarantine/{held}/refuse", new { reason = "a test" }) { OwnerMayGet = 409 },
            new("POST", "/api/v1/mail/quarantine/{held}/release", new { allowSender = true }),
            new("POST", "/api/v1/mail/senders", new { tenantId = tenant, scope = "tenant", sender = "@sender.example", rule = "allow" }),
            new("PUT", "/api/v1/mail/filter-policies/{tenant}", new { tagOnly = true }),
            new("DELETE", "/api/v1/mail/filter-policies/{tenant}"),
            new("POST", "/api/v1/mail/signing-keys/{signedDomain}/check"),
            new("POST", "/api/v1/mail/signing-keys/{signedDomain}/rotate"),
            new("POST", "/api/v1/mail/credentials", new { subscriptionId = subscription, userName = "more@owner.example" }),
            new("PUT", "/api/v1/mail/credentials/{credential}/senders", new { senders = new[] { "owner.example" } }),
            new("PUT", "/api/v1/mail/credentials/{credential}/limits", new { messagesPerHour = 5 }),
            new("POST", "/api/v1/mail/credentials/{credential}/resume"),
            new("PUT", "/api/v1/mail/credentials/{credential}/secret", new { secret = "a phrase of some length" }),
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

    private static WriteCase[] Routers(string subscription, string site) =>
    [
        new("POST", "/api/v1/routers/devices/{device}/tasks", new { kind = "refresh" }),
        new("POST", "/api/v1/routers/devices/{device}/calls", new { reason = "a test" }),
        new("POST", "/api/v1/routers/devices/{device}/reveal", new { path = "Device.WiFi.AccessPoint.1.Security.KeyPassphrase", reason = "a test" }) { ByOperator = true },
        new("PUT", "/api/v1/routers/devices/{device}/credentials", new { connectionPassword = "a password of some length" }),
        new("POST", "/api/v1/routers/devices/{device}/pulls") { OwnerMayGet = 409 },
        new("PUT", "/api/v1/routers/sites/{site}/configuration", new { modules = new[] { new { id = 0, version = "1", text = "Owner's second configuration" } } }),
        new("POST", "/api/v1/routers/sites/{site}/rollback", new { number = 1 }),
        new("POST", "/api/v1/routers/pushes", new { sites = new[] { site } }),
        new("POST", "/api/v1/routers/pushes/{push}/start"),
        new("POST", "/api/v1/routers/pushes/{push}/stop", new { why = "a test" }) { Instead = Of(("push", "push2")) },
        new("POST", "/api/v1/routers/sites/{site}/swap", new { distributionId = "0001-0000-0101-0000-0000-0000-0000-0002", key = "a key" }) { ByOperator = true, OwnerMayGet = 409 },
        new("POST", "/api/v1/routers/devices/{device}/claim", new { subscription }) { ByOperator = true, OwnerMayGet = 400 },
    ];

    private static WriteCase[] Projects(string tenant) =>
    [
        new("POST", "/api/v1/backoffice/projects", new { tenantId = tenant, name = "Owner's further project", milestones = new[] { Milestone } }),
        new("POST", "/api/v1/backoffice/projects/{project}/changes", new { reason = "a test", add = new[] { Milestone } }),
        new("POST", "/api/v1/backoffice/projects/{project}/milestones/{milestone}/accept", new { }),
        new("POST", "/api/v1/backoffice/projects/{project}/costs", new { onDay = "2026-10-01", amountMinor = 1, label = "Owner's cables", foreignKey = "k1" }),
        new("POST", "/api/v1/backoffice/projects/{project}/cancel", new { reason = "a test" }) { Instead = Of(("project", "project2")) },
        new("POST", "/console/backoffice/projects", Form(("tenant", tenant), ("name", "Owner's form project"), ("milestone", "Design"), ("amount", "1"), ("dueOn", "2026-12-01"))),
        new("POST", "/console/backoffice/projects/{id}/accept", Form(("no", "1"))) { Instead = Of(("project", "project3")) },
        new("POST", "/console/backoffice/projects/{id}/changes", Form(("milestone", "Test"), ("amount", "1"), ("dueOn", "2026-12-01"), ("reason", "a test"))) { Instead = Of(("project", "project3")) },
        new("POST", "/console/backoffice/projects/{id}/costs", Form(("onDay", "2026-10-01"), ("amount", "1"), ("label", "Cables"), ("key", "k2"))) { Instead = Of(("project", "project3")) },
        new("POST", "/console/backoffice/projects/{id}/cancel", Form(("charge", "0"), ("reason", "a test"))) { Instead = Of(("project", "project4")) },
    ];

    private static WriteCase[] Usage(string subscription)
    {
        var usage = new { subscriptionId = subscription, meter = "mail.messages", at = TimeProvider.System.GetUtcNow(), quantity = 5, foreignKey = "k2", reason = "a test" };
        return
        [
            new("POST", "/api/v1/usage", usage),
            new("POST", "/api/v1/usage/batch", new { records = new[] { usage with { foreignKey = "k4" } } }),
        ];
    }

    /// <summary>What is asked by posting, and changes nothing; the owner's policies are there still, so that its draft is an older one by the time it is saved.</summary>
    private static WriteCase[] Questions(string tenant) =>
    [
        new("POST", "/api/v1/mail/messages/{message}/what-if", new { policy = new { tagOnly = false } }),
        new("POST", "/api/v1/mail/what-if", new { tenantId = tenant, days = 30, policy = new { enabled = false } }),
        new("POST", "/api/v1/mail/what-if", new { days = 30, policy = new { enabled = false } }) { Shows = true },
        new("POST", "/console/mail/policies", Form(("tenant", tenant), ("scope", "tenant"), ("enabled", "false"), ("act", "what-if"))),
        new("POST", "/console/mail/what-if/{whatIf}/again", Form(("days", "7"))),
        new("POST", "/console/mail/what-if/{whatIf}/save", Form()) { OwnerMayGet = 422 },
    ];

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
            new("POST", "/console/mail/signing/check", Form(("domain", things["signedDomain"]))),
            new("POST", "/console/mail/directories/{directory}", Form(("url", "ldaps://ad.owner.example"), ("baseDn", "DC=owner,DC=example"), ("addressAttribute", "mail"))),
            new("POST", "/console/mail/directories/{directory}/test", Form()) { OwnerMayGet = 422 },
            new("POST", "/console/mail/directories/{directory}/sync", Form()) { OwnerMayGet = 422 },
            new("POST", "/console/mail/credentials", Form(("subscriptionId", subscription), ("userName", "form@owner.example"))),
            new("POST", "/console/mail/credentials/{credential}/senders", Form(("senders", "owner.example"))),
            new("POST", "/console/mail/credentials/{credential}/limits", Form(("messagesPerHour", "6"))),
            new("POST", "/console/mail/credentials/{credential}/resume", Form()),
            new("POST", "/console/mail/credentials/{credential}/secret", Form(("secret", "a phrase of some length"))),
            new("POST", "/console/mail/signing/rotate", Form(("domain", things["signedDomain"]))) { OwnerMayGet = 422 },
            new("POST", "/console/mail/policies/remove", Form(("tenant", tenant), ("scope", "tenant"))),
            new("POST", "/console/mail/messages/{id}/open", Form(("reason", "a test"))) { ByOperator = true },
            new("POST", "/console/mail/messages/{id}/probe", Form()) { OwnerMayGet = 422 },
            new("POST", "/console/mail/messages/{id}/teach", Form(("as", "not-spam"))),
            new("POST", "/console/mail/next-hops/{nextHop}/retry", Form()),
            new("POST", "/console/mail/next-hops/{nextHop}/hold", Form(("reason", "a test"))) { ByOperator = true },
            new("POST", "/console/mail/next-hops/{nextHop}/release", Form()) { ByOperator = true },
            new("POST", "/console/ddos/mitigations", Form(("blackhole", "198.18.7.3/32"), ("reason", "a test"), ("minutes", "5"), ("incident", things["incident"]))),
            new("POST", "/console/ddos/dry-runs", Form(("of", things["protection"]), ("as", "ask"), ("days", "7"))) { OwnerMayGet = 422 },
            new("POST", "/console/ddos/mitigations/{id}/lift", Form()),
            new("POST", "/console/ddos/incidents/{id}/release", Form()),
            new("POST", "/console/ddos/protections/{protection}/mode", Form(("mode", "ask"), ("reason", "a test"))) { ByOperator = true },
            new("POST", "/console/connectivity/lines", Form(("subscriptionId", things["access"]), ("userName", "third@owner.example"))) { ByOperator = true },
            new("POST", "/console/connectivity/lines/{id}", Form(("name", "Owner's line"), ("userName", "line@owner.example"))) { ByOperator = true },
            new("POST", "/console/connectivity/lines/{id}/password", Form()),
            new("POST", "/console/backoffice/accounts", Form(("tenant", tenant), ("locale", "ja"), ("taxProfile", "jp"), ("paymentTerms", "eom:1"))) { OwnerMayGet = 422 },
            new("POST", "/console/backoffice/accounts/{account}", Form(("name", "Owner's accounts"), ("locale", "ja"), ("taxProfile", "jp"), ("paymentTerms", "eom:1"))),
            new("POST", "/console/backoffice/accounts/{account}/payments", Form(("receivedOn", "2026-11-03"), ("amount", "1"), ("key", "k3"))),
            new("POST", "/console/backoffice/accounts/{account}/adjustments", Form(("label", "Owner's second"), ("amount", "-1"), ("tax", "standard"), ("reason", "a test"))),
            new("POST", "/console/backoffice/quotes", Form(("tenant", tenant), ("title", "Owner's form quote"))),
            new("POST", "/console/backoffice/quotes/{id}", Form(("title", "Owner's changed draft"), ("validUntil", TimeProvider.System.GetUtcNow().AddDays(20).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)))) { Instead = Of(("quote", "draft2")) },
            new("POST", "/console/backoffice/quotes/{id}/items", Form(
                ("action", "add"), ("offering", "mail"), ("quantity", "1"), ("settings.domains", "owner.example"), ("settings.nextHop", IsolationWorld.NextHop))) { Instead = Of(("quote", "draft2")) },
            new("POST", "/console/backoffice/quotes/{id}/remove", Form(("no", "1"))) { Instead = Of(("quote", "draft2")) },
            new("POST", "/console/backoffice/quotes/{id}/send", Form()) { Instead = Of(("quote", "draft2")) },
            new("POST", "/console/backoffice/quotes/{id}/accept", Form()) { Instead = Of(("quote", "quote3")) },
            new("POST", "/console/backoffice/quotes/{id}/reject", Form(("reason", "a test"))) { Instead = Of(("quote", "quote4")) },
            new("POST", "/console/backoffice/orders/{id}/retry", Form(("no", "1"))) { Instead = Of(("order", "order2")), OwnerMayGet = 422 },
            new("POST", "/console/backoffice/orders/{id}/cancel", Form(("reason", "a test"))) { Instead = Of(("order", "order2")) },
            new("POST", "/console/backoffice/credits/{id}/approve", Form(("reason", "a test"))) { Instead = Of(("credit", "credit3")) },
            new("POST", "/console/backoffice/credits/{id}/reject", Form(("reason", "a test"))) { Instead = Of(("credit", "credit4")) },
            new("POST", "/console/backoffice/invoices/{bill}/credit", Form(("line", "1"), ("amount", "1"), ("reason", "a test"))),
            new("POST", "/console/routers/devices/{id}/tasks", Form(("kind", "ping"), ("host", "www.example.com"))),
            new("POST", "/console/routers/devices/{id}/calls", Form(("reason", "a test"))),
            new("POST", "/console/routers/devices/{id}/reveal", Form(("path", "Device.WiFi.AccessPoint.1.Security.KeyPassphrase"), ("reason", "a test"))) { ByOperator = true },
            new("POST", "/console/routers/devices/{id}/credentials", Form(("connectionPassword", "a password of some length"))),
            new("POST", "/console/routers/devices/{id}/pulls", Form()) { OwnerMayGet = 422 },
            new("POST", "/console/routers/sites/{id}/configuration", Form(("id0", "0"), ("version0", "1"), ("text0", "Owner's third configuration"))),
            new("POST", "/console/routers/sites/{id}/rollback", Form(("number", "1"))),
            new("POST", "/console/routers/sites/{id}/push", Form(("why", "Owner's push"))),
            new("POST", "/console/routers/pushes/{push}/start", Form()) { Instead = Of(("push", "push4")), OwnerMayGet = 422 },
            new("POST", "/console/routers/pushes/{push}/stop", Form(("why", "a test"))) { Instead = Of(("push", "push3")) },
            new("POST", "/console/routers/sites/{id}/swap", Form(("distributionId", "0001-0000-0101-0000-0000-0000-0000-0002"), ("key", "a key"))) { ByOperator = true, OwnerMayGet = 422 },
            new("POST", "/console/routers/devices/{id}/claim", Form(("subscription", subscription))) { ByOperator = true, OwnerMayGet = 422 },
            new("POST", "/console/mail/pending/{pending}/send", Form()) { Instead = Of(("pending", "pending3")) },
            new("POST", "/console/mail/quarantine/{held}/open", Form(("reason", "a test"))) { ByOperator = true, Instead = Of(("held", "held2")) },
            new("POST", "/console/mail/quarantine/{held}/keep", Form(("reason", "a test"))) { Instead = Of(("held", "held2")) },
            new("POST", "/console/mail/quarantine/{held}/let-go", Form()) { Instead = Of(("held", "held2")) },
            new("POST", "/console/mail/quarantine/{held}/block", Form(("scope", "recipient"))) { Instead = Of(("held", "held2")) },
            new("POST", "/console/mail/quarantine/{held}/teach", Form(("as", "spam"))) { Instead = Of(("held", "held2")) },
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
        new("POST", "/api/v1/mail/pending/{pending}/cancel") { Instead = Of(("pending", "pending2")) },
        new("POST", "/console/mail/pending/{pending}/cancel", Form()) { Instead = Of(("pending", "pending4")) },
        new("DELETE", "/api/v1/mail/quarantine/{held}") { Instead = Of(("held", "held4")) },
        new("POST", "/console/mail/quarantine/{held}/delete", Form()) { Instead = Of(("held", "held5")) },
        new("POST", "/api/v1/routers/devices/{device}/release"),
        new("POST", "/console/routers/devices/{id}/release", Form()) { OwnerMayGet = 404 },
        new("DELETE", "/api/v1/mail/senders/{sender}"),
        new("DELETE", "/api/v1/mail/directories/{directory}"),
        new("POST", "/console/mail/directories/{directory}/remove", Form()) { Instead = Of(("directory", "directory2")) },
        new("DELETE", "/api/v1/mail/credentials/{credential}"),
        new("POST", "/console/mail/credentials/{credential}/revoke", Form()) { Instead = Of(("credential", "credential2")) },
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
}
