using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Tsunagi.Core.Store;
using Tsunagi.Mail.Verdict;

namespace Tsunagi.Scenarios.Browser;

/// <summary>Asking, before a policy is saved, what it would have done: from the policy's page to the messages it would have touched, and back.</summary>
public sealed class What_if_in_a_browser(QuarantineHost host, Chromium chromium) : IClassFixture<QuarantineHost>, IClassFixture<Chromium>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_policy_is_edited_asked_about_changed_again_and_saved()
    {
        chromium.Require();
        await host.PolicyAsync(new FilterPolicy { TagPoints = 5 });
        List<string> ids = [];
        for (var i = 0; i < 3; i++)
        {
            ids.Add(await host.BringAsync("sato@kita.example", $"From: Kawa Trading <billing{i}@kawa.example>\r\nSubject: Invoice {i}\r\n\r\nno date\r\n"));
        }

        ids.Add(await host.BringAsync("mori@kita.example", "From: a@sender.example\r\nDate: Thu, 26 Nov 2026 10:00:00 +0000\r\nSubject: Minutes\r\n\r\nwell formed\r\n"));
        await HaveAsync(ids);
        List<string> faults = [];
        foreach (var variant in Variant.All)
        {
            await using var context = await host.OpenAsync(chromium, variant);
            var page = await context.NewPageAsync();
            var watch = new PageWatch(page, host.Address);
            await host.SignInAsync(page, QuarantineHost.Customer);
            await page.VisitAsync($"{host.Address}/console/mail/policies/edit?tenant={host.TenantId}&scope=tenant&name=");
            await LookAsync(page, "what-if-policy", variant, faults);
            await page.Locator("select[name=tagOnly]").SelectOptionAsync("false");
            await page.Locator("input[name=quarantinePoints]").FillAsync("5");
            await page.Locator("button[value=what-if]").ClickAsync();
            await page.ArriveAsync("**/console/mail/what-if/*");
            await LookAsync(page, "what-if-answer", variant, faults);
            await page.VisitAsync($"{host.Address}/console/mail/messages/{ids[0]}?under=acting");
            await LookAsync(page, "what-if-message", variant, faults);
            faults.AddRange(watch.Complaints.Select(fault => $"{variant.Name}: {fault}"));
        }

        Assert.Empty(faults);
        await using var plain = await host.OpenAsync(chromium, Variant.All[0]);
        await WalkAsync(await plain.NewPageAsync(), ids);
    }

    private async Task WalkAsync(IPage page, List<string> ids)
    {
        await host.SignInAsync(page, QuarantineHost.Customer);
        await page.VisitAsync($"{host.Address}/console/mail/policies/edit?tenant={host.TenantId}&scope=tenant&name=");
        await page.Locator("select[name=tagOnly]").SelectOptionAsync("false");
        await page.Locator("input[name=quarantinePoints]").FillAsync("5");
        await page.GetByRole(AriaRole.Button, new() { Name = "What would this have done to the last 7 days?" }).ClickAsync();
        await page.ArriveAsync("**/console/mail/what-if/*");
        await Assertions.Expect(page.Locator(".stats")).ToContainTextAsync("copies of 4 messages");
        var change = page.Locator("section.panel", new() { HasText = "tagged → quarantined (unwanted mail)" });
        await Assertions.Expect(change).ToContainTextAsync("sender.example 3");
        Assert.Equal(3, await change.Locator("tbody tr").CountAsync());
        Assert.Equal(ids.Take(3).Order(), (await change.Locator("tbody a").EvaluateAllAsync<string[]>("links => links.map(link => link.pathname.split('/').pop())")).Order());

        // Nothing was changed by asking; what was typed is still there.
        Assert.Null((await PolicyAsync()).QuarantinePoints);
        await page.GetByRole(AriaRole.Link, new() { Name = "Change it again" }).ClickAsync();
        await Assertions.Expect(page.Locator("input[name=quarantinePoints]")).ToHaveValueAsync("5");
        await page.Locator("input[name=quarantinePoints]").FillAsync("6");
        await page.Locator("button[value=what-if]").ClickAsync();
        await page.ArriveAsync("**/console/mail/what-if/*");
        await Assertions.Expect(page.Locator(".stats")).ToContainTextAsync("Unchanged");
        Assert.Equal(0, await page.GetByText("tagged → quarantined").CountAsync());
        await page.GetByRole(AriaRole.Button, new() { Name = "Save this policy" }).ClickAsync();
        await page.ArriveAsync("**/console/mail/policies");
        Assert.Equal((6, false), ((await PolicyAsync()).QuarantinePoints, (await PolicyAsync()).TagOnly));

        // Somebody else's question is nobody's here.
        var other = await page.VisitAsync(host.Address + "/console/mail/what-if/wi_nobody");
        Assert.Equal(404, other!.Status);
    }

    private async Task<FilterPolicy> PolicyAsync()
    {
        var found = await host.Services.GetRequiredService<PolicyBook>().FindAsync(Tsunagi.Tests.Mail.Quarantine.HeldMail.Who("u_x", host.TenantPath), host.TenantId, "tenant", "", Cancel);
        return found.Value!.Policy;
    }

    private async Task HaveAsync(List<string> ids)
    {
        for (var attempt = 0; ; attempt++)
        {
            var count = await host.Services.GetRequiredService<Stores>().Projections.ReadAsync(
                reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM mail_verdict WHERE message_id IN @Ids", new { Ids = ids }), Cancel);
            if (count == ids.Count)
            {
                return;
            }

            Assert.True(attempt < 250, $"{count} of {ids.Count} messages are in the trace after five seconds");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }
    }

    private static async Task LookAsync(IPage page, string name, Variant variant, List<string> faults)
    {
        faults.AddRange((await PageChecks.FindAsync(page)).Select(fault => $"{name} {variant.Name}: {fault}"));
        await Screenshots.TakeAsync(page, name, variant);
    }
}
