using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Ddos.Archive;

namespace Tsunagi.Tests.Ddos.Archive;

/// <summary>A whole node: flows come in and are asked for, by whom they may be.</summary>
public sealed class Kept_flows_of_a_node
{
    [Fact]
    public async Task Operators_see_who_has_most_of_all_and_a_customer_of_what_went_to_him()
    {
        await using var world = await DdosNode.StartAsync();
        world.Send(Exports.NetFlow5(30, sequence: 0, packets: 10, octetsEach: 500));
        world.Send(Exports.NetFlow5(20, sequence: 30, packets: 3, destination: "203.0.113.9", protocol: 6, sourcePort: 443));
        var archive = world.Node.Services.GetRequiredService<FlowArchive>();
        await DdosNode.UntilAsync(() =>
        {
            lock (world.Collector.Turn)
            {
                archive.HandOver();
            }

            return Task.FromResult(archive.Kept == 50);
        });

        var all = await world.Node.Operator.GetAsync("/ddos/flows/top?last=1h");
        Assert.Equal(["192.0.2.1", "203.0.113.9"], ((JsonArray)all["items"]!).Select(static item => (string)item!["key"]!));
        Assert.Equal((50L, 30 * 10L, 2L, true), ((long)all["totalFlows"]!, (long)all["items"]![0]!["packets"]!, (long)all["keys"]!, (bool)all["isWhole"]!));
        var ports = await world.Node.Operator.GetAsync("/ddos/flows/top?by=sport&order=flows&where=proto%3Dtcp");
        Assert.Equal(("443", 20L), ((string)ports["items"]![0]!["key"]!, (long)ports["totalFlows"]!));

        var own = await world.Customer.GetAsync("/ddos/flows/top");
        Assert.Equal("192.0.2.1", (string)Assert.Single((JsonArray)own["items"]!)!["key"]!);
        Assert.Equal(30, (long)own["totalFlows"]!);
        Assert.Empty((JsonArray)(await world.Customer.GetAsync("/ddos/flows/top?where=dst%3D203.0.113.0/24"))["items"]!);

        Assert.Equal(HttpStatusCode.BadRequest, await world.Customer.StatusAsync(HttpMethod.Get, "/ddos/flows/top?where=color%3Dred"));
        Assert.Equal(HttpStatusCode.BadRequest, await world.Customer.StatusAsync(HttpMethod.Get, "/ddos/flows/top?last=367d"));
        Assert.Equal(HttpStatusCode.BadRequest, await world.Customer.StatusAsync(HttpMethod.Get, "/ddos/flows/top?last=soon"));
        var page = await world.Customer.Http.GetStringAsync("/console/ddos/traffic?by=proto&last=1h&where=port%3D53", TestContext.Current.CancellationToken);
        Assert.Contains("UDP", page, StringComparison.Ordinal);
        Assert.DoesNotContain("203.0.113.9", page, StringComparison.Ordinal);
    }
}
