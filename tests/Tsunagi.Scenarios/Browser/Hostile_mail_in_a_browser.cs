using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Mail.Quarantine.Digest;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Mime;
using Tsunagi.Tests.Mail.Quarantine;

namespace Tsunagi.Scenarios.Browser;

/// <summary>
/// The whole way of held mail, in a browser: the letter's link, a list full of hostile HTML mails, each of them looked at, and what is released delivered once. The same mails shown raw do what they are made for, so
/// the silence of the preview means something.
/// </summary>
public sealed class Hostile_mail_in_a_browser(QuarantineHost host, Chromium chromium) : IClassFixture<QuarantineHost>, IClassFixture<Chromium>
{
    private const string Recipient = "kaji@kita.example";
    private const string Club = "From: Chess Club <news@sender.example>\r\nTo: kaji@kita.example\r\nMessage-ID: <club@sender.example>\r\nSubject: Open evening of the chess club\r\n\r\nOpen evening on Friday.\r\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task From_the_letters_link_through_a_hundred_hostile_mails_to_what_is_wanted_delivered_once()
    {
        chromium.Require();
        await host.PolicyAsync(new FilterPolicy { TagOnly = false, QuarantinePoints = 5, Actions = new Dictionary<string, PolicyAction> { ["attachment.executable"] = PolicyAction.Quarantine } });
        Assert.InRange(HostileHtml.All.Count, 100, 200);
        Assert.Equal(HostileHtml.All.Count, HostileHtml.All.Select(static mail => mail.Content).Distinct().Count());
        List<string> hostile = [];
        foreach (var mail in HostileHtml.All)
        {
            hostile.Add(await host.HoldAsync(HoldClass.Spam, Recipient, "hostile", mail.Content));
        }

        // Without a Date it is kept as unwanted, with a program in it as an attachment.
        var club = await HeldOfAsync(await host.BringAsync(Recipient, Club));
        var plans = await HeldOfAsync(await host.BringAsync(Recipient, WithProgram("plans@sender.example")));
        using var run = ActivatorUtilities.CreateInstance<DigestRun>(host.Services);
        await run.SendDueAsync(Cancel);
        var letter = await GotAsync(static text => text.Contains("/quarantine/", StringComparison.Ordinal));
        var link = Regex.Match(letter, $"{Regex.Escape(host.Address)}/quarantine/[A-Za-z0-9_.-]+", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)).Value;

        await using var context = await host.OpenAsync(chromium, Variant.All[0]);
        var page = await context.NewPageAsync();
        var seen = new Watched(page);
        await page.VisitAsync(link);
        await page.VisitAsync($"{link}/{club.Id}");
        await Assertions.Expect(page.Locator(".held-text")).ToContainTextAsync("Open evening on Friday.");
        var ours = seen.Requests.Select(static request => Path(request.Url)).ToHashSet();
        ours.ExceptWith([new Uri(link).AbsolutePath, $"{new Uri(link).AbsolutePath}/{club.Id}"]);
        List<string> wrong = [];
        foreach (var (id, mail) in hostile.Zip(HostileHtml.All))
        {
            seen.Requests.Clear();
            await page.VisitAsync($"{link}/{id}", new() { WaitUntil = WaitUntilState.Load });
            var beyond = seen.Requests.Where(request => !request.Url.StartsWith(host.Address, StringComparison.Ordinal) || !(ours.Contains(Path(request.Url)) || request.Url == $"{link}/{id}")).Select(static request => request.Url);
            wrong.AddRange(beyond.Select(url => $"{mail.Name}: asked for {url}"));
            if (await page.EvaluateAsync<bool>($"() => '{HostileHtml.Global}' in window") || seen.Said.Any(static text => text.Contains("RAN", StringComparison.Ordinal)) || seen.Dialogs > 0)
            {
                wrong.Add($"{mail.Name}: ran");
            }

            if (page.Url != $"{link}/{id}" || page.Frames.Count > 1)
            {
                wrong.Add($"{mail.Name}: went to {page.Url}, {page.Frames.Count} frames");
            }
        }

