using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Tsunagi.Core.Logs;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Shadow;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Trace;
using Tsunagi.Mail.Verdict;

namespace Tsunagi.Scenarios.Browser;

/// <summary>The comparison of a filter that only watches with the one in service, as a customer sees it, in every variant.</summary>
public sealed class Shadow_in_a_browser(QuarantineHost host, Chromium chromium) : IClassFixture<QuarantineHost>, IClassFixture<Chromium>
{
    [Fact]
    public async Task A_customer_sees_where_both_filters_disagree_and_opens_why()
    {
        chromium.Require();
        Fill();
        List<string> faults = [];
        foreach (var variant in Variant.All)
        {
            await using var context = await host.OpenAsync(chromium, variant);
            var page = await context.NewPageAsync();
            var watch = new PageWatch(page, host.Address);
            await host.SignInAsync(page, QuarantineHost.Customer);
            foreach (var (name, path) in new[] { ("shadow", "/console/mail/shadow"), ("shadow-cell", "/console/mail/shadow?cell=only-theirs&domain=kita.example") })
            {
                await page.VisitAsync(host.Address + path);
                await Assertions.Expect(page.Locator("table").Last).ToContainTextAsync("X-Spam-Status: Yes, score=9");
                faults.AddRange((await PageChecks.FindAsync(page)).Select(fault => $"{name} {variant.Name}: {fault}"));
                await Screenshots.TakeAsync(page, name, variant);
            }

            faults.AddRange(watch.Complaints.Select(fault => $"{variant.Name}: {fault}"));
        }

        Assert.Empty(faults);
        await using var other = await host.OpenAsync(chromium, Variant.All[0]);
        var looked = await other.NewPageAsync();
        await host.SignInAsync(looked, QuarantineHost.Customer);
        await looked.VisitAsync(host.Address + "/console/mail/shadow?cell=only-ours");
        await looked.GetByRole(AriaRole.Link, new() { Name = "ours@kita.example" }).First.ClickAsync();
        await looked.ArriveAsync("**/console/mail/messages/m_*");
        await Assertions.Expect(looked.Locator("main")).ToContainTextAsync("Otherwise it would have been quarantined.");
    }

    private void Fill()
    {
        var refusals = host.Services.GetRequiredService<RefusalWriter>();
        var time = host.Services.GetRequiredService<TimeProvider>();
        var cells = new[]
        {
            ("both", PolicyAction.Quarantine, "spam", "X-Spam-Flag: YES", 9), ("ours", PolicyAction.Quarantine, "clean", "X-Spam-Status: No, score=1.2", 4),
            ("theirs", PolicyAction.Accept, "spam", "X-Spam-Status: Yes, score=9", 2), ("neither", PolicyAction.Accept, "clean", "X-Spam-Status: No, score=-1", 30), ("untold", PolicyAction.Accept, "", "", 1),
        };
        foreach (var (name, wished, theirs, field, count) in cells)
        {
            for (var i = 0; i < count; i++)
            {
                var found = new JudgedEvidence(Evidence.Of("attachment.executable", ("name", "run.exe"), ("how", "by its name")), 20, wished, "");
                var verdict = new MessageVerdict(PolicyAction.Accept, HoldClass.None, wished == PolicyAction.Accept ? "" : "attachment.executable", wished, 20, false, "", wished == PolicyAction.Accept ? [] : [found]) { Shadow = true };
                refusals.Add(new JudgedMessage(SpoolId.New(time), host.Facts(name + "@kita.example") with { Evidence = VerdictFacts.Write(verdict) }, "", verdict.Reason)
                {
                    Shadow = new ShadowWord("kita.example", wished == PolicyAction.Accept ? "clean" : "spam", wished == PolicyAction.Accept ? "accept" : "quarantine", theirs, field),
                });
            }
        }
    }
}
