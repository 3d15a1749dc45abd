using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.BackOffice.Runs;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Inbound;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Try;
using Tsunagi.Tests.Host;
using Tsunagi.Tests.Mail.Quarantine;

namespace Tsunagi.Tests.Isolation;

/// <summary>
/// A provider with a reseller that has two customers, a second reseller, and one customer of its own. The first customer has one of everything; every
/// thing's id stands under the name of the route parameter that takes it. What the others' pages count is noted before any of it was there.
/// </summary>
internal sealed class IsolationWorld : IAsyncDisposable
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
    public IReadOnlyList<string> Secrets => [.. _things.Where(static t => t.Key is not ("plan" or "nextHop" or "billLine")).Select(static t => t.Value), "owner.example", "Owner's"];

    /// <summary>What the others' pages counted before the owner had anything, by asker and path.</summary>
    public IReadOnlyDictionary<(string Name, string Path), string> Before { get; private set; } = new Dictionary<(string, string), string>();

    public static async Task<IsolationWorld> MakeAsync(string? postgres = null)
    {
        var node = await TestNode.StartAsync(postgres, new Dictionary<string, string>
        {
            ["routers.cwmp"] = """{"listen":["127.0.0.1:0"],"open":true}""", ["backoffice.latestCommit"] = "00:00:00",
        });

        // What an operator may give to a tenant's people besides: no answer may then be "you lack a permission" where it should be "there is no such thing".
        var role = Id(await node.Operator.PostAsync("/roles", new { name = "More", permissions = new[] { "core.hold.write", "core.usage.write", "core.apply.write", "backoffice.account.write", "backoffice.credit.write", "backoffice.payment.write" } }));
        await node.Operator.PutAsync("/plans/mail", new
        {
            code = "mail", specification = "mail.gateway", nameEn = "Mail", nameJa = "メール", currency = "JPY",
            prices = new object[]
            {
                new { model = "flat", label = "Fee", amount = 100 }, new { model = "perUnit", label = "Messages", meter = "mail.messages", amount = 1 },
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

    private static string Singular(string nouns) => nouns switch { "prefixes" => "prefix", "audit" => "entry", _ => nouns.TrimEnd('s') };

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
                  error_percent, opened_at, last_above_at, closed_at, close_reason, peak_packets, peak_bits, peak_flows, now_packets, now_bits, sources, mean_octets, top_sources, top_ports)
                SELECT @Id, tenant_path, tenant_id, id, 'elsewhere', '198.18.7.1/32', 'host', 'dns-reflection', 'packets', 1000, 'r', 2000, 40, 50, 'Header', 31.0, @Now, @Now, NULL, '', 2000, 8000000, 0,
                  2000, 8000000, 10, 500, '[]', '[]' FROM subscription WHERE id = @Subscription
                """,
                new { Id = _things["incident"], Subscription = subscription, Now = TimeProvider.System.NowMicros() }),
            CancellationToken.None);
        _things["mitigation"] = Id(await Owner.PostAsync("/ddos/mitigations", new { blackhole = "198.18.7.1/32", reason = "a test", incident = _things["incident"] }));
    }

    /// <summary>Two lines under a contract.</summary>
    private async Task FillConnectivityAsync(string tenant)
    {
        var op = Node.Operator;
        foreach (var (name, cidr) in ((string, string)[])[("ipamPrefix3", "198.18.8.0/23"), ("ipamPrefix", "198.18.9.0/24"), ("ipamPrefix2", "198.18.9.128/26")])
        {
            _things[name] = Id(await op.PostAsync("/connectivity/prefixes", new { cidr, tenantId = tenant }));
        }

        _things["IpamPrefix"] = _things["ipamPrefix"];
        await op.PostAsync("/connectivity/pools", new { name = "access", cidr = "198.18.8.0/24", partLength = 32 });
        _things["access"] = Id(await op.PostAsync("/subscriptions", new { tenantId = tenant, plan = "broadband", name = "Owner's access", quantity = 9, settings = new { ipv4Pool = "access" } }));
        foreach (var number in (string[])["", "2"])
        {
            _things["line" + number] = Id((await op.PostAsync("/connectivity/lines", new { subscriptionId = _things["access"], userName = $"line{number}@owner.example" }))["line"]!);
        }

        await AddUsageAsync();
        await AddLineSessionAsync();
    }

    /// <summary>A session of the line as accounting makes it, and what was asked about it.</summary>
    private async Task AddLineSessionAsync()
    {
        _things["lineSession"] = global::Tsunagi.Core.Ids.Id.New("cs", TimeProvider.System);
        var facts = new { Id = _things["lineSession"], Line = _things["line"], Act = global::Tsunagi.Core.Ids.Id.New("ca", TimeProvider.System), Now = TimeProvider.System.NowMicros() };
        await Node.Services.GetRequiredService<Stores>().Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO connectivity_session (id, session_key, tenant_path, tenant_id, line_id, subscription_id, nas_id, nas_name, nas_session_id, user_name, station, called, port, source, v4, v6, link_prefix,
                      delegated_prefix, started_at, last_event_at, last_seen_at, seconds, octets_in, octets_out, counters, interim_seconds, ended_at, cause, node, updated_at)
                    SELECT @Id, 'k', tenant_path, tenant_id, id, subscription_id, 'na_x', 'bras', 's1', user_name, '', '', '', '192.0.2.1:1813', '198.18.8.77', '', '', '', @Now, @Now, @Now, 60, 1, 2, 'g', 300, NULL, '',
                      'elsewhere', @Now FROM connectivity_line WHERE id = @Line
                    """,
                    facts);
                return await transaction.ExecuteAsync(
                    """
                    INSERT INTO connectivity_session_act (id, tenant_path, session_id, line_id, kind, reason, made_by, made_by_name, target, sent_at, outcome, error_cause, answered_at, tries)
                    SELECT @Act, tenant_path, @Id, id, 'disconnect', 'a test', 'system', 'system', '192.0.2.1:3799', @Now, 'ack', '', @Now, 1 FROM connectivity_line WHERE id = @Line
                    """,
                    facts);
            },
            CancellationToken.None);
    }

    /// <summary>A billing account, an invoice of a run that another operator released, and a payment of a part of it.</summary>
    private async Task FillBackOfficeAsync(string tenant)
    {
        var op = Node.Operator;
        _things["account"] = Id(await op.PostAsync("/backoffice/accounts", new { tenantId = tenant, name = "Owner's accounts" }));
        var provider = (await Node.Services.GetRequiredService<Stores>().Control.ReadAsync(
            static reader => reader.FirstOrDefaultAsync<string>("SELECT tenant_path FROM tenant WHERE kind = 'provider'"), CancellationToken.None))!;
        _things["run"] = Id(await op.PostAsync("/backoffice/runs", new { period = TimeProvider.System.GetUtcNow().AddHours(9).ToString("yyyy-MM", System.Globalization.CultureInfo.InvariantCulture) }));
        await UntilAsync(() => op.GetAsync("/backoffice/runs/" + _things["run"]), static run => (string)run["state"]! == "ready");
        var releaser = new Caller("u_releaser", "releaser@provider.example", new TenantScope(provider.TrimEnd('/'), provider), new HashSet<string> { "*" }, true, "en");
        var released = await Node.Services.GetRequiredService<RunOrders>().ReleaseAsync(releaser, _things["run"], CancellationToken.None);
        Assert.True(released.Ok, released.Refusal?.ToString());
        await UntilAsync(() => op.GetAsync("/backoffice/runs/" + _things["run"]), static run => (string)run["state"]! == "issued");
        var bill = (JsonArray)(await Owner.GetAsync("/backoffice/customer-bills"))["items"]!;
        _things["bill"] = _things["invoice"] = (string)bill[0]!["id"]!;
        _things["number"] = (string)bill[0]!["billNo"]!;
        _things["billLine"] = await MeteredLineAsync();
        _things["payment"] = Id(await op.PostAsync("/backoffice/payments", new { accountId = _things["account"], receivedOn = "2026-11-01", amountMinor = 1, foreignKey = "k1", payer = "Owner's bank" }));
        await AddBankPaymentAsync();
    }

    /// <summary>The number of a line that was counted: both by our own meters and by a record that a person made.</summary>
    private async Task<string> MeteredLineAsync()
    {
        var lines = (JsonArray)(await Owner.GetAsync($"/backoffice/customer-bills/{_things["bill"]}/applied-rates"))["items"]!;
        return lines.First(static line => (string?)line!["meter"] == "mail.messages")!["line"]!.ToString();
    }

    /// <summary>A payment that came by a bank's file, which the others have too (<see cref="IsolationCases.BankFile"/>).</summary>
    private async Task AddBankPaymentAsync()
    {
        var seen = await Node.Operator.PostAsync("/backoffice/bank-imports", IsolationCases.BankFile);
        _things["bankPayment"] = Id(await Node.Operator.PostAsync("/backoffice/payments", new
        {
            accountId = _things["account"], receivedOn = "2026-11-01", amountMinor = 330, foreignKey = (string)seen["lines"]![0]!["key"]!, source = "bank", allocate = false,
        }));
    }

    /// <summary>What the owner's line used, as its accounting is projected.</summary>
    private async Task AddUsageAsync() => await Node.Services.GetRequiredService<Stores>().Control.WriteAsync(
        transaction => transaction.ExecuteAsync(
            """
            INSERT INTO connectivity_usage (session_id, minute, tenant_path, line_id, subscription_id, octets_in, octets_out, seconds)
            SELECT 'ss_x', @Minute, tenant_path, id, subscription_id, 1000000, 9000000, 60 FROM connectivity_line WHERE id = @Id
            """,
            new { Id = _things["line"], Minute = TimeProvider.System.NowMicros() / 60_000_000 * 60_000_000 }),
        CancellationToken.None);

    /// <summary>A router on the owner's site, read whole; a call on it is open for the owner and for the operator.</summary>
    private async Task FillRoutersAsync(string tenant)
    {
        var op = Node.Operator;
        _things["shop"] = Id(await op.PostAsync("/sites", new { tenantId = tenant, name = "Owner's shop" }));
        var subscription = Id(await op.PostAsync("/subscriptions", new { tenantId = tenant, plan = "router", name = "Owner's router", settings = new { site = "Owner's shop", device = "00E0FC-OWNERBOX1" } }));
        await UntilAsync(async () => (JsonArray)(await Owner.GetAsync($"/subscriptions/{subscription}/running"))["items"]!, static nodes => nodes.Any(static node => node!["whyNotYet"] is null));
        var acs = Node.Services.GetRequiredService<global::Tsunagi.Routers.Cwmp.AcsListener>().EndPoints[0];
        await using var fleet = new global::Tsunagi.Routers.Simulate.SimulatedFleet(new Uri($"http://{acs}/"), TimeProvider.System);
        var router = new global::Tsunagi.Routers.Simulate.SimulatedRouter(global::Tsunagi.Routers.Simulate.SimulatedTree.BuiltIn(tr181: true), "00E0FC", "OWNERBOX1");
        fleet.Add(router);
        Assert.True(await fleet.CallAsync(router, CancellationToken.None), router.Last);
        _things["device"] = (string)((JsonArray)(await Owner.GetAsync("/routers/devices"))["items"]!).Single()!["id"]!;
        await Owner.PutAsync($"/routers/sites/{_things["site"]}/configuration", new { modules = new[] { new { id = 0, version = "1", text = "Owner's configuration" } } });
        foreach (var api in (TestApi[])[op, Owner])
        {
            await api.PostAsync($"/routers/devices/{_things["device"]}/calls", new { reason = "a test" });
        }

        await AddPullAsync();
        await AddCallsOfOthersAsync();
    }

    /// <summary>Calls of the others on the owner's router, from when they were let in: they still run, and open nothing any more.</summary>
    private async Task AddCallsOfOthersAsync() => await Node.Services.GetRequiredService<Stores>().Control.WriteAsync(
        transaction => transaction.ExecuteAsync(
            """
            INSERT INTO router_call (id, tenant_path, device_id, actor_id, actor_name, reason, opened_at, expires_at)
            SELECT 'rh_of_' || u.id, d.tenant_path, d.id, u.id, u.email, 'a test', @Now, @Until FROM router_device d JOIN identity_user u ON u.email IN @Emails WHERE d.id = @Device
            """,
            new
            {
                Device = _things["device"], Emails = Others.Keys.Select(static name => name + "@users.example").ToArray(),
                Now = TimeProvider.System.NowMicros(), Until = TimeProvider.System.NowMicros() + (long)TimeSpan.FromHours(1).TotalMicroseconds,
            }),
        CancellationToken.None);

    /// <summary>As if the owner's router had pulled its configuration.</summary>
    private async Task AddPullAsync() => await Node.Services.GetRequiredService<Stores>().Control.WriteAsync(
        async transaction =>
        {
            var device = new { Id = _things["device"] };
            await transaction.ExecuteAsync("INSERT INTO router_arms (device_id, tenant_path, given, given_at, taken, taken_at, push, push_at) SELECT d.id, d.tenant_path, 1, 1, 1, 1, '', 0 FROM router_device d WHERE d.id = @Id", device);
            return await transaction.ExecuteAsync(
                """
                INSERT INTO router_pull (id, tenant_path, device_id, site_id, at, kind, cause, firmware, address, code, number)
                SELECT 'rp_one', d.tenant_path, d.id, d.site_id, 1, 'config-solicitation', 'Owner''s cause', '', '', 100, 1 FROM router_device d WHERE d.id = @Id
                """,
                device);
        },
        CancellationToken.None);

    private async Task AddDeliveryAsync(string tenant) => await Node.Services.GetRequiredService<Stores>().Control.WriteAsync(
        transaction => transaction.ExecuteAsync(
            """
            INSERT INTO webhook_delivery (webhook_id, event_id, tenant_path, type, state, attempts, first_at, tried_at, status, problem)
            SELECT @Webhook, 'e_one', t.tenant_path, 'tenant.changed@1', 'told', 1, 1, 1, 200, NULL FROM tenant t WHERE t.id = @Id
            """,
            new { Webhook = _things["webhook"], Id = tenant }),
        CancellationToken.None);

    private async Task<IReadOnlyList<string>> SessionsAsync() => [.. ((JsonArray)await Owner.GetAsync("/session/all")).Select(static session => (string)session!["id"]!)];

    /// <summary>A message that was taken in by SMTP and waits, the report about it, and what both cost.</summary>
    private async Task FillMailAsync()
    {
        await UntilAsync(async () => (JsonArray)(await Owner.GetAsync($"/subscriptions/{_things["subscription"]}/running"))["items"]!, static nodes => nodes.Any(static node => node!["whyNotYet"] is null));
        var port = Node.Services.GetRequiredService<MailListener>().EndPoints[0].Port;
        await using (var sender = await SmtpSender.ConnectAsync("127.0.0.1", port, "sender.example", NextHopTls.Never, TimeProvider.System, CancellationToken.None))
        {
            var result = await sender.SendAsync("a@sender.example", ["b@owner.example"], Encoding.ASCII.GetBytes("Subject: s\r\nMessage-ID: <one@sender.example>\r\n\r\nhello\r\n"));
            Assert.True(result.IsAccepted, string.Join(' ', result.Replies));
        }

        var waiting = await UntilAsync(
            async () => (JsonArray)(await Owner.GetAsync("/mail/messages?state=deferred"))["items"]!, static items => items.Count == 1);
        _things["message"] = (string)waiting[0]!["id"]!;
        _things["nextHop"] = NextHop;
        await FillQuarantineAsync();
        _things["report"] = await AddReportAsync();
        await AddDeltasAsync();
    }

    /// <summary>Messages that are held, and rules about senders.</summary>
    private async Task FillQuarantineAsync()
    {
        var path = await Node.Services.GetRequiredService<Stores>().Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<string>("SELECT tenant_path FROM tenant WHERE id = @Id", new { Id = _things["tenant"] }), CancellationToken.None);
        foreach (var number in (string[])["", "2", "3", "4", "5"])
        {
            await HeldMail.PutAsync(
                Node.Services, HeldMail.Facts(HoldClass.Spam, ["b@owner.example"], path!, _things["subscription"], subject: "Owner's bill") with { ReversePath = "x@sender.example" }, HeldMail.Content);
            var items = await UntilAsync(async () => (JsonArray)(await Owner.GetAsync("/mail/quarantine"))["items"]!, items => items.Count == (number.Length == 0 ? 1 : number[0] - '0'));
            _things["held" + number] = (string)items[0]!["id"]!;
            if (number is "" or "2")
            {
                _things["sender" + number] = Id(await Owner.PostAsync("/mail/senders", new { scope = "recipient", owner = "b@owner.example", sender = $"x{number}@sender.example", rule = "block" }));
            }
        }

        // As its recipient would by the link of a digest.
        await Node.Services.GetRequiredService<Stores>().Control.WriteAsync(
            transaction => transaction.ExecuteAsync("UPDATE mail_held SET state = 'requested' WHERE id = @Id", new { Id = _things["held5"] }), CancellationToken.None);
    }

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
