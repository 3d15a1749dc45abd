using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace Tsunagi.Scenarios.Browser;

/// <summary>The door: wrong pairs, the second factor from its QR code on, the keys that lead to the search, the door without script.</summary>
public sealed class Sign_in(ConsoleHost host, Chromium chromium) : IClassFixture<ConsoleHost>, IClassFixture<Chromium>
{
    [Fact]
    public async Task Wrong_password_is_said_in_the_readers_language_and_keeps_what_was_typed()
    {
        chromium.Require();
        await using var context = await PlainAsync(Variant.All[1]);
        var page = await context.NewPageAsync();
        await page.VisitAsync(host.Address + "/console/events");
        await page.Locator("input[name=email]").FillAsync(SampleProvider.OperatorEmail);
        await page.Locator("input[name=password]").FillAsync("not the password");
        await page.Locator("button[type=submit]").ClickAsync();
        await Assertions.Expect(page.Locator(".form-errors")).ToHaveTextAsync("メールアドレスまたはパスワードが違います");
        await Assertions.Expect(page.Locator("input[name=email]")).ToHaveValueAsync(SampleProvider.OperatorEmail);
        await page.Locator("input[name=password]").FillAsync(ConsoleHost.OperatorPassword);
        await page.Locator("input[name=password]").PressAsync("Enter");
        await page.ArriveAsync("**/console/events");
    }

    [Fact]
    public async Task Second_factor_is_set_up_by_its_secret_and_asked_for_from_then_on()
    {
        chromium.Require();
        await using var context = await host.OpenAsync(chromium, Variant.All[0], asCustomer: true);
        var page = await context.NewPageAsync();
        await page.VisitAsync(host.Address + "/console/settings");
        await page.Locator("[data-dialog=begin-factor]").ClickAsync();
        await page.Locator("dialog[open] input[name=password]").FillAsync(ConsoleHost.CustomerPassword);
        await page.Locator("dialog[open] button[type=submit]").ClickAsync();
        await page.ArriveAsync("**/settings/authenticator");
        await Screenshots.TakeAsync(page, "authenticator", Variant.All[0]);
        var secret = await page.Locator("[data-copy]").First.GetAttributeAsync("data-copy");
        await page.Locator("input[name=code]").FillAsync(Code(secret!, 0));
        await page.Locator("input[name=code]").PressAsync("Enter");
        await page.ArriveAsync("**/console/settings");

        await using var fresh = await PlainAsync(Variant.All[0]);
        page = await fresh.NewPageAsync();
        await page.VisitAsync(host.Address + "/sign-in");
        await page.Locator("input[name=email]").FillAsync(SampleProvider.CustomerEmail);
        await page.Locator("input[name=password]").FillAsync(ConsoleHost.CustomerPassword);
        await page.Locator("input[name=password]").PressAsync("Enter");
        await page.ArriveAsync("**/sign-in/code");
        await page.Locator("input[name=code]").FillAsync("000000");
        await page.Locator("input[name=code]").PressAsync("Enter");
        await Assertions.Expect(page.Locator(".field-error")).ToContainTextAsync("wrong");

        // The code of the set-up is used up; the next one is good already.
        await page.Locator("input[name=code]").FillAsync(Code(secret!, 30));
        await page.Locator("input[name=code]").PressAsync("Enter");
        await page.ArriveAsync(host.Address + "/console");
    }

    [Fact]
    public async Task The_door_opens_without_script_too()
    {
        chromium.Require();
        var options = Variant.All[0].ContextOptions;
        options.JavaScriptEnabled = false;
        await using var context = await chromium.Browser.NewContextAsync(options);
        var page = await context.NewPageAsync();
        await page.VisitAsync(host.Address + "/sign-in");
        await page.Locator("input[name=email]").FillAsync(SampleProvider.OperatorEmail);
        await page.Locator("input[name=password]").FillAsync(ConsoleHost.OperatorPassword);
        await page.Locator("button[type=submit]").ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToContainTextAsync("Hokusei Networks");
        await page.VisitAsync($"{host.Address}/console/tenants/{host.Sample.Customer.Id}");
        await Assertions.Expect(page.Locator("h1")).ToContainTextAsync("Sakura");
    }

    [Fact]
    public async Task Slash_leads_to_the_search_and_so_does_the_tab_key()
    {
        chromium.Require();
        await using var context = await host.OpenAsync(chromium, Variant.All[0]);
        var page = await context.NewPageAsync();
        await page.VisitAsync(host.Address + "/console/tenants");
        await page.Keyboard.PressAsync("/");
        Assert.Equal("search", await page.EvaluateAsync<string>("() => document.activeElement.id"));
        Assert.NotNull(await PageChecks.TabsToSearchAsync(page));
        await page.Locator("#search").FillAsync("Sakura Seisakusho");
        await page.Locator("#search-found [role=option]").First.WaitForAsync();
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("Enter");
        await page.ArriveAsync(new Regex("/console/tenants/t_"));
    }

    private async Task<IBrowserContext> PlainAsync(Variant variant)
    {
        var context = await chromium.Browser.NewContextAsync(variant.ContextOptions);
        await context.AddCookiesAsync(variant.CookiesFor(host.Address));
        return context;
    }

    private string Code(string base32, int secondsLater) =>
        TestCodes.At(base32, host.Services.GetRequiredService<TimeProvider>().GetUtcNow().AddSeconds(secondsLater));
}
