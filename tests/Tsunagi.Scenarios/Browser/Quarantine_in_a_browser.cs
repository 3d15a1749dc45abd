using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Mail.Quarantine.Digest;
using Tsunagi.Mail.Spool;
using Tsunagi.Protocols.Mail.Mime;

namespace Tsunagi.Scenarios.Browser;

/// <summary>Held mail as people see it: the administrator's pages, the recipient's own page by the link of a digest, and what must never happen on either.</summary>
public sealed class Quarantine_in_a_browser(QuarantineHost host, Chromium chromium) : IClassFixture<QuarantineHost>, IClassFixture<Chromium>
{
    private const string Bill = "From: \"Kawa Trading, Accounts\" <billing@kawa.example>\r\nTo: sato@kita.example\r\nReply-To: billing@kawa-pay.example\r\nDate: Wed, 25 Nov 2026 09:12:00 +0900\r\nSubject: Invoice 2026-1183\r\n"
        + "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<h2>Invoice 2026-1183</h2><p>Dear Ms Sato,</p><p>please find our invoice attached, or "
        + "<a href=\"https://kawa-pay.example/login?id=1183\">open it in your account</a>.</p><img src=\"https://track.kawa-pay.example/p.gif\"><ul><li>Amount: JPY 128,000</li><li>Due: 30 November</li></ul>\r\n"
        + "--b\r\nContent-Type: application/vnd.ms-excel.sheet.macroEnabled.12\r\nContent-Disposition: attachment; filename=\"invoice-1183.xlsm\"\r\nContent-Transfer-Encoding: base64\r\n\r\nUEsDBBQAAAAIAA==\r\n--b--\r\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_have_no_fault_in_any_variant()
    {
        chromium.Require();
        var spam = await host.HoldAsync(HoldClass.Spam, "sato@kita.example", "【当選】おめでとうございます!今すぐご確認ください", "From: =?utf-8?B?5oeu6LO65LqL5YuZ5bGA?= <win@prize.example>\r\nSubject: x\r\n\r\nx\r\n");
        await host.HoldAsync(HoldClass.Virus, "sato@kita.example", "Your parcel could not be delivered", "From: Parcel Service <info@parcel.example>\r\nSubject: x\r\n\r\nx\r\n");
        var policy = await host.HoldAsync(HoldClass.Policy, "sato@kita.example", "Minutes of the board", "From: Board Office <office@partner.example>\r\nSubject: x\r\n\r\nx\r\n");
        await host.HoldAsync(HoldClass.Spam, "mori@kita.example", "Last chance: 70 % off everything", "From: Outlet News <news@outlet.example>\r\nSubject: x\r\n\r\nbuy\r\n");
        var held = await host.HoldAsync(HoldClass.Attachment, "sato@kita.example", "Invoice 2026-1183", Bill);
        var link = await host.LinkAsync("sato@kita.example");
        var desk = host.Services.GetRequiredService<HeldDesk>();
        var visit = await host.Services.GetRequiredService<RecipientDoor>().EnterAsync(link.Split('/')[^1], null, false, Cancel);
        Assert.True((await desk.RequestAsync(visit.Who!, policy, Cancel)).Ok);
        Assert.True((await desk.BlockAsync(visit.Who!, held, SenderScope.Recipient, Cancel)).Ok);
        var message = (await host.RowsOfAsync("sato@kita.example")).Single(row => row.Id == held).MessageId;
        List<string> faults = [];
        foreach (var variant in Variant.All)
        {
            await using var context = await host.OpenAsync(chromium, variant);
            var page = await context.NewPageAsync();
            var watch = new PageWatch(page, host.Address, new HashSet<int> { 410 });
            foreach (var (name, address) in new[] { ("quarantine-own", link), ("quarantine-own-one", $"{link}/{held}"), ("quarantine-own-spam", $"{link}/{spam}"), ("quarantine-link-wrong", host.Address + "/quarantine/t_nobody.AAAA") })
            {
                await page.VisitAsync(address);
                await LookAsync(page, name, variant, faults);
            }

            await host.SignInAsync(page, QuarantineHost.Customer);
            foreach (var (name, path) in new[] { ("quarantine", "/console/mail/quarantine?q=sato@kita.example"), ("quarantine-held", $"/console/mail/quarantine/{held}"), ("quarantine-words", $"/console/mail/quarantine/{held}?show=1"), ("quarantine-request", $"/console/mail/quarantine/{policy}"), ("quarantine-trace", $"/console/mail/messages/{message}"), ("senders", "/console/mail/senders") })
            {
                await page.VisitAsync(host.Address + path);
                await LookAsync(page, name, variant, faults);
            }

            faults.AddRange(watch.Complaints.Select(fault => $"{variant.Name}: {fault}"));
        }

        Assert.Empty(faults);
    }

