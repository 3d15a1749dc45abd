using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Tsunagi.Scenarios.Browser;
using Tsunagi.Tests.BackOffice;
using Tsunagi.Tests.Host;

namespace Tsunagi.Scenarios.BackOffice;

/// <summary>The way of a bill as the provider's people see it, each page in its three variants, kept as a picture.</summary>
public sealed class BackOffice_in_a_browser(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task Bills_are_looked_at_explained_and_found_by_number()
    {
        chromium.Require();
        await using var world = await BackOfficeNode.StartAsync();
        var bills = (JsonArray)(await world.Node.Operator.GetAsync("/backoffice/customer-bills?category=invoice"))["items"]!;
        var corrected = (await world.Node.Operator.GetAsync("/backoffice/customer-bills?category=invoice&account=" + world.Accounts[0]))["items"]![0]!;
        var credit = (await world.Node.Operator.GetAsync("/backoffice/customer-bills?category=credit"))["items"]![0]!["id"];
        List<string> faults = [];
        foreach (var variant in Variant.All)
        {
            await using var context = await OpenAsync(world, variant);
            var page = await context.NewPageAsync();
            var watch = new PageWatch(page, world.Node.Url);
            foreach (var (name, path) in new[]
            {
                ("overview", ""), ("run", "/runs/" + world.Waiting), ("draft", $"/runs/{world.Waiting}/bills/{world.Accounts[0]}"), ("invoices", "/invoices"), ("invoice", $"/invoices/{corrected["id"]}"),
                ("explained", $"/invoices/{corrected["id"]}?line=2&prove=1"), ("credit", $"/invoices/{credit}"), ("accounts", "/accounts"), ("account", "/accounts/" + world.Accounts[0]), ("payments", "/payments"),
            })
            {
                await page.GotoAsync($"{world.Node.Url}/console/backoffice{path}", new() { WaitUntil = WaitUntilState.Load });
                faults.AddRange((await PageChecks.FindAsync(page)).Select(fault => $"{name} {variant.Name}: {fault}"));
                await Screenshots.TakeAsync(page, "backoffice-" + name, variant);
            }

            faults.AddRange(watch.Complaints.Select(fault => $"{variant.Name}: {fault}"));
        }

        // A number typed into the search box lands on its page.
        await using (var context = await OpenAsync(world, Variant.All[0]))
        {
            var page = await context.NewPageAsync();
            await page.GotoAsync($"{world.Node.Url}/console/search?q={bills[^1]!["billNo"]}");
            await page.WaitForURLAsync($"**/console/backoffice/invoices/{bills[^1]!["id"]}");

            // Who changed a price since the last release does not release.
            await world.Node.Operator.PutAsync("/plans/more", new { code = "more", specification = "mail.gateway", nameEn = "More", nameJa = "追加", currency = "JPY", prices = new[] { new { model = "flat", label = "More", amount = 1 } } });
            await page.GotoAsync($"{world.Node.Url}/console/backoffice/runs/{world.Waiting}");
            await page.Locator("[data-dialog=release]").ClickAsync();
            await page.Locator("#release button[type=submit]").ClickAsync();
            await Assertions.Expect(page.Locator("#release .form-errors")).ToContainTextAsync("another person");
        }

        Assert.Empty(faults);
    }

    private async Task<IBrowserContext> OpenAsync(BackOfficeNode world, Variant variant)
    {
        var context = await chromium.Browser.NewContextAsync(variant.ContextOptions);
        await context.AddCookiesAsync(variant.CookiesFor(world.Node.Url));
        var page = await context.NewPageAsync();
        await page.GotoAsync(world.Node.Url + "/sign-in");
        await page.Locator("[name=email]").FillAsync("operator@localhost");
        await page.Locator("[name=password]").FillAsync(TestNode.Password);
        await page.Locator("[name=password]").PressAsync("Enter");
        await page.WaitForURLAsync("**/console**");
        await page.CloseAsync();
        return context;
    }
}
