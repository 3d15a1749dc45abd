using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Ddos.Archive;
using Tsunagi.Ddos.Archive.Rollups;

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

        Assert.Equal(("raw", 100L), ((string)all["level"]!, (long)all["resolutionMilliseconds"]!));
        Assert.Equal(HttpStatusCode.BadRequest, await world.Customer.StatusAsync(HttpMethod.Get, "/ddos/flows/top?by=src&level=1m"));
        await SeriesAsync(world);

        Assert.Equal(HttpStatusCode.BadRequest, await world.Customer.StatusAsync(HttpMethod.Get, "/ddos/flows/top?where=color%3Dred"));
        Assert.Equal(HttpStatusCode.BadRequest, await world.Customer.StatusAsync(HttpMethod.Get, "/ddos/flows/top?last=367d"));
        Assert.Equal(HttpStatusCode.BadRequest, await world.Customer.StatusAsync(HttpMethod.Get, "/ddos/flows/top?last=soon"));
        var page = await world.Customer.Http.GetStringAsync("/console/ddos/traffic?by=proto&last=1h&where=port%3D53", TestContext.Current.CancellationToken);
        Assert.Contains("UDP", page, StringComparison.Ordinal);
        Assert.DoesNotContain("203.0.113.9", page, StringComparison.Ordinal);
    }

    // Over time: operators see all with whose it was, a customer his own and nobody else's.
    private static async Task SeriesAsync(DdosNode world)
    {
        var archive = world.Node.Services.GetRequiredService<FlowArchive>();
        var rollups = world.Node.Services.GetRequiredService<FlowRollups>();
        archive.Segments.Seal();
        await DdosNode.UntilAsync(() => Task.FromResult(archive.Rolled.Holds(1)));
        Assert.Equal("", rollups.Failure);
        foreach (var (step, level) in ((string, string)[])[("10s", "raw"), ("5m", "5m")])
        {
            var all = await world.Node.Operator.GetAsync($"/ddos/flows/series?by=contract&last=1h&step={step}");
            Assert.Equal((level, 50L, true), ((string)all["level"]!, (long)all["total"]!["flows"]!, (bool)all["isWhole"]!));
            Assert.Equal(new Dictionary<string, long> { [world.Subscription] = 30, [""] = 20, ["rest"] = 0 }, ((JsonArray)all["lines"]!).ToDictionary(static line => (string)line!["key"]!, static line => (long)line!["flows"]!));
            Assert.Equal((30 * 10L) + (20 * 3L), (long)all["total"]!["packets"]!);
            Assert.Equal(((JsonArray)all["moments"]!).Count, ((JsonArray)all["total"]!["bitsPerSecond"]!).Count);

            var own = await world.Customer.GetAsync($"/ddos/flows/series?by=contract&last=1h&step={step}");
            Assert.Equal(30L, (long)own["total"]!["flows"]!);
            Assert.DoesNotContain((JsonArray)own["lines"]!, static line => (string)line!["key"]! == "");
            Assert.Equal(0L, (long)(await world.Customer.GetAsync($"/ddos/flows/series?last=1h&step={step}&where=dst%3D203.0.113.0/24"))["total"]!["flows"]!);
        }

        Assert.Equal(HttpStatusCode.BadRequest, await world.Customer.StatusAsync(HttpMethod.Get, "/ddos/flows/series?last=2d&step=10s"));
        Assert.Equal(HttpStatusCode.BadRequest, await world.Customer.StatusAsync(HttpMethod.Get, "/ddos/flows/series?last=1h&step=2h"));

        // Which routers told of it, and by which interfaces it came, is the provider's.
        foreach (var asked in (string[])["top?by=exporter", "top?by=input", "top?by=output", "top?by=interface", "top?where=exporter%3D127.0.0.1", "series?by=exporter", "series?by=interface", "series?where=exporter%3D127.0.0.1"])
        {
            Assert.Equal(HttpStatusCode.Forbidden, await world.Customer.StatusAsync(HttpMethod.Get, "/ddos/flows/" + asked));
            Assert.Equal(HttpStatusCode.OK, await world.Node.Operator.StatusAsync(HttpMethod.Get, "/ddos/flows/" + asked));
        }

        foreach (var shown in (string[])["/console/ddos/series?by=interface", "/console/ddos/traffic?by=exporter"])
        {
            Assert.DoesNotContain("127.0.0.1 ", await world.Customer.Http.GetStringAsync(shown, TestContext.Current.CancellationToken), StringComparison.Ordinal);
            Assert.DoesNotContain("<option value=\"exporter\"", await world.Customer.Http.GetStringAsync(shown, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.BadRequest, await world.Customer.StatusAsync(HttpMethod.Get, "/ddos/flows/series?by=src"));
        var page = await world.Customer.Http.GetStringAsync("/console/ddos/series?by=contract&last=1h", TestContext.Current.CancellationToken);
        Assert.Contains(world.Subscription, page, StringComparison.Ordinal);
        Assert.Contains("data-chart", page, StringComparison.Ordinal);
    }
}
