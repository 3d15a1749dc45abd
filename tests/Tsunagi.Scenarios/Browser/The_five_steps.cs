using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Tsunagi.Host.Demo;

namespace Tsunagi.Scenarios.Browser;

/// <summary>The demo's tour as a person walks it: everything is read from pages, and done on them where a page can do it.</summary>
[Collection(SharedDemo.Name)]
public sealed class The_five_steps(DemoProcess demo, Chromium chromium) : IClassFixture<Chromium>
{
    private const string Recipient = "info@minato-seikei.example";
    private const string OtherRecipient = "info@harbor-cafe.example";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    [Fact]
    public async Task The_tour_is_walked_in_a_browser()
    {
        chromium.Require();
        await using var context = await demo.OpenAsync(chromium, Variant.All[0]);
        var page = await context.NewPageAsync();
        await demo.SignInAsync(page, demo.Operator);
        await SearchARecipientAsync(page);
        await StopTheReceiverAsync(page);
        await KillTheProgramAsync(page);
        await SignInAsTheCustomerAsync(page);
        await CorrectUsageAsync(page);
    }

    /// <summary>(1) Where is the mail, and why?</summary>
    private async Task SearchARecipientAsync(IPage page)
    {
        await UntilAsync("a message to the recipient is found", async () =>
        {
            await page.VisitAsync(demo.Address + "/console/search");
            await page.Locator("#search").FillAsync(Recipient);
            await page.Locator("#search").PressAsync("Enter");
            await page.ArriveAsync(new Regex("q=|/messages/m_"));
            return page.Url.Contains("/messages/m_", StringComparison.Ordinal) || await page.Locator("a[href*='/messages/m_']").CountAsync() > 0;
        });
        if (!page.Url.Contains("/messages/m_", StringComparison.Ordinal))
        {
            await page.Locator("a[href*='/messages/m_']").First.ClickAsync();
            await page.ArriveAsync("**/messages/m_*");
        }

        await Assertions.Expect(page.Locator("h1")).ToContainTextAsync(Recipient);
        await Assertions.Expect(page.Locator(".page-head .status-badge")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".notice strong")).Not.ToBeEmptyAsync();
        await Screenshots.TakeAsync(page, "tour-1-message", Variant.All[0]);
    }

    /// <summary>(2) The customer's server goes away: what waits, who says so, what comes next; and back.</summary>
    private async Task StopTheReceiverAsync(IPage page)
    {
        await demo.SayAsync("stop minato", "is away");
        await UntilAsync("a message is put off", async () =>
        {
            await page.VisitAsync(demo.Address + "/console/mail/messages?state=deferred");
            return await page.Locator("table.data tbody tr").CountAsync() > 0;
        });
        var hop = page.Locator("table.data tbody tr").Filter(new() { Has = page.Locator(".status-badge:not(.tone-good)") }).First;
        await UntilAsync("the queue shows who does not answer", async () =>
        {
            // A connection that was cut puts a message off; the next one that is refused tells of the server.
            await page.VisitAsync(demo.Address + "/console/mail/queue");
            return await hop.CountAsync() > 0;
        });
        await Assertions.Expect(hop.Locator("td.grows")).Not.ToBeEmptyAsync();
        await Screenshots.TakeAsync(page, "tour-2-queue", Variant.All[0]);
        await page.VisitAsync(demo.Address + "/console/mail/messages?state=deferred");
        await page.Locator("table.data tbody tr a").First.ClickAsync();
        await Assertions.Expect(page.Locator(".notice strong")).Not.ToBeEmptyAsync();
        await Assertions.Expect(page.Locator(".notice time")).ToBeVisibleAsync();
        await UntilAsync("an event tells it", async () =>
        {
            await page.VisitAsync(demo.Address + "/console/events?q=mail.message.deferred");
            return await page.Locator("table.data tbody tr").CountAsync() > 0;
        });

        await demo.SayAsync("start minato", "is back");
        await page.VisitAsync(demo.Address + "/console/mail/queue");
        await page.GetByRole(AriaRole.Button, new() { Name = "Try now" }).First.ClickAsync();
        await Assertions.Expect(page.Locator(".toast-note, .form-errors:not([hidden])").First).ToBeVisibleAsync();
        await UntilAsync("nothing is put off any more", async () =>
        {
            await page.VisitAsync(demo.Address + "/console/mail/messages?state=deferred");
            return await page.Locator("table.data tbody tr").CountAsync() == 0;
        });
    }

    /// <summary>(3) SIGKILL, and everything acknowledged is there: at the receivers, and on the page.</summary>
    private async Task KillTheProgramAsync(IPage page)
    {
        await demo.SayAsync("kill", " runs");
        var counts = Regex.Match(await demo.SayAsync("pause", "paused:"), @"(\d+) acknowledged, (\d+) arrived");
        var acknowledged = int.Parse(counts.Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.Equal(counts.Groups[2].Value, counts.Groups[1].Value);
        Assert.True(acknowledged > 0, "no mail was acknowledged");
        var listed = 0;
        await UntilAsync("the list has what was acknowledged", async () =>
        {
            await page.VisitAsync(demo.Address + "/console/mail/messages");
            var csv = await page.APIRequest.GetAsync(demo.Address + await page.Locator("[data-export]").GetAttributeAsync("href"));
            listed = (await csv.TextAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Count(static line => !IsShown(line));

            // The mail whose 250 the kill cut off was sent again: it may stand there twice.
            return listed >= acknowledged;
        });
        Assert.InRange(listed, acknowledged, acknowledged + 1);
        await demo.SayAsync("resume", "flows");
    }

    /// <summary>Mail that the demo shows beside the traffic it counts, and the notices about it.</summary>
    private static bool IsShown(string line) => line.Split(',') is [_, _, var from, var to, ..] && (to == DemoShow.Desk || from == DemoShow.Sender || (from.Length == 0 && to == DemoShow.Sender));

    /// <summary>(4) The customer sees what is its own, and that the operator looked.</summary>
    private async Task SignInAsTheCustomerAsync(IPage page)
    {
        var own = await FirstMessageAsync(page, Recipient);
        var foreign = await FirstMessageAsync(page, OtherRecipient);
        await page.VisitAsync(demo.Address + own);
        await using var context = await demo.OpenAsync(chromium, Variant.All[1]);
        var customer = await context.NewPageAsync();
        await demo.SignInAsync(customer, demo.Customers[0]);
        await customer.VisitAsync(demo.Address + "/console/mail/messages");
        var csv = await customer.APIRequest.GetAsync(demo.Address + await customer.Locator("[data-export]").GetAttributeAsync("href"));
        var lines = (await csv.TextAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..];
        Assert.NotEmpty(lines);

        // To itself, or sent by itself.
        Assert.All(lines, static line => Assert.Contains(line.Split(',')[2..4], static address => address.EndsWith("@minato-seikei.example", StringComparison.Ordinal)));
        Assert.Equal(404, (await customer.VisitAsync(demo.Address + foreign))!.Status);
        Assert.Equal(200, (await customer.VisitAsync(demo.Address + own))!.Status);
        await customer.VisitAsync(demo.Address + "/console/audit?q=mail.trace.");
        await Assertions.Expect(customer.Locator("table.data tbody")).ToContainTextAsync(demo.Operator);
        await Screenshots.TakeAsync(customer, "tour-4-audit", Variant.All[1]);
    }

    /// <summary>(5) A usage record is corrected: the preview moves, and the audit has who and why.</summary>
    private async Task CorrectUsageAsync(IPage page)
    {
        var reason = "counted again by hand for the walk";
        await page.VisitAsync(demo.Address + "/console/subscriptions?q=minato-seikei.example");
        await page.Locator("table.data tbody tr a").First.ClickAsync();
        await page.ArriveAsync("**/subscriptions/s_*");
        var contract = page.Url;
        await page.Locator(".trail a").Last.ClickAsync();
        await page.ArriveAsync("**/tenants/t_*");
        var invoice = page.Url + "/invoice";
        var before = await TotalAsync(page, invoice);
        await page.VisitAsync(contract);
        await page.Locator("[data-dialog=correct]").ClickAsync();
        var dialog = page.Locator("dialog[open]");
        await dialog.Locator("select[name=meter]").SelectOptionAsync("mail.messages");
        await dialog.Locator("input[name=quantity]").FillAsync("1000");
        await dialog.Locator("textarea[name=reason]").FillAsync(reason);
        await dialog.Locator("button[type=submit]").ClickAsync();
        await Assertions.Expect(page.Locator(".toast-note")).ToBeVisibleAsync();
        Assert.True(await TotalAsync(page, invoice) > before, "the preview did not move");
        await Screenshots.TakeAsync(page, "tour-5-invoice", Variant.All[0]);
        await page.VisitAsync(demo.Address + "/console/audit?q=usage.recorded");
        await Assertions.Expect(page.Locator("table.data tbody tr").First).ToContainTextAsync(reason);
    }

    private async Task<string> FirstMessageAsync(IPage page, string recipient)
    {
        await page.VisitAsync(demo.Address + "/console/mail/messages?q=" + Uri.EscapeDataString(recipient));
        return (await page.Locator("table.data tbody tr a").First.GetAttributeAsync("href"))!;
    }

    private static async Task<decimal> TotalAsync(IPage page, string invoice)
    {
        await page.VisitAsync(invoice);
        return decimal.Parse(Regex.Replace(await page.Locator(".stat-value").Last.InnerTextAsync(), "[^0-9.]", ""), CultureInfo.InvariantCulture);
    }

    private static async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"not within {Patience.TotalSeconds:0} s: {what}");
            await Task.Delay(Pause, TimeProvider.System);
        }
    }
}
