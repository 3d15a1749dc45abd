using Microsoft.Playwright;
using Tsunagi.Tests.Mail.Directories;

namespace Tsunagi.Scenarios.Browser;

/// <summary>A customer has its recipients read from its own directory: set, tried, read; gone, and what then stands on its page.</summary>
public sealed class Directory_in_a_browser(QuarantineHost host, Chromium chromium) : IClassFixture<QuarantineHost>, IClassFixture<Chromium>
{
    [Fact]
    public async Task A_customer_sets_a_directory_tries_it_and_sees_what_is_wrong_when_it_is_away()
    {
        chromium.Require();
        await using var slapd = await Slapd.StartAsync(Enumerable.Range(0, 12).Select(static i => Slapd.Person($"u{i}", $"mail: u{i}@kita.example", $"memberOf: cn=Sales,ou=Groups,{Slapd.Base}")));
        await using var context = await host.OpenAsync(chromium, Variant.All[0]);
        var page = await context.NewPageAsync();
        await host.SignInAsync(page, QuarantineHost.Customer);
        await page.VisitAsync($"{host.Address}/console/mail/directories/{host.Subscription}");
        await page.Locator("input[name=url]").FillAsync("http://directory");
        await page.Locator("input[name=baseDn]").FillAsync("ou=Staff," + Slapd.Base);
        await SaveAsync(page);
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("is no address of a directory");
        await page.Locator("input[name=url]").FillAsync(slapd.TlsUrl);
        await page.Locator("input[name=bindName]").FillAsync(Slapd.Admin);
        await page.Locator("input[name=password]").FillAsync(Slapd.Password);
        await page.Locator("input[name=pageSize]").FillAsync("50");
        await page.Locator("textarea[name=authority]").FillAsync(slapd.Authority);
        await SaveAsync(page);
        await Assertions.Expect(page.Locator(".toast-note")).ToContainTextAsync("The directory is set");
        await page.GetByRole(AriaRole.Button, new() { Name = "Try it" }).ClickAsync();
        await Assertions.Expect(page.Locator(".toast-note")).ToContainTextAsync("Nothing was changed: 12 objects, 12 addresses", new() { Timeout = 30_000 });
        await page.GetByRole(AriaRole.Button, new() { Name = "Read now" }).ClickAsync();
        await Assertions.Expect(page.Locator(".toast-note")).ToContainTextAsync("12 objects, 12 addresses: ", new() { Timeout = 30_000 });
        await page.VisitAsync($"{host.Address}/console/mail/recipients?list={host.Subscription}");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("u11@kita.example");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("sales");

        await slapd.StopAsync();
        await page.VisitAsync($"{host.Address}/console/mail/directories/{host.Subscription}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Read now" }).ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("no connection to ldaps://127.0.0.1", new() { Timeout = 30_000, IgnoreCase = true });
        List<string> faults = [];
        foreach (var variant in Variant.All)
        {
            await using var other = await host.OpenAsync(chromium, variant);
            var looked = await other.NewPageAsync();
            await host.SignInAsync(looked, QuarantineHost.Customer);
            foreach (var (name, path) in new[] { ("directory", "/console/mail/directories/" + host.Subscription), ("recipients", "/console/mail/recipients?list=" + host.Subscription) })
            {
                await looked.VisitAsync(host.Address + path);
                faults.AddRange((await PageChecks.FindAsync(looked)).Select(fault => $"{name} {variant.Name}: {fault}"));
                await Screenshots.TakeAsync(looked, name, variant);
            }
        }

        Assert.Empty(faults);
    }

    private static Task SaveAsync(IPage page) => page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
}
