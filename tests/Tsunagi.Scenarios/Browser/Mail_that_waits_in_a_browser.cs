using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Tenants;
using Tsunagi.Mail.Pending;
using Tsunagi.Mail.Submission;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Mime;
using Tsunagi.Tests.Mail.Submission;

namespace Tsunagi.Scenarios.Browser;

/// <summary>A person sends mail from a mail program, sees by the notice that one address is wrong, takes that one back and lets the other go.</summary>
public sealed class Mail_that_waits_in_a_browser(QuarantineHost host, Chromium chromium) : IClassFixture<QuarantineHost>, IClassFixture<Chromium>
{
    private const string User = "tanaka@kita.example";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_link_of_a_notice_takes_one_recipient_back_and_sends_to_the_other_at_once()
    {
        chromium.Require();
        await host.PolicyAsync(new FilterPolicy { Pending = new PendingPolicy { Minutes = 10 } });
        for (var i = 0; i < 3; i++)
        {
            host.Services.GetRequiredService<Correspondents>().Wrote(host.TenantPath, "partner.example");
        }

        var message = await SubmitAsync("Offer 2026-118", "mori@partner.example", "mori@patrner.example");
        var link = Regex.Match(
            await GotAsync("Check the address", static text => text.Contains("/pending/", StringComparison.Ordinal)), $"{Regex.Escape(host.Address)}/pending/[A-Za-z0-9_.-]+", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)).Value;
        var rows = await RowsAsync(message);
        Assert.Equal(["", "partner.example"], rows.Select(static row => row.Doubt));
        await LookAsync(link, message);

        await using var context = await host.OpenAsync(chromium, Variant.All[0]);
        var page = await context.NewPageAsync();

        // What a link scanner does: every address is fetched, and nothing changes. Nor does a post without the page's token.
        foreach (var path in new[] { "", "/all/cancel", "/all/send", $"/{rows[0].Id}/send", $"/{rows[0].Id}/cancel" })
        {
            await page.APIRequest.GetAsync(link + path);
            await page.APIRequest.HeadAsync(link + path);
        }

        Assert.Equal(400, (await page.APIRequest.PostAsync($"{link}/{rows[0].Id}/cancel", new() { Headers = [new("X-Tsunagi-Act", "1")] })).Status);
        Assert.All(await RowsAsync(message), static row => Assert.Equal(PendingState.Pending, row.State));

        await page.VisitAsync(link);
        await Assertions.Expect(page.GetByText("like partner.example, which you often write to")).ToBeVisibleAsync();
        await page.Locator(".held-item", new() { HasText = "mori@patrner.example" }).GetByRole(AriaRole.Button, new() { Name = "Cancel" }).DblClickAsync();
        await Assertions.Expect(page.Locator(".toast-note")).ToContainTextAsync("taken back");
        await page.VisitAsync(link);
        await page.Locator(".held-item", new() { HasText = "mori@partner.example" }).GetByRole(AriaRole.Button, new() { Name = "Send now" }).ClickAsync();
        await Assertions.Expect(page.Locator(".toast-note")).ToContainTextAsync("on its way");