        Assert.Empty(wrong);
        await ReleaseAsync(page, link, club, plans);
    }

    [Fact]
    public async Task The_same_mails_shown_raw_run_and_reach_out()
    {
        chromium.Require();
        await using var context = await chromium.Browser.NewContextAsync();
        await context.RouteAsync("**/*", static route => int.TryParse(new Uri(route.Request.Url).AbsolutePath.Trim('/'), System.Globalization.CultureInfo.InvariantCulture, out var number) && new Uri(route.Request.Url).Host == "raw.test"
            ? route.FulfillAsync(new() { BodyBytes = HostileHtml.All[number].Body, ContentType = HostileHtml.All[number].Type })
            : route.AbortAsync());
        List<string> silent = [];
        for (var number = 0; number < HostileHtml.All.Count; number++)
        {
            var page = await context.NewPageAsync();
            var seen = new Watched(page);
            try
            {
                await page.VisitAsync($"http://raw.test/{number}", new() { WaitUntil = WaitUntilState.Load, Timeout = 2_000 });
                await page.WaitForTimeoutAsync(20);
            }
            catch (Exception away) when (away is PlaywrightException or TimeoutException)
            {
                // It went elsewhere.
            }

            if (!seen.Said.Any(static text => text.Contains("RAN", StringComparison.Ordinal)) && seen.Requests.Count < 2 && !await RanAsync(page))
            {
                silent.Add(HostileHtml.All[number].Name);
            }

            await page.CloseAsync();
        }

        // The results file keeps output in CDATA, which "]]>" would end.
        TestContext.Current.TestOutputHelper?.WriteLine($"{HostileHtml.All.Count - silent.Count} of {HostileHtml.All.Count} act in this browser when they are shown raw; these do not: {string.Join(" | ", silent).Replace("]]>", "]] >", StringComparison.Ordinal)}");
        Assert.InRange(HostileHtml.All.Count - silent.Count, 100, HostileHtml.All.Count);
    }

    [Fact]
    public async Task Why_a_message_was_kept_reads_the_same_when_its_body_is_gone()
    {
        chromium.Require();
        await host.PolicyAsync(new FilterPolicy { TagOnly = false, Actions = new Dictionary<string, PolicyAction> { ["attachment.executable"] = PolicyAction.Quarantine } });
        var message = await host.BringAsync("why@kita.example", WithProgram("why@sender.example"));
        var held = await HeldOfAsync(message);
        await using var context = await host.OpenAsync(chromium, Variant.All[0]);
        var page = await context.NewPageAsync();
        await host.SignInAsync(page, QuarantineHost.Customer);
        var before = await WhyAsync(page, message);
        Assert.Contains("run.exe is a program", before, StringComparison.Ordinal);
        Assert.Equal(0, await page.GetByText("Its content is no longer here").CountAsync());
        Assert.True((await host.Services.GetRequiredService<HeldDesk>().DeleteAsync(new HeldActor(HeldMail.Who("u_x", host.TenantPath), null), held.Id, Cancel)).Ok);
        for (var attempt = 0; ; attempt++)
        {
            var after = await WhyAsync(page, message);
            if (await page.GetByText("Its content is no longer here").CountAsync() == 1)
            {
                Assert.Equal(before, after);
                return;
            }

            Assert.True(attempt < 50, "the content is still here");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancel);
        }
    }

    private async Task ReleaseAsync(IPage page, string link, HeldRow club, HeldRow plans)
    {
        await page.VisitAsync($"{link}/{club.Id}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Release", Exact = true }).DblClickAsync();
        await Assertions.Expect(page.Locator(".toast-note")).ToContainTextAsync("on its way to you");
        await GotAsync(static text => text.Contains("Open evening on Friday.", StringComparison.Ordinal));
        await page.VisitAsync($"{link}/{plans.Id}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask for it" }).ClickAsync();
        await Assertions.Expect(page.Locator(".toast-note")).ToContainTextAsync("administrator is asked");
        await host.SignInAsync(page, QuarantineHost.Customer);
        await page.VisitAsync($"{host.Address}/console/mail/quarantine/{plans.Id}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve and release" }).ClickAsync();
        await page.Locator("dialog[open]").GetByRole(AriaRole.Button, new() { Name = "Release" }).DblClickAsync();
        await Assertions.Expect(page.Locator(".toast-note")).ToContainTextAsync("goes to its recipient");
        await GotAsync(static text => text.Contains("<plans@sender.example>", StringComparison.Ordinal));

        // Whoever asks again, for either, gets nothing more.
        foreach (var id in (string[])[club.Id, plans.Id])
        {
            await host.Services.GetRequiredService<HeldDesk>().ReleaseAsync(new HeldActor(HeldMail.Who("u_x", host.TenantPath), null), id, false, Cancel);
        }

        await Task.Delay(TimeSpan.FromMilliseconds(700), TimeProvider.System, Cancel);
        foreach (var id in (string[])["<club@sender.example>", "<plans@sender.example>"])
        {
            Assert.Single(host.Server.Texts, text => text.Contains(id, StringComparison.Ordinal));
        }

        Assert.DoesNotContain(host.Server.Texts, static text => text.Contains("x@evil.example", StringComparison.Ordinal));
    }

    private async Task<HeldRow> HeldOfAsync(string message)
    {
        for (var attempt = 0; ; attempt++)
        {
            if (await host.Services.GetRequiredService<HeldBook>().OfMessageAsync(HeldMail.Who("u_x", host.TenantPath), message, Cancel) is [var row, ..])
            {
                return row;
            }

            Assert.True(attempt < 250, "the message is not held after five seconds");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }
    }

    private async Task<string> GotAsync(Func<string, bool> holds)
    {
        for (var i = 0; ; i++)
        {
            var texts = host.Server.Messages.Where(static message => message.Recipients.Contains(Recipient))
                .SelectMany(static message => (string[])[MessageText.Read(message.Content.Span).Text, System.Text.Encoding.UTF8.GetString(message.Content.Span)]);
            if (texts.FirstOrDefault(holds) is { } text)
            {
                return text;
            }

            Assert.True(i < 500, "nothing came within ten seconds");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }
    }

    private async Task<string> WhyAsync(IPage page, string message)
    {
        for (var attempt = 0; ; attempt++)
        {
            await page.VisitAsync($"{host.Address}/console/mail/messages/{message}");
            var why = page.Locator("section.panel", new() { Has = page.GetByRole(AriaRole.Heading, new() { Name = "Why", Exact = true }) });
            if (await why.CountAsync() == 1)
            {
                return await why.InnerHTMLAsync();
            }

            Assert.True(attempt < 50, "the message has no why");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancel);
        }
    }

    private static async Task<bool> RanAsync(IPage page)
    {
        try
        {
            return await page.EvaluateAsync<bool>($"() => '{HostileHtml.Global}' in window");
        }
        catch (PlaywrightException)
        {
            return false;
        }
    }

    private static string Path(string url) => new Uri(url).AbsolutePath;

    private static string WithProgram(string id) =>
        $"From: a@sender.example\r\nTo: kaji@kita.example\r\nDate: Thu, 26 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{id}>\r\nSubject: Plans as agreed\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        + "--b\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"run.exe\"\r\nContent-Transfer-Encoding: base64\r\n\r\nTVoAAA==\r\n--b--\r\n";

    /// <summary>Everything a page asked for, said in the console, and put into dialogs.</summary>
    private sealed class Watched
    {
        private int _dialogs;

        public Watched(IPage page)
        {
            page.Request += (_, request) => Requests.Enqueue(request);
            page.Console += (_, message) => Said.Enqueue(message.Text);
            page.Dialog += (_, dialog) =>
            {
                Interlocked.Increment(ref _dialogs);
                _ = dialog.DismissAsync();
            };
        }

        public ConcurrentQueue<IRequest> Requests { get; } = new();

        public ConcurrentQueue<string> Said { get; } = new();

        public int Dialogs => Volatile.Read(ref _dialogs);
    }
}
