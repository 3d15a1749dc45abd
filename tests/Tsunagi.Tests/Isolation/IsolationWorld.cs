using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Spool;
using Tsunagi.Tests.Host;

namespace Tsunagi.Tests.Isolation;

/// <summary>
/// A provider with a reseller that has two customers, a second reseller, and one customer of its own. The first customer has one of everything; every
/// thing's id stands under the name of the route parameter that takes it. What the others' pages count is noted before any of it was there.
/// </summary>
internal sealed partial class IsolationWorld : IAsyncDisposable
{
    /// <summary>Where the owner's mail should go and nobody answers: its messages wait.</summary>
    public const string NextHop = "127.0.0.1:9";

    private readonly Dictionary<string, string> _things = [];

    private IsolationWorld(TestNode node, TestApi owner, IReadOnlyDictionary<string, TestApi> others, TestApi elsewhere)
    {
        Node = node;
        Owner = owner;
        Others = others;
        Elsewhere = new Dictionary<string, TestApi> { ["an operator who looks at the stranger"] = elsewhere };
    }

    public TestNode Node { get; }

    /// <summary>The first customer's administrator.</summary>
    public TestApi Owner { get; }

    /// <summary>Everyone who must see nothing of it.</summary>
    public IReadOnlyDictionary<string, TestApi> Others { get; }

    /// <summary>The provider's operator, who looks at another tenant's part of the tree: what lies outside it is missing to him too.</summary>
    public IReadOnlyDictionary<string, TestApi> Elsewhere { get; }

    /// <summary>Ids of the owner's things by route parameter ("tenant", "domain").</summary>
    public IReadOnlyDictionary<string, string> Things => _things;

    /// <summary>What nobody else may read anywhere: the ids of the owner's things and the names it gave.</summary>
    public IReadOnlyList<string> Secrets => [.. _things.Where(static t => t.Key is not ("plan" or "nextHop" or "billLine" or "orderItem" or "milestone")).Select(static t => t.Value), "owner.example", "Owner's"];

    /// <summary>What the others' pages counted before the owner had anything, by asker and path.</summary>
    public IReadOnlyDictionary<(string Name, string Path), string> Before { get; private set; } = new Dictionary<(string, string), string>();

    public static async Task<IsolationWorld> MakeAsync(string? postgres = null)
    {
        var node = await TestNode.StartAsync(postgres, new Dictionary<string, string>
        {
            ["routers.cwmp"] = """{"listen":["127.0.0.1:0"],"open":true}""", ["backoffice.latestCommit"] = "00:00:00",
            ["ddos.sharing"] = """{"organisation":"provider.example","groups":[{"name":"isps"}]}""",
        });

        // What an operator may give to a tenant's people besides: no answer may then be "you lack a permission" where it should be "there is no such thing".
        var role = Id(await node.Operator.PostAsync("/roles", new { name = "More", permissions = new[] { "core.hold.write", "core.usage.write", "core.apply.write", "backoffice.account.write", "backoffice.credit.write", "backoffice.payment.write", "backoffice.report.read", "backoffice.quote.write", "backoffice.credit.read", "backoffice.order.write", "backoffice.project.write" } }));
        await node.Operator.PutAsync("/plans/mail", new
        {
            code = "mail", specification = "mail.gateway", nameEn = "Mail", nameJa = "メール", currency = "JPY",
            prices = new object[]
            {
                new { model = "flat", label = "Fee", amount = 100 }, new { model = "flat", label = "Fee in advance", amount = 10, charged = "advance" }, new { model = "perUnit", label = "Messages", meter = "mail.messages", amount = 1 },
            },
        });
        await node.Operator.PutAsync("/plans/ddos", new
        {
            code = "ddos", specification = "ddos.protection", nameEn = "DDoS", nameJa = "DDoS対策", currency = "JPY", prices = new object[] { new { model = "flat", label = "Fee", amount = 100 } },
        });
        await node.Operator.PutAsync("/plans/broadband", new
        {
            code = "broadband", specification = "connectivity.broadband", nameEn = "Broadband", nameJa = "ブロードバンド", currency = "JPY", prices = new object[] { new { model = "flat", label = "Fee", amount = 100 } },
        });
        await node.Operator.PutAsync("/plans/router", new
        {
            code = "router", specification = "routers.managed-site", nameEn = "Router", nameJa = "ルーター", currency = "JPY", prices = new object[] { new { model = "flat", label = "Fee", amount = 100 } },
        });
        await PriceByPeakAsync(node);
        var (reseller, resellerApi) = await node.AddTenantAsync(null, "reseller", "reseller-a");
        resellerApi.Dispose();
        var (_, otherReseller) = await node.AddTenantAsync(null, "reseller", "reseller-b", role);
        var (tenant, owner) = await node.AddTenantAsync(reseller, "customer", "owner", role);
        var (_, sibling) = await node.AddTenantAsync(reseller, "customer", "sibling", role);
        var (elsewhere, stranger) = await node.AddTenantAsync(null, "customer", "stranger", role);
        var world = new IsolationWorld(
            node, owner, new Dictionary<string, TestApi> { ["reseller-b"] = otherReseller, ["sibling"] = sibling, ["stranger"] = stranger }, await LookingAtAsync(node, elsewhere));
        await world.SettleAsync();
        world.Before = await IsolationCheck.FiguresAsync(world);
        await world.FillAsync(tenant, role);
        await world.SettleAsync();
        return world;
    }

