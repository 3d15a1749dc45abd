using System.Net;
using System.Text.Json.Nodes;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.DryRun;

/// <summary>A whole node: a dry run is asked for, waited for, read, and lets a protection go further, or does not.</summary>
public sealed class Dry_runs_of_a_node
{
    [Fact]
    public async Task A_customer_makes_one_of_his_own_and_an_operator_needs_one_that_holds()
    {
        await using var world = await DdosNode.StartAsync();
        await world.ProtectAsync("198.51.100.0/24");
        world.Send(Exports.NetFlow5(30, sequence: 0, packets: 10, octetsEach: 500));
        Assert.Equal(HttpStatusCode.NotFound, await world.Customer.StatusAsync(HttpMethod.Post, "/ddos/dry-runs", new { of = "203.0.113.1" }));
        Assert.Equal(HttpStatusCode.BadRequest, await world.Customer.StatusAsync(HttpMethod.Post, "/ddos/dry-runs", new { of = world.Tenant }));
        Assert.Equal(HttpStatusCode.BadRequest, await world.Customer.StatusAsync(HttpMethod.Post, "/ddos/dry-runs", new { of = world.Subscription, days = 91 }));

        var begun = await world.Customer.PostAsync("/ddos/dry-runs", new { of = "192.0.2.7", @as = "ask", days = 1 });
        Assert.Equal((world.Subscription, "ask"), ((string)begun["protection"]!, (string)begun["as"]!));
        JsonNode view = begun;
        await DdosNode.UntilAsync(async () => (string)(view = await world.Customer.GetAsync($"/ddos/dry-runs/{begun["id"]}"))["state"]! != "running");
        Assert.Equal(("done", true, "too-little-data"), ((string)view["state"]!, (bool)view["isCurrent"]!, (string)view["report"]!["verdict"]!["code"]!));
        Assert.Equal("192.0.2.0/24", (string)Assert.Single((JsonArray)view["report"]!["prefixes"]!)!);
        Assert.Equal((string)begun["id"]!, (string)Assert.Single((JsonArray)(await world.Customer.GetAsync("/ddos/dry-runs"))["items"]!)!["id"]!);

        // Not one after the other; operators are not held.
        Assert.Equal(HttpStatusCode.Conflict, await world.Customer.StatusAsync(HttpMethod.Post, "/ddos/dry-runs", new { of = "192.0.2.7" }));
        await world.Node.Operator.PostAsync("/ddos/dry-runs", new { of = "192.0.2.7", days = 1 });

        // Too little is known of it: it does not let the response go further, and the refusal says why.
        var path = $"/ddos/protections/{world.Subscription}/mode";
        Assert.Equal(HttpStatusCode.Conflict, await world.Node.Operator.StatusAsync(HttpMethod.Put, path, new { mode = "ask", reason = "a test" }));
        var set = await world.Node.Operator.PutAsync(path, new { mode = "ask", reason = "a test", withoutReport = true });
        Assert.Equal("without", (string)set["report"]!);
        await DdosNode.UntilAsync(async () => (await world.EventTypesAsync()).Contains("ddos.mode.without-report@1"));
        Assert.Contains("ddos.dry-run.made@1", await world.EventTypesAsync());

        foreach (var (address, text) in ((string, string)[])[("/console/ddos/dry-runs", world.Subscription), ($"/console/ddos/dry-runs/{begun["id"]}", "Too little is known"), ("/console/ddos/protections", "without a dry run")])
        {
            Assert.Contains(text, await world.Node.Operator.Http.GetStringAsync(address, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }
}
