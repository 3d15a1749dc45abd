using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Limits;
using Tsunagi.Mail.Submission;

namespace Tsunagi.Scenarios.Browser;

/// <summary>Credentials of devices as a customer sees them: made, shown once, changed, revoked; and the pages in every variant.</summary>
public sealed class Sending_devices_in_a_browser(QuarantineHost host, Chromium chromium) : IClassFixture<QuarantineHost>, IClassFixture<Chromium>
{
    [Fact]
    public async Task A_customer_makes_a_credential_sees_its_secret_once_and_revokes_it()
    {
        chromium.Require();
        await using var context = await host.OpenAsync(chromium, Variant.All[0]);
        var page = await context.NewPageAsync();
        await host.SignInAsync(page, QuarantineHost.Customer);
        await page.VisitAsync(host.Address + "/console/mail/credentials");
        await page.GetByRole(AriaRole.Button, new() { Name = "New credential" }).ClickAsync();
        await page.Locator("dialog[open] input[name=userName]").FillAsync("scanner@kita.example");
        await page.Locator("dialog[open] input[name=label]").FillAsync("Scanner, 3rd floor");
        await page.Locator("dialog[open] textarea[name=senders]").FillAsync("elsewhere.example");
        await page.Locator("dialog[open]").GetByRole(AriaRole.Button, new() { Name = "Make" }).ClickAsync();
        await Assertions.Expect(page.Locator("dialog[open]")).ToContainTextAsync("is no sender of the subscription");
        await page.Locator("dialog[open] textarea[name=senders]").FillAsync("scanner@kita.example\nkita.example");
        await page.Locator("dialog[open]").GetByRole(AriaRole.Button, new() { Name = "Make" }).ClickAsync();
        await page.ArriveAsync("**/console/once");
        var secret = await page.Locator(".secret code").InnerTextAsync();
        Assert.Matches("^[a-z2-9]{24}$", secret);
        var credential = host.Services.GetRequiredService<CredentialBook>().Find("scanner@kita.example");
        Assert.True(credential!.Verifier.IsSecret(secret));
        Assert.Equal(["scanner@kita.example", "@kita.example"], credential.Senders);
        await page.ReloadAsync();
        Assert.DoesNotContain(secret, await page.ContentAsync(), StringComparison.Ordinal);

        // It has sent a little for days, and far too much just now; its owner looks, sets a limit, and lets it go on.
        var book = host.Services.GetRequiredService<SendingBook>();
        var state = book.Of(credential.Id, credential.TenantPath);
        var now = host.Services.GetRequiredService<TimeProvider>().NowMicros();
        for (var day = 4; day > 0; day--)
        {
            state.Counter.Add(now - (day * 86_400_000_000), 2, 3);
        }

        state.Counter.Add(now, 12, 21);
        book.Stop(credential, 21, 3, "192.0.2.7");
        await book.RoundAsync(TestContext.Current.CancellationToken);

        List<string> faults = [];
        foreach (var variant in Variant.All)
        {
            await using var other = await host.OpenAsync(chromium, variant);
            var looked = await other.NewPageAsync();
            var watch = new PageWatch(looked, host.Address);
            await host.SignInAsync(looked, QuarantineHost.Customer);
            foreach (var (name, path) in new[] { ("credentials", "/console/mail/credentials"), ("credential", "/console/mail/credentials/" + credential.Id), ("policy-edit", "/console/mail/policies/edit") })
            {
                await looked.VisitAsync(host.Address + path);
                faults.AddRange((await PageChecks.FindAsync(looked)).Select(fault => $"{name} {variant.Name}: {fault}"));
                await Screenshots.TakeAsync(looked, name, variant);
            }

            faults.AddRange(watch.Complaints.Select(fault => $"{variant.Name}: {fault}"));
        }

        Assert.Empty(faults);
        await page.VisitAsync($"{host.Address}/console/mail/credentials/{credential.Id}");
        await Assertions.Expect(page.Locator(".notice")).ToContainTextAsync("It sent to 21 recipients within an hour; its busiest hour of the four weeks before had 3.");
        await page.Locator("input[name=messagesPerHour]").FillAsync("1001");
        await page.Locator("form[action$='/limits']").GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Assertions.Expect(page.Locator("form[action$='/limits']")).ToContainTextAsync("Only the provider raises this limit");
        await page.Locator("input[name=messagesPerHour]").FillAsync("40");
        await page.Locator("form[action$='/limits']").GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Assertions.Expect(page.GetByText("12 of 40")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Resume" }).First.ClickAsync();
        await page.Locator("dialog[open]").GetByRole(AriaRole.Button, new() { Name = "Resume" }).ClickAsync();
        await Assertions.Expect(page.Locator(".toast-note")).ToContainTextAsync("It sends again");
        var after = host.Services.GetRequiredService<CredentialBook>().Find("scanner@kita.example")!;
        Assert.Equal((0L, 40), (after.PausedAt, after.Limits!.MessagesPerHour));
        await page.VisitAsync($"{host.Address}/console/mail/credentials/{credential.Id}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Revoke" }).First.ClickAsync();
        await page.Locator("dialog[open]").GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await Assertions.Expect(page.Locator(".toast-note")).ToContainTextAsync(new Regex("revoked", RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1)));
        Assert.Null(host.Services.GetRequiredService<CredentialBook>().Find("scanner@kita.example"));
    }
}