    [Fact]
    public async Task The_letter_reads_well_in_a_mail_program()
    {
        chromium.Require();
        await host.HoldAsync(HoldClass.Spam, "ono@kita.example", "【重要】口座の確認について www.bank.example", "From: =?utf-8?B?44GT44GG44GO44KT6YqA6KGM?= <info@bank.example>\r\nSubject: x\r\n\r\nx\r\n");
        await host.HoldAsync(HoldClass.Attachment, "ono@kita.example", "Invoice 2026-1183", Bill);
        var rows = await host.RowsOfAsync("ono@kita.example");
        foreach (var variant in Variant.All)
        {
            var now = rows[0].HeldAt + 60_000_000;
            var letter = new DigestLetter(
                "quarantine@gateway.example", "ono@kita.example", "m_1@gateway.example", variant.Language, Ui.Format.Zone.Of("Asia/Tokyo"), now, now + 1_209_600_000_000, rows, rows.Count + 3, await host.LinkAsync("ono@kita.example"));
            await using var context = await host.OpenAsync(chromium, variant);
            var page = await context.NewPageAsync();
            await page.SetContentAsync(letter.Html());
            Assert.Equal(1 + rows.Count, await page.Locator("a").CountAsync());
            await Screenshots.TakeAsync(page, "quarantine-letter", variant);
        }
    }

    [Fact]
    public async Task The_link_of_a_digest_leads_to_the_message_and_a_click_delivers_it_once()
    {
        chromium.Require();
        var spam = await host.HoldAsync(HoldClass.Spam, "ito@kita.example", "Newsletter of the chess club", "From: Chess Club <news@chess.example>\r\nSubject: Newsletter of the chess club\r\n\r\nOpen evening on Friday.\r\n");
        var file = await host.HoldAsync(HoldClass.Attachment, "ito@kita.example", "Plans as agreed", Bill);
        using var run = ActivatorUtilities.CreateInstance<DigestRun>(host.Services);
        await run.SendDueAsync(Cancel);
        var letter = await GotAsync("ito@kita.example", static text => text.Contains("/quarantine/", StringComparison.Ordinal));
        var link = Regex.Match(letter, $"{Regex.Escape(host.Address)}/quarantine/[A-Za-z0-9_.-]+", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)).Value;
        await using var context = await host.OpenAsync(chromium, Variant.All[0]);
        var page = await context.NewPageAsync();

        // What a link scanner does: every address is fetched, and nothing changes.
        foreach (var path in new[] { "", "/" + spam, $"/{spam}/release", $"/{spam}/delete", $"/{file}/request", "/language" })
        {
            await page.APIRequest.GetAsync(link + path);
            await page.APIRequest.HeadAsync(link + path);
        }

        Assert.Equal((HeldState.Held, HeldState.Held), ((await host.RowAsync(spam)).State, (await host.RowAsync(file)).State));
        Assert.Equal(400, (await page.APIRequest.PostAsync($"{link}/{spam}/release", new() { Headers = [new("X-Tsunagi-Act", "1")] })).Status);
        Assert.Equal(HeldState.Held, (await host.RowAsync(spam)).State);

