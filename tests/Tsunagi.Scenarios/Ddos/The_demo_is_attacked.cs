using Microsoft.Playwright;
using Tsunagi.Scenarios.Browser;

namespace Tsunagi.Scenarios.Ddos;

/// <summary>The demo's attack as its operator sees it: begun at the prompt, found, told with its sources and the rule that went out by itself, and over with the rule lifted.</summary>
[Collection(SharedDemo.Name)]
public sealed class The_demo_is_attacked(DemoProcess demo, Chromium chromium) : IClassFixture<Chromium>
{
    private const string Target = "192.0.2.2/32";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task An_attack_begun_at_the_prompt_is_found_answered_and_lifted()
    {
        chromium.Require();
        List<string> faults = [];
        await using var context = await demo.OpenAsync(chromium, Variant.All[0]);
        var page = await context.NewPageAsync();
        var watch = new PageWatch(page, demo.Address);
        await demo.SignInAsync(page, demo.Operator);
        await demo.SayAsync("attack", "an attack goes to");

        // It stands in the list, as one that goes on.
        var row = page.Locator("table.data tbody tr", new() { HasText = Target }).First;
        await UntilAsync("an incident is open", async () =>
        {
            await page.VisitAsync(demo.Address + "/console/ddos/incidents?state=open");
            return await row.CountAsync() > 0;
        });
        await LookAsync(page, "demo-attack-list", Variant.All[0], faults);
        await row.Locator("a").First.ClickAsync();
        await page.ArriveAsync("**/ddos/incidents/di_*");
        var incident = page.Url;

        // What it is, how large, from where; and the rule that a router holds, though nobody touched anything.
        var released = page.Locator("section.panel", new() { HasText = "Rules against it" }).Locator("tbody tr", new() { HasText = "udp" });
        await UntilAsync("a rule went out by itself", async () =>
        {
            await page.VisitAsync(incident);
            return await released.CountAsync() > 0;
        });
        await Assertions.Expect(page.Locator("h1")).ToContainTextAsync(Target);
        await Assertions.Expect(page.Locator("h1")).ToContainTextAsync("DNS");
        await Assertions.Expect(page.Locator("section.panel", new() { HasText = "Source ports" }).First).ToContainTextAsync("udp/53");
        var sources = await page.Locator("section.panel").Filter(new() { Has = page.GetByRole(AriaRole.Heading, new() { Name = "Sources", Exact = true }) }).Locator("tbody tr td:first-child").AllInnerTextsAsync();
        Assert.Equal(10, sources.Count);
        Assert.All(sources, static source => Assert.StartsWith("198.51.100.", source, StringComparison.Ordinal));
        await Assertions.Expect(released.First).ToContainTextAsync("192.0.2.2/32");
        foreach (var variant in Variant.All)
        {
            await using var own = await demo.OpenAsync(chromium, variant);
            var other = await own.NewPageAsync();
            await demo.SignInAsync(other, demo.Operator);
            await other.VisitAsync(incident);
            await LookAsync(other, "demo-attack", variant, faults);
        }

        // Over: the incident closes after its quiet time and the rule goes with it.
        await demo.SayAsync("calm", "the attack is over");
        await UntilAsync("the incident is over", async () =>
        {
            await page.VisitAsync(incident);
            return (await page.Locator(".page-head .status-badge").InnerTextAsync()).Contains("Over", StringComparison.OrdinalIgnoreCase);
        });
        await UntilAsync("the rule is lifted", async () =>
        {
            await page.VisitAsync(incident);
            return await released.First.Locator(".status-badge").InnerTextAsync() is var state && state.Contains("Lifted", StringComparison.OrdinalIgnoreCase);
        });
        await LookAsync(page, "demo-attack-over", Variant.All[0], faults);
        faults.AddRange(watch.Complaints);
        Assert.Empty(faults);
    }

    private static async Task LookAsync(IPage page, string name, Variant variant, List<string> faults)
    {
        faults.AddRange((await PageChecks.FindAsync(page)).Select(fault => $"{name} {variant.Name}: {fault}"));
        await Screenshots.TakeAsync(page, name, variant);
    }

    private static async Task UntilAsync(string what, Func<Task<bool>> isSo)
    {
        using var deadline = new CancellationTokenSource(Patience, TimeProvider.System);
        while (!await isSo())
        {
            Assert.False(deadline.IsCancellationRequested, $"not within {Patience.TotalSeconds:0} s: {what}");
            await Task.Delay(Pause, TimeProvider.System);
        }
    }
}
