using System.Buffers;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Events;
using Tsunagi.Core.Logs;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Spool;
using Tsunagi.Tests.Host;

namespace Tsunagi.Tests.Isolation;

/// <summary>
/// A provider with a reseller that has two customers, a second reseller, and one customer of its own. The first customer has one of everything; every
/// thing's id stands under the name of the route parameter that takes it.
/// </summary>
internal sealed class IsolationWorld : IAsyncDisposable
{
    private readonly Dictionary<string, string> _things = [];

    private IsolationWorld(TestNode node, TestApi owner, IReadOnlyDictionary<string, TestApi> others)
    {
        Node = node;
        Owner = owner;
        Others = others;
    }

    public TestNode Node { get; }

    /// <summary>The first customer's administrator.</summary>
    public TestApi Owner { get; }

    /// <summary>Everyone who must see nothing of it.</summary>
    public IReadOnlyDictionary<string, TestApi> Others { get; }

    /// <summary>Ids of the owner's things by route parameter ("tenant", "domain").</summary>
    public IReadOnlyDictionary<string, string> Things => _things;

    public static async Task<IsolationWorld> MakeAsync(string? postgres = null)
    {
        var node = await TestNode.StartAsync(postgres);
        var (reseller, _) = await node.AddTenantAsync(null, "reseller", "reseller-a");
        var (_, otherReseller) = await node.AddTenantAsync(null, "reseller", "reseller-b");
        var (tenant, owner) = await node.AddTenantAsync(reseller, "customer", "owner");
        var (_, sibling) = await node.AddTenantAsync(reseller, "customer", "sibling");
        var (_, stranger) = await node.AddTenantAsync(null, "customer", "stranger");
        var world = new IsolationWorld(
            node, owner, new Dictionary<string, TestApi> { ["reseller-b"] = otherReseller, ["sibling"] = sibling, ["stranger"] = stranger });
        await world.FillAsync(tenant);
        return world;
    }

    /// <summary>The routes that answer a GET with one thing or a list below one thing: those with a parameter.</summary>
    public IEnumerable<string> RoutesWithThings() => Routes().Where(static pattern => pattern.Contains('{'));

