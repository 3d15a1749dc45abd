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

    public static async Task<DdosNode> StartAsync(IReadOnlyDictionary<string, string>? more = null, int hostPacketsPerSecond = 1_000)
    {
        var values = new Dictionary<string, string>
        {
            ["ddos.collect.listen"] = "[\"127.0.0.1:0\"]", ["ddos.collect.exporters"] = """[{"network":"127.0.0.1/32","name":"edge"}]""",
        };
        foreach (var (key, value) in more ?? values)
        {
            values[key] = value;
        }

        var node = await TestNode.StartAsync(null, values);
        await node.Operator.PutAsync("/plans/ddos", new { code = "ddos", specification = "ddos.protection", nameEn = "DDoS", nameJa = "DDoS対策", currency = "JPY", prices = new[] { new { model = "flat", label = "Fee", amount = 100 } } });
        var (tenant, customer) = await node.AddTenantAsync(null, "customer", "protected");
        var prefix = (string)(await node.Operator.PostAsync("/prefixes", new { tenantId = tenant, cidr = "192.0.2.0/24" }))["id"]!;
        await node.Operator.PostAsync($"/prefixes/{prefix}/approve", new { reason = "a test" });
        var subscription = (string)(await node.Operator.PostAsync("/subscriptions", new
        {
            tenantId = tenant, plan = "ddos", name = "Protected",
            settings = new { prefixes = new[] { "192.0.2.0/24" }, hostPacketsPerSecond, hostBitsPerSecond = 0, prefixPacketsPerSecond = 0, prefixBitsPerSecond = 0, quietSeconds = 5 },
        }))["id"]!;
        var world = new DdosNode(node, tenant, customer, subscription);
        var contracts = node.Services.GetRequiredService<Tsunagi.Ddos.Contract.ProtectionContracts>();
        await Eventually.HoldsAsync(() => contracts.Table.All.ContainsKey(subscription));
        return world;
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
