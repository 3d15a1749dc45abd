using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Ddos.Collect;
using Tsunagi.Tests.Host;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos;

/// <summary>A whole node that collects flows on loopback, with one customer whose 192.0.2.0/24 is protected.</summary>
internal sealed class DdosNode : IAsyncDisposable
{
    private readonly Socket _sender = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    private DdosNode(TestNode node, string tenant, TestApi customer, string subscription)
    {
        Node = node;
        Tenant = tenant;
        Customer = customer;
        Subscription = subscription;
        Collector = node.Services.GetRequiredService<FlowCollector>();
        _sender.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    }

    public TestNode Node { get; }

    public string Tenant { get; }

    public TestApi Customer { get; }

    public string Subscription { get; }

    public FlowCollector Collector { get; }

    public IPEndPoint Exporter => (IPEndPoint)_sender.LocalEndPoint!;

    public static async Task<DdosNode> StartAsync(IReadOnlyDictionary<string, string>? more = null, int hostPacketsPerSecond = 1_000, string? postgres = null)
    {
        var values = new Dictionary<string, string>
        {
            ["ddos.collect.listen"] = "[\"127.0.0.1:0\"]", ["ddos.collect.exporters"] = """[{"network":"127.0.0.1/32","name":"edge"}]""",
        };
        foreach (var (key, value) in more ?? values)
        {
            values[key] = value;
        }

        var node = await TestNode.StartAsync(postgres, values);
        var (tenant, link, subscription) = await BuyAsync(node.Operator, hostPacketsPerSecond);
        var customer = new TestApi(node.Url);
        await customer.PostAsync("/session/password-link", new { token = link[(link.LastIndexOf('/') + 1)..], password = TestNode.Password });
        var world = new DdosNode(node, tenant, customer, subscription);
        var contracts = node.Services.GetRequiredService<Tsunagi.Ddos.Contract.ProtectionContracts>();
        await Eventually.HoldsAsync(() => contracts.Table.All.ContainsKey(subscription));
        return world;
    }

    /// <summary>A customer who has proved 192.0.2.0/24 and bought protection for it: the tenant, the link to its administrator's password, the subscription.</summary>
    public static async Task<(string Tenant, string PasswordLink, string Subscription)> BuyAsync(TestApi provider, int hostPacketsPerSecond, int quietSeconds = 5)
    {
        await provider.PutAsync("/plans/ddos", new { code = "ddos", specification = "ddos.protection", nameEn = "DDoS", nameJa = "DDoS対策", currency = "JPY", prices = new[] { new { model = "flat", label = "Fee", amount = 100 } } });
        var tenant = (string)(await provider.PostAsync("/tenants", new { parentId = (string?)null, kind = "customer", name = "protected" }))["id"]!;
        var user = await provider.PostAsync("/users", new { email = "protected@users.example", name = "protected", tenantId = tenant, roles = ((string[])["tenant-admin", "tenant-reader"]).Select(static role => new { role }) });
        var prefix = (string)(await provider.PostAsync("/prefixes", new { tenantId = tenant, cidr = "192.0.2.0/24" }))["id"]!;
        await provider.PostAsync($"/prefixes/{prefix}/approve", new { reason = "a test" });
        var subscription = (string)(await provider.PostAsync("/subscriptions", new
        {
            tenantId = tenant, plan = "ddos", name = "Protected",
            settings = new { prefixes = new[] { "192.0.2.0/24" }, hostPacketsPerSecond, hostBitsPerSecond = 0, prefixPacketsPerSecond = 0, prefixBitsPerSecond = 0, quietSeconds },
        }))["id"]!;
        return (tenant, (string)user["linkPath"]!, subscription);
    }

    /// <summary>One more subscription of the customer's, for another prefix, without limits.</summary>
    public async Task ProtectAsync(string cidr)
    {
        var prefix = (string)(await Node.Operator.PostAsync("/prefixes", new { tenantId = Tenant, cidr }))["id"]!;
        await Node.Operator.PostAsync($"/prefixes/{prefix}/approve", new { reason = "a test" });
        var subscription = (string)(await Node.Operator.PostAsync("/subscriptions", new
        {
            tenantId = Tenant, plan = "ddos", name = cidr,
            settings = new { prefixes = new[] { cidr }, hostPacketsPerSecond = 0, hostBitsPerSecond = 0, prefixPacketsPerSecond = 0, prefixBitsPerSecond = 0, quietSeconds = 5 },
        }))["id"]!;
        var contracts = Node.Services.GetRequiredService<Tsunagi.Ddos.Contract.ProtectionContracts>();
        await Eventually.HoldsAsync(() => contracts.Table.All.ContainsKey(subscription));
    }

    public void Send(byte[] datagram) => _sender.SendTo(datagram, Collector.Sockets[0].EndPoint);

    /// <summary>Sends an attack until something is so.</summary>
    public async Task AttackUntilAsync(Func<Task<bool>> condition, Func<uint, byte[]>? datagram = null)
    {
        var sequence = 0u;
        await UntilAsync(async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                Send(datagram?.Invoke(sequence) ?? Exports.NetFlow5(30, sequence, packets: 10));
                sequence += 30;
            }

            return await condition();
        });
    }

    /// <summary>Asks again until it is so; twenty seconds at most.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var i = 0; i < 200; i++)
        {
            if (await condition())
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.Fail("it never was so");
    }

    public async Task<JsonArray> IncidentsAsync(TestApi? api = null) => (JsonArray)(await (api ?? Node.Operator).GetAsync("/ddos/incidents"))["items"]!;

    public async Task<IReadOnlyList<string>> EventTypesAsync() =>
        [.. ((JsonArray)(await Node.Operator.GetAsync("/events?limit=200"))["items"]!).Select(static e => (string)e!["type"]!)];

    public async ValueTask DisposeAsync()
    {
        _sender.Dispose();
        Customer.Dispose();
        await Node.DisposeAsync();
    }
}
