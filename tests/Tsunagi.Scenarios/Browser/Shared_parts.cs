using Microsoft.Playwright;

namespace Tsunagi.Scenarios.Browser;

/// <summary>The gallery of shared parts in a real browser.</summary>
public sealed class Shared_parts(PartsHost host, Chromium chromium) : IClassFixture<PartsHost>, IClassFixture<Chromium>
{
    [Fact]
    public async Task Gallery_has_no_fault_in_any_variant()
    {
        chromium.Require();
        List<string> faults = [];
        foreach (var variant in Variant.All)
        {
            await using var context = await chromium.Browser.NewContextAsync(variant.ContextOptions);
            await context.AddCookiesAsync(variant.CookiesFor(host.Address));
            var page = await context.NewPageAsync();
            var watch = new PageWatch(page, host.Address);
            await page.VisitAsync(host.Address + "/console/_parts", new() { WaitUntil = WaitUntilState.Load });
            await page.Locator(".uplot").First.WaitForAsync();
            faults.AddRange((await PageChecks.FindAsync(page)).Concat(watch.Complaints).Select(fault => $"{variant.Name}: {fault}"));
            await Screenshots.TakeAsync(page, "parts", variant);
        }

        Assert.Empty(faults);
    }
}
