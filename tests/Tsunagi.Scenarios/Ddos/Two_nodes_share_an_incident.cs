using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Tsunagi.Scenarios.Browser;
using Tsunagi.Tests.Ddos.Sharing;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Scenarios.Ddos;

/// <summary>
/// Two providers with a node each. The operator of one looks at what would leave, shares an incident by a button, and it stands on the other's console within five seconds, beside its own incidents; once it is sent there and once it
/// is asked for. TLP:RED is no choice on the page, and what somebody marks RED by the API comes to nobody.
/// </summary>
public sealed class Two_nodes_share_an_incident(Chromium chromium) : IClassFixture<Chromium>
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_is_on_the_others_console_within_five_seconds_and_RED_never(bool isSent)
    {
        chromium.Require();
        using var secrets = new TemporaryDirectory();

        // Who is sent something is not asked, and who asks is not sent: the node that knows the other is the one that starts second.
        await using var first = await SharingNode.StartAsync("first.example");
        await using var second = await SharingNode.StartAsync("second.example", $"[{await first.PeerAsync("first", "both", secrets, poll: !isSent, push: isSent)}]");
        var (from, to) = isSent ? (second, first) : (first, second);
        var incident = await from.AttackAsync();

        await using var context = await SignedIn.OpenAsync(chromium, from.World.Node, Variant.All[0]);
        var page = await context.NewPageAsync();
        await page.VisitAsync($"{from.World.Node.Url}/console/ddos/incidents/{incident}/share");
        Assert.Equal(["clear", "green", "amber"], await page.Locator("select[name=tlp] option").EvaluateAllAsync<string[]>("options => options.map(option => option.value)"));
        Assert.DoesNotContain("192.0.2.1", await page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, await from.World.Node.Operator.StatusAsync(HttpMethod.Post, $"/ddos/incidents/{incident}/shares", new { group = "isps", tlp = "red", reason = "a test" }));
        Assert.Equal(0, await CountAsync(to));

        await page.Locator("form.act-form [name=reason]").FillAsync("the reflectors concern all of us");
        var began = TimeProvider.System.GetTimestamp();
        await page.Locator("form.act-form button[type=submit]").ClickAsync();
        await using var others = await SignedIn.OpenAsync(chromium, to.World.Node, Variant.All[0]);
        var console = await others.NewPageAsync();
        var row = console.Locator("table.data tbody tr", new() { HasText = "DNS reflection" });
        do
        {
            await console.VisitAsync(to.World.Node.Url + "/console/ddos/incidents");
        }
        while (await row.CountAsync() == 0 && TimeProvider.System.GetElapsedTime(began) < 4 * Within);
        var took = TimeProvider.System.GetElapsedTime(began);
        TestContext.Current.TestOutputHelper?.WriteLine($"{(isSent ? "sent" : "asked for")}: on the other's console after {took.TotalSeconds:0.00} s");
        Assert.True(took <= Within, $"it took {took}");
        await Assertions.Expect(row.First).ToContainTextAsync("Shared with us by");

        if (isSent)
        {
            await LookAsync(from, to, incident);
        }
    }

    private async Task LookAsync(SharingNode from, SharingNode to, string incident)
    {
        var foreign = (string)((JsonArray)(await to.World.Node.Operator.GetAsync("/ddos/shared-with-us"))["items"]!)[0]!["id"]!;
        List<string> faults = [];
        foreach (var variant in Variant.All)
        {
            foreach (var (node, path, name) in new[]
            {
                (from, $"incidents/{incident}/share", "ddos-share"), (from, "sharing", "ddos-sharing"), (from, "incidents/" + incident, "ddos-shared-incident"), (to, "incidents", "ddos-shared-with-us"),
                (to, "shared/" + foreign, "ddos-foreign"), (to, "sharing", "ddos-sharing-received"),
            })
            {
                await using var context = await SignedIn.OpenAsync(chromium, node.World.Node, variant);
                var page = await context.NewPageAsync();
                var watch = new PageWatch(page, node.World.Node.Url);
                await page.VisitAsync($"{node.World.Node.Url}/console/ddos/{path}", new() { WaitUntil = WaitUntilState.Load });
                faults.AddRange((await PageChecks.FindAsync(page)).Select(fault => $"{path} {variant.Name}: {fault}"));
                await Screenshots.TakeAsync(page, name, variant);
                faults.AddRange(watch.Complaints.Select(fault => $"{path} {variant.Name}: {fault}"));
            }
        }

        Assert.Empty(faults);
    }

    private static async Task<int> CountAsync(SharingNode node) => ((JsonArray)(await node.World.Node.Operator.GetAsync("/ddos/shared-with-us"))["items"]!).Count;
}
