using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Tsunagi.Core.Exchange.Credits;
using Tsunagi.Core.Store;
using Tsunagi.Scenarios.Browser;
using Tsunagi.Tests.BackOffice;

namespace Tsunagi.Scenarios.BackOffice;

/// <summary>The way of a bill as the provider's people see it, each page in its three variants, kept as a picture.</summary>
public sealed class BackOffice_in_a_browser(Chromium chromium, BilledProvider provider) : IClassFixture<Chromium>, IClassFixture<BilledProvider>
{
    [Fact]
    public async Task Bills_are_looked_at_explained_and_found_by_number()
    {
        chromium.Require();
        var world = provider.World;
        var bills = (JsonArray)(await world.Node.Operator.GetAsync("/backoffice/customer-bills?category=invoice"))["items"]!;
        var corrected = (await world.Node.Operator.GetAsync("/backoffice/customer-bills?category=invoice&account=" + world.Accounts[0]))["items"]![0]!;
        var credit = (await world.Node.Operator.GetAsync("/backoffice/customer-bills?category=credit"))["items"]![0]!["id"];
        List<string> faults = [];
        foreach (var variant in Variant.All)
        {
            await using var context = await SignedIn.OpenAsync(chromium, world.Node, variant);
            var page = await context.NewPageAsync();
            var watch = new PageWatch(page, world.Node.Url);
            foreach (var (name, path) in new[]
            {
                ("overview", ""), ("run", "/runs/" + world.Waiting), ("draft", $"/runs/{world.Waiting}/bills/{world.Accounts[0]}"), ("invoices", "/invoices"), ("invoice", $"/invoices/{corrected["id"]}"),
                ("explained", $"/invoices/{corrected["id"]}?line=2&prove=1"), ("credit", $"/invoices/{credit}"), ("accounts", "/accounts"), ("account", "/accounts/" + world.Accounts[0]), ("payments", "/payments"), ("dunning", "/dunning"),
                ("dunning-terms", "/dunning/terms"),
            })
            {
                await page.VisitAsync($"{world.Node.Url}/console/backoffice{path}", new() { WaitUntil = WaitUntilState.Load });
                faults.AddRange((await PageChecks.FindAsync(page)).Select(fault => $"{name} {variant.Name}: {fault}"));
                await Screenshots.TakeAsync(page, "backoffice-" + name, variant);
            }

            faults.AddRange(watch.Complaints.Select(fault => $"{variant.Name}: {fault}"));
        }

        // A number typed into the search box lands on its page.
        await using (var context = await SignedIn.OpenAsync(chromium, world.Node, Variant.All[0]))
        {
            var page = await context.NewPageAsync();
            await page.VisitAsync($"{world.Node.Url}/console/search?q={bills[^1]!["billNo"]}");
            await page.ArriveAsync($"**/console/backoffice/invoices/{bills[^1]!["id"]}");

            // Who changed a price since the last release does not release.
            await world.Node.Operator.PutAsync("/plans/more", new { code = "more", specification = "mail.gateway", nameEn = "More", nameJa = "追加", currency = "JPY", prices = new[] { new { model = "flat", label = "More", amount = 1 } } });
            await page.VisitAsync($"{world.Node.Url}/console/backoffice/runs/{world.Waiting}");
            await page.Locator("[data-dialog=release]").ClickAsync();
            await page.Locator("#release button[type=submit]").ClickAsync();
            await Assertions.Expect(page.Locator("#release .form-errors")).ToContainTextAsync("another person");
        }

        Assert.Empty(faults);
    }

    [Fact]
    public async Task Reports_are_read_and_a_figure_leads_to_its_invoices()
    {
        chromium.Require();
        var world = provider.World;
        List<string> faults = [];
        foreach (var variant in Variant.All)
        {
            await using var context = await SignedIn.OpenAsync(chromium, world.Node, variant);
            var page = await context.NewPageAsync();
            var watch = new PageWatch(page, world.Node.Url);
            foreach (var name in new[] { "revenue", "concentration", "distribution", "attach", "retention", "aging", "deferred" })
            {
                await page.VisitAsync($"{world.Node.Url}/console/backoffice/reports/{name}", new() { WaitUntil = WaitUntilState.Load });
                faults.AddRange((await PageChecks.FindAsync(page)).Select(fault => $"{name} {variant.Name}: {fault}"));
                await Screenshots.TakeAsync(page, "report-" + name, variant);
            }

            // What was charged once leads to its lines (fewer than a page), whose sum it is, and a line to its invoice.
            await page.VisitAsync($"{world.Node.Url}/console/backoffice/reports", new() { WaitUntil = WaitUntilState.Load });
            var figure = page.Locator("#table-revenue tr.sum:nth-last-child(2) td:nth-last-child(4) a");
            var said = await figure.InnerTextAsync();
            await figure.ClickAsync();
            await page.ArriveAsync("**/report-lines?**");
            await Assertions.Expect(page.Locator("tr.sum td").Last).ToHaveTextAsync(said);
            faults.AddRange((await PageChecks.FindAsync(page)).Select(fault => $"lines {variant.Name}: {fault}"));
            await Screenshots.TakeAsync(page, "report-lines", variant);
            await page.Locator("table.data tbody a").First.ClickAsync();
            await page.ArriveAsync("**/invoices/iv_*");
            faults.AddRange(watch.Complaints.Select(fault => $"{variant.Name}: {fault}"));
        }

        Assert.Empty(faults);
    }