        await GotAsync("Undelivered", static text => text.Contains("mori@patrner.example", StringComparison.Ordinal) && text.Contains("Taken back before it was sent", StringComparison.Ordinal));
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, Cancel);
        Assert.Equal(["mori@partner.example"], Assert.Single(host.Smarthost.Messages, static got => Encoding.UTF8.GetString(got.Content.Span).Contains("Offer 2026-118", StringComparison.Ordinal)).Recipients);
        await page.VisitAsync(link);
        await Assertions.Expect(page.Locator(".held-item")).ToHaveCountAsync(2);
        Assert.Equal(0, await page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).CountAsync());
        await Screenshots.TakeAsync(page, "pending-own-decided", Variant.All[0]);

        // An administrator sees the same, and takes another message back.
        var second = await SubmitAsync("Plans", "ono@partner.example");
        await RowsAsync(second);
        await host.SignInAsync(page, QuarantineHost.Customer);
        await page.VisitAsync(host.Address + "/console/mail/pending?q=ono@partner.example");
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Assertions.Expect(page.Locator(".toast-note")).ToContainTextAsync("taken back");
        Assert.Equal(PendingState.Recalled, (await RowsAsync(second))[0].State);
    }

    private async Task LookAsync(string link, string message)
    {
        List<string> faults = [];
        foreach (var variant in Variant.All)
        {
            await using var context = await host.OpenAsync(chromium, variant);
            var page = await context.NewPageAsync();
            var watch = new PageWatch(page, host.Address, new HashSet<int> { 410 });
            async Task GoAsync(string name, string address)
            {
                await page.VisitAsync(address);
                faults.AddRange((await PageChecks.FindAsync(page)).Select(fault => $"{name} {variant.Name}: {fault}"));
                await Screenshots.TakeAsync(page, name, variant);
            }

            await GoAsync("pending-own", link);
            await GoAsync("pending-link-wrong", host.Address + "/pending/t_nobody.AAAA");
            await host.SignInAsync(page, QuarantineHost.Customer);
            await GoAsync("pending", host.Address + "/console/mail/pending");
            await GoAsync("pending-trace", host.Address + "/console/mail/messages/" + message);
            await GoAsync("pending-policy", host.Address + "/console/mail/policies/edit");
            faults.AddRange(watch.Complaints.Select(fault => $"{variant.Name}: {fault}"));
        }

        Assert.Empty(faults);
    }

    /// <summary>After AUTH; the message's id.</summary>
    private async Task<string> SubmitAsync(string subject, params string[] to)
    {
        var desk = host.Services.GetRequiredService<CredentialDesk>();
        var owner = Caller.System(new TenantScope(host.TenantId, host.TenantPath));
        _secret ??= (await desk.MakeAsync(owner, new NewCredential(host.Subscription, User, "Mail program", null), null, Cancel)).Value!.Secret;
        await using var client = await TlsDialogue.StartTlsAsync(host.Services.GetRequiredService<SubmissionListener>().EndPoints[0].Port);
        Assert.StartsWith("235", await client.SayAsync("AUTH PLAIN " + SubmissionNode.Plain(User, _secret!)), StringComparison.Ordinal);
        await client.SayAsync($"MAIL FROM:<{User}>");
        foreach (var recipient in to)
        {
            Assert.StartsWith("250", await client.SayAsync($"RCPT TO:<{recipient}>"), StringComparison.Ordinal);
        }

        await client.SayAsync("DATA");
        var reply = await client.SayAsync($"From: Tanaka <{User}>\r\nSubject: {subject}\r\n\r\nDear Ms Mori,\r\nplease find our offer.\r\n.");
        Assert.StartsWith("250", reply, StringComparison.Ordinal);
        return Regex.Match(reply, "m_[0-9a-z]+", RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1)).Value;
    }

    private string? _secret;

    private async Task<IReadOnlyList<PendingRow>> RowsAsync(string message)
    {
        var book = host.Services.GetRequiredService<PendingBook>();
        for (var i = 0; ; i++)
        {
            var rows = await book.OfMessageAsync(Caller.System(new TenantScope(host.TenantId, host.TenantPath)), message, Cancel);
            if (rows.Count > 0)
            {
                return rows;
            }

            Assert.True(i < 500, "nothing waits after ten seconds");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }
    }

    /// <summary>A letter to the sender whose subject begins so.</summary>
    private async Task<string> GotAsync(string subject, Func<string, bool> holds)
    {
        for (var i = 0; ; i++)
        {
            var texts = host.Server.Messages.Where(message => message.Recipients.Contains(User))
                .SelectMany(static message => (string[])[MessageText.Read(message.Content.Span).Text, Encoding.UTF8.GetString(message.Content.Span)]);
            if (texts.FirstOrDefault(holds) is { } text)
            {
                return text;
            }

            Assert.True(i < 500, $"no letter \"{subject}…\" came within ten seconds");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }
    }
}
