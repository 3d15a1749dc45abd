using System.Net;
using System.Text.Json.Nodes;
using Tsunagi.Routing.Try;
using Tsunagi.Tests.Routing;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.Mitigate;

/// <summary>A whole node: flows come, and a rule is on the router; who may decide so, and who may not.</summary>
public sealed class From_flow_to_rule
{
    [Fact]
    public async Task An_attack_puts_its_rule_on_the_router_where_an_operator_decided_so()
    {
        await using var router = new TrialRouter();
        await using var world = await DdosNode.StartAsync(new Dictionary<string, string>
        {
            ["ddos.mitigate"] = """{"mostCollateralPermille":100}""", ["routing.identifier"] = "10.0.0.1", ["routing.firstRetry"] = "00:00:00.100",
            ["routing.peers"] = $$"""[{"name":"router","address":"127.0.0.1","port":{{router.Port}},"as":64512}]""",
        });
        var path = $"/ddos/protections/{world.Subscription}/mode";
        Assert.Equal(HttpStatusCode.Conflict, await world.Customer.StatusAsync(HttpMethod.Put, path, new { mode = "automatic", reason = "a test", withoutReport = true }));
        Assert.Equal("observe", (string)(await world.Customer.GetAsync("/ddos/protections"))["items"]![0]!["mode"]!);
        Assert.Equal(HttpStatusCode.BadRequest, await world.Node.Operator.StatusAsync(HttpMethod.Put, path, new { mode = "always", reason = "a test" }));

        // Observed: it is told, with what would stop it, and nothing goes out.
        JsonNode? incident = null;
        await world.AttackUntilAsync(async () =>
            (incident = (await world.IncidentsAsync(world.Customer)).FirstOrDefault()) is not null && incident["proposal"]?["rules"] is JsonArray { Count: > 0 });
        Assert.Equal("dns-reflection", (string)incident!["vector"]!);
        Assert.True(router.Routes.IsEmpty);
        Assert.Equal(HttpStatusCode.Conflict, await world.Customer.StatusAsync(HttpMethod.Post, $"/ddos/incidents/{incident["id"]}/release", new { }));

        await world.Node.Operator.PutAsync(path, new { mode = "automatic", reason = "a test", withoutReport = true });

        // Beside the attack the target gets what it always gets: what a rule would do to that is known, so it goes out.
        await world.AttackUntilAsync(() => Task.FromResult(router.Routes.Keys.Any(static rule => rule.StartsWith("dst 192.0.2.1/32 proto udp sport 53", StringComparison.Ordinal))), AttackAndOwn);
        var rules = (JsonArray)(await world.Customer.GetAsync("/ddos/mitigations"))["items"]!;
        Assert.All(rules, rule => Assert.Equal(("automatic", true, (string)incident["id"]!), ((string)rule!["madeBy"]!, (bool)rule["follows"]!, (string)rule["incidentId"]!)));
        await DdosNode.UntilAsync(async () => (await world.EventTypesAsync()).Contains("ddos.mode.changed@1"));

        // Who is protected may stop that, and no more.
        await world.Customer.PutAsync(path, new { mode = "observe", reason = "a test" });
        Assert.Equal("observe", (string)(await world.Customer.GetAsync("/ddos/protections"))["items"]![0]!["mode"]!);
    }

    private static byte[] AttackAndOwn(uint sequence) =>
        sequence / 30 % 2 == 0 ? Exports.NetFlow5(30, sequence, packets: 10) : Exports.NetFlow5(30, sequence, packets: 10, octetsEach: 1_400, protocol: 6, flags: 0x18, sourcePort: 443);
}