    /// <summary>Every GET route of the API, without its prefix.</summary>
    public IEnumerable<string> Routes() =>
        Node.Services.GetServices<EndpointDataSource>().SelectMany(static source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(static endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("GET") == true)
            .Select(static endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/'))
            .Where(static pattern => pattern.StartsWith("/api/v1/", StringComparison.Ordinal) && !pattern.EndsWith("openapi.json", StringComparison.Ordinal))
            .Select(static pattern => pattern["/api/v1".Length..].TrimEnd('/'))
            .Distinct().Order(StringComparer.Ordinal);

    /// <summary>The route with the owner's ids in it, or the name of a parameter nobody gave a thing for.</summary>
    public (string? Path, string? Missing) Fill(string pattern)
    {
        while (pattern.IndexOf('{') is >= 0 and var open)
        {
            var close = pattern.IndexOf('}', open);
            var name = pattern[(open + 1)..close];
            if (!_things.TryGetValue(name, out var id))
            {
                return (null, name);
            }

            pattern = pattern[..open] + Uri.EscapeDataString(id) + pattern[(close + 1)..];
        }

        return (pattern, null);
    }

    public async ValueTask DisposeAsync()
    {
        Owner.Dispose();
        foreach (var other in Others.Values)
        {
            other.Dispose();
        }

        await Node.DisposeAsync();
    }

    private async Task FillAsync(string tenant)
    {
        var op = Node.Operator;
        await op.PutAsync("/plans/mail", new
        {
            code = "mail", specification = "mail.gateway", nameEn = "Mail", nameJa = "メール", currency = "JPY", prices = new[] { new { model = "flat", label = "Fee", amount = 100 } },
        });
        _things["tenant"] = tenant;
        _things["plan"] = "mail";
        _things["contact"] = Id(await op.PostAsync($"/tenants/{tenant}/contacts", new { role = "technical", name = "Owner's contact", email = "c@owner.example" }));
        _things["domain"] = Id(await op.PostAsync("/domains", new { tenantId = tenant, name = "owner.example" }));
        await op.PostAsync($"/domains/{_things["domain"]}/approve", new { reason = "a test" });
        _things["prefix"] = Id(await op.PostAsync("/prefixes", new { tenantId = tenant, cidr = "192.0.2.0/24" }));
        _things["site"] = Id(await op.PostAsync("/sites", new { tenantId = tenant, name = "Owner's site" }));
        _things["subscription"] = Id(await op.PostAsync("/subscriptions", new
        {
            tenantId = tenant, plan = "mail", name = "Owner's mail", settings = new { domains = new[] { "owner.example" }, nextHop = "127.0.0.1:9" },
        }));
        _things["hold"] = Id(await op.PostAsync($"/subscriptions/{_things["subscription"]}/holds", new { kind = "technical", reason = "a test" }));
        await op.PostAsync("/usage", new
        {
            subscriptionId = _things["subscription"], meter = "mail.messages", at = TimeProvider.System.GetUtcNow(), quantity = 5, foreignKey = "k1", reason = "a test",
        });
        using var list = new HttpRequestMessage(HttpMethod.Put, $"/api/v1/mail/recipient-lists/{_things["subscription"]}")
        {
            Content = new StringContent("b@owner.example\n", System.Text.Encoding.UTF8, "text/csv"),
        };
        using var listed = await op.Http.SendAsync(list);
        Assert.True(listed.IsSuccessStatusCode, await listed.Content.ReadAsStringAsync());
        var users = (JsonArray)(await Owner.GetAsync("/users"))["items"]!;
        _things["user"] = (string)users[0]!["id"]!;
        _things["token"] = (string)(await Owner.PostAsync("/tokens", new { name = "t", permissions = new[] { "core.tenant.read" } }))["token"]!["id"]!;
        _things["role"] = Id(await Owner.PostAsync("/roles", new { name = "Owner's role", permissions = new[] { "core.tenant.read" } }));
        _things["webhook"] = (string)(await Owner.PostAsync("/webhooks", new { name = "Owner's hook", url = "https://hook.owner.example/", events = new[] { "none" } }))["webhook"]!["id"]!;
        await AddDeliveryAsync(tenant);
        _things["message"] = await AddMessageAsync(tenant);
        var events = await UntilAsync(async () => (JsonArray)(await Owner.GetAsync("/events"))["items"]!, static items => items.Count > 0);
        _things["event"] = (string)events[0]!["id"]!;
        _things["entry"] = (string)((JsonArray)(await Owner.GetAsync("/audit"))["items"]!)[0]!["id"]!;
    }

    /// <summary>A delivery of the webhook, as its handler writes it.</summary>
    private async Task AddDeliveryAsync(string tenant)
    {
        var control = Node.Services.GetRequiredService<Stores>().Control;
        var path = await control.ReadAsync(reader => reader.FirstOrDefaultAsync<string>("SELECT tenant_path FROM tenant WHERE id = @Id", new { Id = tenant }), CancellationToken.None);
        await control.WriteAsync(
            transaction => transaction.ExecuteAsync(
                """
                INSERT INTO webhook_delivery (webhook_id, event_id, tenant_path, type, state, attempts, first_at, tried_at, status, problem)
                VALUES (@Webhook, 'e_one', @Path, 'tenant.changed@1', 'told', 1, 1, 1, 200, NULL)
                """,
                new { Webhook = _things["webhook"], Path = path }),
            CancellationToken.None);
    }

    /// <summary>A row of the trace, as the projector writes it.</summary>
    private async Task<string> AddMessageAsync(string tenant)
    {
        var stores = Node.Services.GetRequiredService<Stores>();
        var time = TimeProvider.System;
        var id = global::Tsunagi.Core.Ids.Id.New("m", time);
        var path = await stores.Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<string>("SELECT tenant_path FROM tenant WHERE id = @Id", new { Id = tenant }), CancellationToken.None);
        await stores.Projections.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO mail_message (id, tenant_path, subscription_id, accepted_at, state, sender, from_domain, message_id, subject, size, client_address,
                      helo, tls, flags, transaction_id, about_id, recipients, attempts, next_at, finished_at, last_reply)
                    VALUES (@Id, @Path, @Subscription, @Now, 'delivered', 'a@sender.example', 'sender.example', 'one@sender.example', 's', 10, '127.0.0.1',
                      'h', '', 0, '', '', 1, 1, 0, @Now, '250 ok')
                    """,
                    new { Id = id, Path = path, Subscription = _things["subscription"], Now = time.NowMicros() });
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO mail_recipient (message_id, position, tenant_path, recipient, state, reply, updated_at)
                    VALUES (@Id, 0, @Path, 'b@owner.example', 'delivered', '250 ok', @Now)
                    """,
                    new { Id = id, Path = path, Now = time.NowMicros() });
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO mail_attempt (message_id, attempt, tenant_path, started_at, ended_at, next_hop, address, tls, next_at, replies, report_id)
                    VALUES (@Id, 1, @Path, @Now, @Now, '127.0.0.1:9', '127.0.0.1', '', 0, '[]', '')
                    """,
                    new { Id = id, Path = path, Now = time.NowMicros() });
                return true;
            },
            CancellationToken.None);

        // Its content too is here, as long as it waits.
        Assert.True(SpoolId.TryParse(id, out var spoolId));
        var spool = Node.Services.GetRequiredService<MailSpool>();
        using var body = spool.BeginBody();
        body.Write("Subject: s\r\n\r\nowner.example\r\n"u8);
        await spool.AcceptAsync(
            spoolId,
            new AcceptFacts
            {
                AcceptedMicros = time.NowMicros(), Flags = MessageFlags.Held, TenantPath = path!, Subscription = _things["subscription"], ReversePath = "a@sender.example",
                Recipients = ["b@owner.example"], SizeBytes = body.Length,
            },
            new FactsWriter(), body);
        return id;
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

            Assert.True(i < 100, "nothing came within ten seconds");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
        }
    }
}