    [Fact]
    public async Task Quote_is_made_sent_accepted_and_becomes_an_order()
    {
        chromium.Require();
        var world = provider.World;
        var op = world.Node.Operator;
        var account = await op.GetAsync("/backoffice/accounts/" + world.Accounts[0]);
        var running = ((JsonArray)(await op.GetAsync("/subscriptions?tenantId=" + account["tenantId"]))["items"]!)[0]!["id"];
        await op.PutAsync("/plans/care", new
        {
            code = "care", specification = "backoffice.operation", nameEn = "Server care", nameJa = "サーバー運用保守", currency = "JPY",
            prices = new object[] { new { model = "flat", label = "Monitoring and care", amount = 80_000 }, new { model = "oneTime", label = "Taking over", amount = 150_000 } },
        });
        var items = new object[]
        {
            new { offering = "care", name = "Care of the shop's servers", settings = new { system = "shop" }, quantity = 2, discountPercent = 12.5, discountMonths = 3, onceDiscountPercent = 20, minimumMonths = 24, renewalMonths = 12, noticeDays = 60, earlyTerminationPercent = 50 },
            new { action = "modify", subscriptionId = running, quantity = 3, proration = "atRenewal" },
            new { offering = "care", name = "Care of the second site", settings = new { system = "second" }, requestedOn = TimeProvider.System.GetUtcNow().AddDays(40).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) },
        };
        var draft = (string)(await op.PostAsync("/backoffice/quotes", new { tenantId = account["tenantId"], title = "Care and more mail", note = "We thank you for the good talk.", items }))["id"]!;
        var sent = (string)(await op.PostAsync("/backoffice/quotes", new { tenantId = account["tenantId"], title = "Care and more mail", items }))["id"]!;
        await op.PostAsync($"/backoffice/quotes/{sent}/send", new { });
        string order;
        await using (var context = await SignedIn.OpenAsync(chromium, world.Node, Variant.All[0]))
        {
            var page = await context.NewPageAsync();
            await page.VisitAsync($"{world.Node.Url}/console/backoffice/quotes/{sent}");
            await page.Locator("[data-dialog=accept]").ClickAsync();
            await page.Locator("#accept button[type=submit]").ClickAsync();
            await page.Locator("a[href^='/console/backoffice/orders/or_']").ClickAsync();
            await page.ArriveAsync("**/orders/or_*");
            order = page.Url[(page.Url.LastIndexOf('/') + 1)..];
        }

        for (var i = 0; i < 300 && (string)(await op.GetAsync("/backoffice/product-orders/" + order))["state"]! != "inProgress"; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        var project = (string)(await op.PostAsync("/backoffice/projects", new
        {
            tenantId = account["tenantId"], name = "LAN of the head office", reference = "PO-4711", totalMinor = 4_800_000,
            milestones = new object[] { new { name = "Design", dueOn = "2026-12-01", sharePercent = 20 }, new { name = "Cabling and switches", dueOn = "2027-01-15", sharePercent = 50 }, new { name = "Handover", dueOn = "2027-02-01", sharePercent = 30 } },
        }))["id"]!;
        await op.PostAsync($"/backoffice/projects/{project}/costs", new { onDay = "2026-11-20", amountMinor = 480_000, label = "Design, 6 days", foreignKey = "TS-12" });
        await op.PostAsync($"/backoffice/projects/{project}/milestones/1/accept", new { evidence = "acceptance-design.pdf", documentSha256 = new string('a', 64) });
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1000;
        var credit = await world.Node.Services.GetRequiredService<Stores>().Control.WriteAsync(
            transaction => world.Node.Services.GetRequiredService<ServiceCredits>().ProposeAsync(
                transaction, world.Releaser, new NewServiceCredit("mail", "availability:" + running, (string)running!, now - 3_600_000_000, now, "Available 99.1 % of the month; 99.9 % are promised", "e_0000000000000001") { Percent = 10 }),
            TestContext.Current.CancellationToken);
        List<string> faults = [];
        foreach (var variant in Variant.All)
        {
            await using var context = await SignedIn.OpenAsync(chromium, world.Node, variant);
            var page = await context.NewPageAsync();
            var watch = new PageWatch(page, world.Node.Url);
            foreach (var (name, path) in new[]
            {
                ("credits", "/credits"), ("credit-proposed", "/credits/" + credit.Value!.Id), ("quotes", "/quotes"), ("quote-draft", "/quotes/" + draft), ("quote-item", $"/quotes/{draft}/items/new?offering=care"), ("quote-change-item", $"/quotes/{draft}/items/new?subscription={running}"),
                ("quote-accepted", "/quotes/" + sent), ("orders", "/orders"), ("order", "/orders/" + order), ("projects", "/projects"), ("project", "/projects/" + project),
            })
            {
                await page.VisitAsync($"{world.Node.Url}/console/backoffice{path}", new() { WaitUntil = WaitUntilState.Load });
                faults.AddRange((await PageChecks.FindAsync(page)).Select(fault => $"{name} {variant.Name}: {fault}"));
                await Screenshots.TakeAsync(page, "backoffice-" + name, variant);
            }

            faults.AddRange(watch.Complaints.Select(fault => $"{variant.Name}: {fault}"));
        }

        await using (var context = await SignedIn.OpenAsync(chromium, world.Node, Variant.All[0]))
        {
            var page = await context.NewPageAsync();
            await page.VisitAsync($"{world.Node.Url}/console/backoffice/quotes/{sent}/document.html");
            await Assertions.Expect(page.Locator("body")).ToContainTextAsync("QT-0000002");
            await Screenshots.TakeAsync(page, "backoffice-quote-paper", Variant.All[0]);
        }

        Assert.Empty(faults);
    }
}
