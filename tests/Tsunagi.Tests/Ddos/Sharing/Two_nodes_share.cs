using System.Net;
using System.Text.Json.Nodes;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Ddos.Sharing;

/// <summary>Two providers' nodes, each with its own store, exchange incidents over TAXII: one is sent, the other is asked for.</summary>
public class Two_nodes_share
{
    [Fact]
    public async Task What_one_shares_the_other_shows_until_it_is_withdrawn_and_RED_never_leaves()
    {
        using var secrets = new TemporaryDirectory();
        await using var there = await SharingNode.StartAsync("b.example");
        await using var here = await SharingNode.StartAsync("a.example", $"[{await there.PeerAsync("b", "both", secrets, poll: true, push: true)}]");
        var (a, b) = (here.World.Node.Operator, there.World.Node.Operator);

        // RED, and what is closer than the group, is refused before anything is made of it.
        var incident = await here.AttackAsync();
        Assert.Equal(HttpStatusCode.BadRequest, await a.StatusAsync(HttpMethod.Post, $"/ddos/incidents/{incident}/shares", new { group = "isps", tlp = "red", reason = "a test" }));
        Assert.Equal(HttpStatusCode.BadRequest, await a.StatusAsync(HttpMethod.Post, $"/ddos/incidents/{incident}/shares", new { group = "isps", tlp = "amber+strict", reason = "a test" }));
        Assert.Equal(HttpStatusCode.BadRequest, await a.StatusAsync(HttpMethod.Post, $"/ddos/incidents/{incident}/shares", new { group = "nobody", tlp = "amber", reason = "a test" }));
        Assert.Empty(await ReceivedAsync(b));

        // What the preview shows is what leaves, and it does not say whose it is.
        var preview = await a.GetAsync($"/ddos/incidents/{incident}/share-preview?group=isps&tlp=amber");
        Assert.DoesNotContain("192.0.2.1", preview.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(here.World.Tenant, preview.ToJsonString(), StringComparison.Ordinal);
        var share = (string)(await a.PostAsync($"/ddos/incidents/{incident}/shares", new { group = "isps", tlp = "amber", reason = "a test" }))["id"]!;
        await DdosNode.UntilAsync(async () => (await ReceivedAsync(b)).Count == 1);
        var received = (await ReceivedAsync(b))[0]!;
        Assert.Equal(("both", "dns-reflection", "amber", "anonymised"), ((string)received["peer"]!, (string)received["vector"]!, (string)received["tlp"]!, (string)received["victim"]!));
        Assert.Equal((string)received["name"]!, (string)(await b.GetAsync("/ddos/shared-with-us/" + (string)received["id"]!))["name"]!);

        // Its customer sees that it was shared, and nothing of what others share.
        Assert.Equal(share, (string)(await here.World.Customer.GetAsync("/ddos/shares"))["items"]![0]!["id"]!);
        Assert.Equal(HttpStatusCode.Forbidden, await there.World.Customer.StatusAsync(HttpMethod.Get, "/ddos/shared-with-us"));
        Assert.Equal(HttpStatusCode.Forbidden, await here.World.Customer.StatusAsync(HttpMethod.Post, $"/ddos/incidents/{incident}/shares", new { group = "isps", tlp = "amber", reason = "a test" }));

        // The same attack there: its sources are known from us, and nothing of them is blocked.
        var other = await there.AttackAsync();
        await DdosNode.UntilAsync(async () => ((JsonArray)(await b.GetAsync($"/ddos/incidents/{other}/known-sources"))["items"]!).Count > 0);
        await DdosNode.UntilAsync(async () => (await there.World.EventTypesAsync()).Contains("ddos.incident.sources-known@1"));
        Assert.Empty((JsonArray)(await b.GetAsync("/ddos/mitigations"))["items"]!);

        // The other way round it is asked for; shared twice it is one.
        foreach (var level in (string[])["green", "amber"])
        {
            await b.PostAsync($"/ddos/incidents/{other}/shares", new { group = "isps", tlp = level, reason = "a test" });
        }

        await DdosNode.UntilAsync(async () => (await ReceivedAsync(a)) is [{ } one] && (string)one["tlp"]! == "amber");

        // The end is told by itself, the withdrawal by the operator.
        await DdosNode.UntilAsync(async () => (await ReceivedAsync(b))[0]!["closedAt"] is not null);
        await a.PostAsync($"/ddos/shares/{share}/withdraw", new { });
        await DdosNode.UntilAsync(async () => (bool)(await ReceivedAsync(b))[0]!["isRevoked"]!);
        await DdosNode.UntilAsync(async () => ((JsonArray)(await b.GetAsync($"/ddos/incidents/{other}/known-sources"))["items"]!).Count == 0);
    }

    [Fact]
    public async Task A_peer_that_does_not_take_our_token_is_told_with_what_to_do_and_told_again_when_it_does()
    {
        using var secrets = new TemporaryDirectory();
        await using var there = await SharingNode.StartAsync("b.example");
        var peer = await there.PeerAsync("b", "both", secrets, poll: true, push: false);
        var file = Path.Combine(secrets.Path, "b.token");
        var token = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(file, "tsk_wrong", TestContext.Current.CancellationToken);
        await using var here = await SharingNode.StartAsync("a.example", $"[{peer}]");
        await DdosNode.UntilAsync(async () => (await here.World.EventTypesAsync()).Contains("ddos.peer.failing@1"));
        var failing = (await here.World.Node.Operator.GetAsync("/ddos/sharing"))["peers"]![0]!;
        Assert.Contains("401", (string)failing["problem"]!, StringComparison.Ordinal);
        Assert.NotNull(failing["failingSince"]);
        await File.WriteAllTextAsync(file, token, TestContext.Current.CancellationToken);
        await DdosNode.UntilAsync(async () => (await here.World.EventTypesAsync()).Contains("ddos.peer.back@1"));
        Assert.Null((await here.World.Node.Operator.GetAsync("/ddos/sharing"))["peers"]![0]!["problem"]);
    }

    private static async Task<JsonArray> ReceivedAsync(Tsunagi.Tests.Host.TestApi api) => (JsonArray)(await api.GetAsync("/ddos/shared-with-us"))["items"]!;
}