        await page.VisitAsync(link);
        await page.GetByRole(AriaRole.Link, new() { Name = "Newsletter of the chess club" }).ClickAsync();
        await Assertions.Expect(page.Locator(".held-text")).ToContainTextAsync("Open evening on Friday.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Release", Exact = true }).DblClickAsync();
        await Assertions.Expect(page.Locator(".toast-note")).ToContainTextAsync("on its way to you");
        await GotAsync("ito@kita.example", static text => text.Contains("Open evening on Friday.", StringComparison.Ordinal));
        await page.VisitAsync($"{link}/{file}");
        Assert.Equal(0, await page.GetByRole(AriaRole.Button, new() { Name = "Release", Exact = true }).CountAsync());
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask for it" }).ClickAsync();
        await Assertions.Expect(page.Locator(".toast-note")).ToContainTextAsync("administrator is asked");

        await host.SignInAsync(page, QuarantineHost.Customer);
        await page.VisitAsync(host.Address + "/console/mail/quarantine?state=requested");
        await page.GetByRole(AriaRole.Link, new() { Name = "Plans as agreed" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve and release" }).ClickAsync();
        await page.Locator("dialog[open]").GetByRole(AriaRole.Button, new() { Name = "Release" }).ClickAsync();
        await Assertions.Expect(page.Locator(".toast-note")).ToContainTextAsync("goes to its recipient");
        await GotAsync("ito@kita.example", static text => text.Contains("Invoice 2026-1183", StringComparison.Ordinal));
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, Cancel);
        Assert.Single(host.Server.Texts, static text => text.Contains("Open evening on Friday.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Chosen_messages_are_deleted_together_after_a_question()
    {
        chromium.Require();
        List<string> ids = [];
        for (var i = 0; i < 3; i++)
        {
            ids.Add(await host.HoldAsync(HoldClass.Spam, "abe@kita.example", $"Offer {i}", "From: Shop <offer@bulk.example>\r\nSubject: x\r\n\r\nx\r\n"));
        }

        await using var context = await host.OpenAsync(chromium, Variant.All[0]);
        var page = await context.NewPageAsync();
        await host.SignInAsync(page, QuarantineHost.Customer);
        await page.VisitAsync(host.Address + "/console/mail/quarantine?q=abe@kita.example");
        await Assertions.Expect(page.Locator("table.data tbody tr")).ToHaveCountAsync(3);
        await page.Locator($"input[value={ids[0]}]").CheckAsync();
        await page.Locator($"input[value={ids[2]}]").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete chosen" }).ClickAsync();
        await page.Locator("dialog[open]").GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Assertions.Expect(page.Locator(".toast-note")).ToContainTextAsync("2 messages are deleted");
        Assert.Equal((HeldState.Deleted, HeldState.Held, HeldState.Deleted), ((await host.RowAsync(ids[0])).State, (await host.RowAsync(ids[1])).State, (await host.RowAsync(ids[2])).State));
    }

    [Fact]
    public async Task A_hundred_hostile_messages_run_nothing_and_reach_nothing_when_they_are_looked_at()
    {
        chromium.Require();
        List<string> ids = [];
        foreach (var (subject, content) in HostileMails.All())
        {
            ids.Add(await host.HoldAsync(HoldClass.Spam, "hostile@kita.example", subject, content));
        }

        Assert.Equal(100, ids.Count);
        var link = await host.LinkAsync("hostile@kita.example");
        await using var context = await host.OpenAsync(chromium, Variant.All[0]);
        var page = await context.NewPageAsync();
        var watch = new PageWatch(page, host.Address);
        var dialogs = 0;
        page.Dialog += (_, dialog) =>
        {
            Interlocked.Increment(ref dialogs);
            _ = dialog.DismissAsync();
        };
        List<string> ran = [];
        foreach (var address in ids.Select(id => $"{link}/{id}").Prepend(link))
        {
            await page.VisitAsync(address, new() { WaitUntil = WaitUntilState.Load });
            if (await page.EvaluateAsync<bool>("() => 'window' in globalThis && '__ran' in window"))
            {
                ran.Add(address);
            }
        }

        Assert.Empty(ran);
        Assert.Equal(0, dialogs);
        Assert.Empty(watch.Complaints);
    }

    private async Task<string> GotAsync(string recipient, Func<string, bool> holds)
    {
        for (var i = 0; ; i++)
        {
            var texts = host.Server.Messages.Where(message => message.Recipients.Contains(recipient))
                .SelectMany(static message => (string[])[MessageText.Read(message.Content.Span).Text, System.Text.Encoding.UTF8.GetString(message.Content.Span)]);
            if (texts.FirstOrDefault(holds) is { } text)
            {
                return text;
            }

            Assert.True(i < 500, "nothing came within ten seconds");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }
    }

    private static async Task LookAsync(IPage page, string name, Variant variant, List<string> faults)
    {
        faults.AddRange((await PageChecks.FindAsync(page)).Select(fault => $"{name} {variant.Name}: {fault}"));
        await Screenshots.TakeAsync(page, name, variant);
    }
}