    /// <summary>Waits until every event of a change is in the feed.</summary>
    public Task SettleAsync() => UntilAsync(
        () => Node.Services.GetRequiredService<Stores>().Control.ReadAsync(
            static reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM outbox"), CancellationToken.None).AsTask(),
        static waiting => waiting == 0);

    /// <summary>Every route of the program as "METHOD /pattern", from where the program itself finds them.</summary>
    public IReadOnlyList<(string Method, string Pattern)> Routes() =>
        [.. Node.Services.GetServices<EndpointDataSource>().SelectMany(static source => source.Endpoints).OfType<RouteEndpoint>()
            .SelectMany(static endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
                .Where(static method => method != "HEAD").Select(method => (method, ("/" + endpoint.RoutePattern.RawText!.Trim('/')))))
            .Distinct().OrderBy(static route => route.Item2, StringComparer.Ordinal).ThenBy(static route => route.method, StringComparer.Ordinal)];

    /// <summary>The route with the owner's ids in it, or the name of a parameter nobody gave a thing for. "{id}" is named by the part before it: /users/{id}.</summary>
    /// <param name="instead">Names of things to take in place of others ("token2" for "token").</param>
    public (string? Path, string? Missing) Fill(string pattern, IReadOnlyDictionary<string, string>? instead = null)
    {
        var path = new StringBuilder();
        var before = "";
        foreach (var part in pattern.Split('/').Skip(1))
        {
            path.Append('/');
            if (part.StartsWith('{'))
            {
                var name = part.Trim('{', '}');
                name = name.Equals("id", StringComparison.OrdinalIgnoreCase) ? Singular(before) : name;
                name = instead?.GetValueOrDefault(name) ?? name;
                if (!_things.TryGetValue(name, out var id))
                {
                    return (null, name);
                }

                path.Append(Uri.EscapeDataString(id));
            }
            else
            {
                path.Append(part);
            }

            before = part;
        }

        return (path.ToString(), null);
    }

    public async ValueTask DisposeAsync()
    {
        Owner.Dispose();
        foreach (var other in Others.Values)
        {
            other.Dispose();
        }

        foreach (var operators in Elsewhere.Values)
        {
            operators.Dispose();
        }

        await Node.DisposeAsync();
    }

    private static async Task<TestApi> LookingAtAsync(TestNode node, string tenant)
    {
        var api = new TestApi(node.Url);
        await api.PostAsync("/session", new { email = "operator@localhost", password = TestNode.Password });
        await api.PutAsync("/session/scope", new { tenantId = tenant });
        return api;
    }

    /// <summary>No meter of a module can be priced by its peak yet: the plan is made to, as a later module's will be.</summary>
    private static async Task PriceByPeakAsync(TestNode node) => await node.Services.GetRequiredService<Stores>().Control.WriteAsync(
        static transaction => transaction.ExecuteAsync(
            "UPDATE plan_version SET prices = replace(prices, '}]', '},{\"model\":\"p95\",\"label\":\"Peak\",\"meter\":\"mail.bytes\",\"amount\":1,\"per\":1}]')"),
        CancellationToken.None);

    private static string Singular(string nouns) => nouns switch { "prefixes" => "prefix", "pushes" => "push", "directories" => "directory", "audit" => "entry", _ => nouns.TrimEnd('s') };

    private async Task FillAsync(string tenant, string role)
    {
        var op = Node.Operator;
        _things["tenant"] = tenant;
        _things["plan"] = "mail";
        _things["contact"] = Id(await op.PostAsync($"/tenants/{tenant}/contacts", new { role = "technical", name = "Owner's contact", email = "c@owner.example" }));
        _things["domain"] = Id(await op.PostAsync("/domains", new { tenantId = tenant, name = "owner.example" }));
        await op.PostAsync($"/domains/{_things["domain"]}/approve", new { reason = "a test" });
        _things["domain2"] = Id(await op.PostAsync("/domains", new { tenantId = tenant, name = "spare.owner.example" }));
        await op.PostAsync($"/domains/{_things["domain2"]}/approve", new { reason = "a test" });
        _things["prefix"] = Id(await op.PostAsync("/prefixes", new { tenantId = tenant, cidr = "192.0.2.0/24" }));
        _things["site"] = Id(await op.PostAsync("/sites", new { tenantId = tenant, name = "Owner's site" }));
        _things["subscription"] = Id(await op.PostAsync("/subscriptions", new
        {
            tenantId = tenant, plan = "mail", name = "Owner's mail", settings = new { domains = new[] { "owner.example" }, nextHop = NextHop },
        }));
        await op.PostAsync("/usage", new
        {
            subscriptionId = _things["subscription"], meter = "mail.messages", at = TimeProvider.System.GetUtcNow(), quantity = 5, foreignKey = "k1", reason = "a test",
        });
        using var list = new HttpRequestMessage(HttpMethod.Put, $"/api/v1/mail/recipient-lists/{_things["subscription"]}")
        {
            Content = new StringContent("b@owner.example\n", Encoding.UTF8, "text/csv"),
        };
        using var listed = await op.Http.SendAsync(list);
        Assert.True(listed.IsSuccessStatusCode, await listed.Content.ReadAsStringAsync());
        foreach (var scope in new[] { "", "?scope=domain&name=owner.example" })
        {
            using var policy = await op.Http.PutAsJsonAsync($"/api/v1/mail/filter-policies/{tenant}{scope}", new { tagPoints = 11 });
            Assert.True(policy.IsSuccessStatusCode, await policy.Content.ReadAsStringAsync());
        }

        await FillIdentityAsync(tenant, role);
        await FillMailAsync();
        await FillDdosAsync(tenant);
        await FillConnectivityAsync(tenant);
        await FillBackOfficeAsync(tenant);
        await FillRoutersAsync(tenant);
        _things["subscription2"] = Id(await op.PostAsync("/subscriptions", new
        {
            tenantId = tenant, plan = "mail", name = "Owner's second", settings = new { domains = new[] { "owner.example" }, nextHop = NextHop },
        }));
        _things["hold2"] = Id(await Owner.PostAsync($"/subscriptions/{_things["subscription"]}/holds", new { kind = "customer", reason = "another" }));
        _things["hold"] = Id(await Owner.PostAsync($"/subscriptions/{_things["subscription"]}/holds", new { kind = "customer", reason = "a test" }));
        _things["desk"] = await ApplyAsync(Owner, IsolationCases.Document);
        await SettleAsync();
        _things["event"] = (string)((JsonArray)(await Owner.GetAsync("/events"))["items"]!)[0]!["id"]!;
        _things["entry"] = (string)((JsonArray)(await Owner.GetAsync("/audit"))["items"]!)[0]!["id"]!;
    }

    private async Task FillIdentityAsync(string tenant, string role)
    {
        _things["user"] = Id((await Owner.PostAsync("/users", new { email = "helper@owner.example", name = "Owner's helper", tenantId = tenant, roles = new[] { new { role } } }))["user"]!);
        foreach (var number in (string[])["", "2"])
        {
            _things["token" + number] = (string)(await Owner.PostAsync("/tokens", new { name = "Owner's token" + number, permissions = new[] { "core.tenant.read" } }))["token"]!["id"]!;
            _things["role" + number] = Id(await Owner.PostAsync("/roles", new { name = "Owner's role" + number, permissions = new[] { "core.tenant.read" } }));
        }

        _things["webhook"] = (string)(await Owner.PostAsync("/webhooks", new { name = "Owner's hook", url = "https://hook.owner.example/", events = new[] { "none" } }))["webhook"]!["id"]!;
        await AddDeliveryAsync(tenant);
        foreach (var number in (string[])["", "2"])
        {
            var before = await SessionsAsync();
            using var elsewhere = new TestApi(Node.Url);
            await elsewhere.PostAsync("/session", new { email = "owner@users.example", password = TestNode.Password });
            _things["session" + number] = (await SessionsAsync()).Except(before).Single();
        }
    }

    /// <summary>A delivery of the webhook, as its handler writes it.</summary>
    /// <summary>A protected block, an incident in it as the detector writes it, and a rule made by hand.</summary>
    private async Task FillDdosAsync(string tenant)
    {
        var op = Node.Operator;
        var block = Id(await op.PostAsync("/prefixes", new { tenantId = tenant, cidr = "198.18.7.0/24" }));
        await op.PostAsync($"/prefixes/{block}/approve", new { reason = "a test" });
        var subscription = Id(await op.PostAsync("/subscriptions", new { tenantId = tenant, plan = "ddos", name = "Owner's protection", settings = new { prefixes = new[] { "198.18.7.0/24" } } }));
        await UntilAsync(async () => (JsonArray)(await Owner.GetAsync($"/subscriptions/{subscription}/running"))["items"]!, static nodes => nodes.Any(static node => node!["whyNotYet"] is null));
        _things["incident"] = global::Tsunagi.Core.Ids.Id.New("di", TimeProvider.System);
        await Node.Services.GetRequiredService<Stores>().Control.WriteAsync(
            transaction => transaction.ExecuteAsync(
                """
                INSERT INTO ddos_incident (id, tenant_path, tenant_id, subscription_id, node, target, scope, vector, metric, limit_value, rule, estimate, samples, sampling_rate, sampling_source,
                  error_percent, opened_at, last_above_at, closed_at, close_reason, peak_packets, peak_bits, peak_flows, now_packets, now_bits, sources, mean_octets, top_sources, top_ports, proposal)
                SELECT @Id, tenant_path, tenant_id, id, 'elsewhere', '198.18.7.1/32', 'host', 'dns-reflection', 'packets', 1000, 'r', 2000, 40, 50, 'Header', 31.0, @Now, @Now, NULL, '', 2000, 8000000, 0,
                  2000, 8000000, 10, 500, '[]', '[]', @Proposal FROM subscription WHERE id = @Subscription
                """,
                new { Id = _things["incident"], Proposal = """{"Rules":[{"Rule":"dst 198.18.7.1/32 proto udp sport 53 then discard","Cover":1,"Collateral":0}],"Cover":1,"Collateral":0,"AttackSamples":9,"OwnSamples":9,"WhyNot":""}""", Subscription = subscription, Now = TimeProvider.System.NowMicros() }),
            CancellationToken.None);
        _things["protection"] = subscription;
        await op.PutAsync($"/ddos/protections/{subscription}/mode", new { mode = "ask", reason = "a test", withoutReport = true });
        _things["dry-run"] = _things["dryRun"] = global::Tsunagi.Core.Ids.Id.New("dr", TimeProvider.System);
        await Node.Services.GetRequiredService<Stores>().Control.WriteAsync(
            transaction => transaction.ExecuteAsync(
                """
                INSERT INTO ddos_dry_run (id, tenant_path, tenant_id, subscription_id, node, mode, days, inputs, state, from_at, to_at, made_by, made_at, done_at, cover_percent, opened, rules_out, verdict, problem, report)
                SELECT @Id, tenant_path, tenant_id, id, 'n', 'ask', 7, '', 'failed', 1, @Now, 'owner', @Now, @Now, 0, 0, 0, '', 'of 198.18.7.0/24', '' FROM subscription WHERE id = @Subscription
                """,
                new { Id = _things["dryRun"], Subscription = subscription, Now = TimeProvider.System.NowMicros() }),
            CancellationToken.None);
        _things["share"] = Id(await op.PostAsync($"/ddos/incidents/{_things["incident"]}/shares", new { group = "isps", tlp = "amber", reason = "a test" }));
        _things["mitigation"] = Id(await Owner.PostAsync("/ddos/mitigations", new { blackhole = "198.18.7.1/32", reason = "a test", incident = _things["incident"] }));
    }

    private async Task AddDeliveryAsync(string tenant) => await Node.Services.GetRequiredService<Stores>().Control.WriteAsync(
        transaction => transaction.ExecuteAsync(
            """
            INSERT INTO webhook_delivery (webhook_id, event_id, tenant_path, type, state, attempts, first_at, tried_at, status, problem)
            SELECT @Webhook, 'e_one', t.tenant_path, 'tenant.changed@1', 'told', 1, 1, 1, 200, NULL FROM tenant t WHERE t.id = @Id
            """,
            new { Webhook = _things["webhook"], Id = tenant }),
        CancellationToken.None);

    private async Task<IReadOnlyList<string>> SessionsAsync() => [.. ((JsonArray)await Owner.GetAsync("/session/all")).Select(static session => (string)session!["id"]!)];

    /// <summary>What the node would have summed at the end of the minute.</summary>
    private async Task AddDeltasAsync() => await Node.Services.GetRequiredService<Stores>().Control.WriteAsync(
        transaction => transaction.ExecuteAsync(
            """
            INSERT INTO meter_delta (node, boot, sequence, subscription_id, meter, minute, tenant_path, quantity)
            SELECT 'n', 'b', 1, s.id, m.meter, @Minute, s.tenant_path, 1000 FROM subscription s
              JOIN (SELECT 'mail.messages' AS meter UNION ALL SELECT 'mail.bytes') AS m ON s.id = @Id
            """,
            new { Id = _things["subscription"], Minute = TimeProvider.System.NowMicros() / 60_000_000 * 60_000_000 }),
        CancellationToken.None);

    /// <summary>A row of the trace that tells of the message, as the projector writes it.</summary>
    private async Task<string> AddReportAsync()
    {
        var stores = Node.Services.GetRequiredService<Stores>();
        var time = TimeProvider.System;
        var id = global::Tsunagi.Core.Ids.Id.New("m", time);
        await stores.Projections.WriteAsync(
            transaction => transaction.ExecuteAsync(
                """
                INSERT INTO mail_message (id, tenant_path, subscription_id, accepted_at, state, sender, from_domain, message_id, subject, size, client_address,
                  helo, tls, flags, transaction_id, about_id, recipients, attempts, next_at, finished_at, last_reply)
                SELECT @Id, tenant_path, subscription_id, @Now, 'delivered', '', '', '', 's', 10, '127.0.0.1', 'h', '', 16, '', id, 1, 1, 0, @Now, '250 ok' FROM mail_message WHERE id = @About
                """,
                new { Id = id, About = _things["message"], Now = time.NowMicros() }),
            CancellationToken.None);
        return id;
    }

    /// <summary>Applies the file and returns the id of the first thing it made.</summary>
    private static async Task<string> ApplyAsync(TestApi api, JsonObject document)
    {
        var plan = await api.PostAsync("/apply/plan", new { document });
        var result = await api.PostAsync("/apply", new { document, expectedPlan = (string)plan["hash"]! });
        Assert.True(((JsonArray)result["done"]!).Count > 0, result.ToJsonString());
        return (string)result["done"]![0]!["id"]!;
    }

    private static string Id(JsonNode thing) => (string)thing["id"]!;

    private static async Task<T> UntilAsync<T>(Func<Task<T>> read, Func<T, bool> holds)
    {
        for (var i = 0; ; i++)
        {
            var value = await read();
            if (holds(value))
            {
                return value;
            }

            Assert.True(i < 200, $"nothing came within twenty seconds: {value}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
        }
    }
}
