using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Inbound;
using Tsunagi.Mail.Try;
using Tsunagi.Tests.Host;
using Tsunagi.Tests.Protocols.Mail.Feedback;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Scenarios.Browser;

/// <summary>Reports that reporters send by SMTP to a running node, and what the domain's owner makes of them on its pages, in every variant.</summary>
public sealed class Domain_reports_in_a_browser(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private const string Address = "reports@provider.example";
    private const string Customer = "owner@users.example";
    private TestNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        _node = await TestNode.StartAsync(more: new Dictionary<string, string> { ["mail.reports"] = $$"""{"address":"{{Address}}"}""" });
        var (tenant, api) = await _node.AddTenantAsync(null, "customer", "owner");
        using var closing = api;
        foreach (var name in new[] { "kita.example", "stalw.art" })
        {
            var domain = (string)(await _node.Operator.PostAsync("/domains", new { tenantId = tenant, name }))["id"]!;
            await _node.Operator.PostAsync($"/domains/{domain}/approve", new { reason = "a test" });
        }

        await _node.Operator.PutAsync("/plans/mail", new
        {
            code = "mail", specification = "mail.gateway", nameEn = "Mail", nameJa = "メール", currency = "JPY", prices = new object[] { new { model = "flat", label = "Fee", amount = 100 } },
        });
        var subscription = (string)(await _node.Operator.PostAsync("/subscriptions", new
        {
            tenantId = tenant, plan = "mail", name = "Kita's mail", settings = new { domains = new[] { "kita.example" }, nextHop = "127.0.0.1:9" },
        }))["id"]!;
        for (var i = 0; ((JsonArray)(await api.GetAsync($"/subscriptions/{subscription}/running"))["items"]!) is not [{ } running, ..] || running["whyNotYet"] is not null; i++)
        {
            Assert.True(i < 200, "the contract does not run after twenty seconds");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task An_owner_sees_who_sends_as_its_domain_and_what_to_mend()
    {
        chromium.Require();
        var sent = await SendAsync();
        JsonArray reports = [];
        for (var i = 0; reports.Count < sent; i++)
        {
            Assert.True(i < 200, $"{reports.Count} of {sent} reports after twenty seconds");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
            reports = (JsonArray)(await _node.Operator.GetAsync("/mail/reports?limit=200"))["items"]!;
        }

        List<string> faults = [];
        var one = (string)reports.First(static report => (string?)report!["domain"] == "kita.example" && (string?)report["kind"] == "dmarc")!["id"]!;
        foreach (var variant in Variant.All)
        {
            await using var context = await chromium.Browser.NewContextAsync(variant.ContextOptions);
            await context.AddCookiesAsync(variant.CookiesFor(_node.Url));
            var page = await context.NewPageAsync();
            var watch = new PageWatch(page, _node.Url);
            await SignInAsync(page);
            foreach (var (name, path, expected) in new[]
            {
                ("reports", "/console/mail/reports", "kita.example"), ("reports-domain", "/console/mail/reports/kita.example", "sts-policy-fetch-error"),
                ("reports-shared", "/console/mail/reports/stalw.art?days=3650", "50.223.129.194"), ("reports-one", "/console/mail/reports/of/" + one, "203.0.113.9"),
            })
            {
                await page.VisitAsync(_node.Url + path);
                await Assertions.Expect(page.Locator("main")).ToContainTextAsync(expected);
                await Assertions.Expect(page.Locator("main")).Not.ToContainTextAsync("stranger.example");
                faults.AddRange((await PageChecks.FindAsync(page)).Select(fault => $"{name} {variant.Name}: {fault}"));
                await Screenshots.TakeAsync(page, name, variant);
            }

            faults.AddRange(watch.Complaints.Select(fault => $"{variant.Name}: {fault}"));
        }

        Assert.Empty(faults);
    }

    /// <summary>Thirty days of two reporters, a TLS report, one about a domain of nobody, and the recorded ones where they are here; returns how many rows they make.</summary>
    private async Task<int> SendAsync()
    {
        await using var sender = await SmtpSender.ConnectAsync(
            "127.0.0.1", _node.Services.GetRequiredService<MailListener>().EndPoints[0].Port, "mx.receiver.example", NextHopTls.Never, TimeProvider.System, CancellationToken.None);
        var today = new DateTimeOffset(TimeProvider.System.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
        var messages = new List<byte[]>();
        for (var day = 1; day <= 29; day++)
        {
            var records = FeedbackSample.Record("192.0.2.10", (400 + (day * 7 % 90)).ToString(CultureInfo.InvariantCulture), from: "kita.example")
                + FeedbackSample.Record("198.51.100.20", (60 + (day % 9)).ToString(CultureInfo.InvariantCulture), "fail", "fail", "kita.example")
                + FeedbackSample.Record("203.0.113.9", (day % 5 * 20).ToString(CultureInfo.InvariantCulture), "fail", "fail", "kita.example")
                    .Replace("<result>pass</result></spf>", "<result>softfail</result></spf>", StringComparison.Ordinal).Replace("<disposition>none", "<disposition>quarantine", StringComparison.Ordinal)
                + FeedbackSample.Record("192.0.2.77", "12", "fail", "fail", "kita.example").Replace("<spf>fail</spf>", "<spf>fail</spf><reason><type>mailing_list</type></reason>", StringComparison.Ordinal);
            messages.Add(FeedbackSample.Mail("application/gzip", "r.xml.gz", FeedbackSample.Gzip(FeedbackSample.Utf8(
                FeedbackSample.Aggregate("kita.example", $"d-{day}", records, begin: today.AddDays(-day).ToUnixTimeSeconds())))));
        }

        var tls = FeedbackSample.Tls("kita.example", day: today.AddDays(-1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)).Replace("validation-failure", "sts-policy-fetch-error", StringComparison.Ordinal);
        messages.Add(FeedbackSample.Mail("application/tlsrpt+gzip", "r.json.gz", FeedbackSample.Gzip(FeedbackSample.Utf8(tls))));
        messages.Add(FeedbackSample.Mail("text/xml", "r.xml", FeedbackSample.Utf8(FeedbackSample.Aggregate("stranger.example"))));
        var shared = SharedFiles.Find("data/mail/mail-auth/dmarc-feedback");
        Assert.SkipWhen(shared is null, "the shared files of mail-auth are not here");
        foreach (var file in Directory.GetFiles(shared!).Order(StringComparer.Ordinal))
        {
            if (Path.GetExtension(file) == ".eml")
            {
                messages.Add(await File.ReadAllBytesAsync(file));
            }
            else if (Path.GetExtension(file) == ".xml")
            {
                messages.Add(FeedbackSample.Mail("text/xml", "r.xml", await File.ReadAllBytesAsync(file)));
            }
        }

        foreach (var message in messages)
        {
            var result = await sender.SendAsync("dmarc@receiver.example", [Address], message);
            Assert.True(result.IsAccepted, string.Join(' ', result.Replies));
        }

        return messages.Count;
    }

    private async Task SignInAsync(IPage page)
    {
        await page.VisitAsync(_node.Url + "/sign-in");
        await page.Locator("input[name=email]").FillAsync(Customer);
        await page.Locator("input[name=password]").FillAsync(TestNode.Password);
        await page.Locator("input[name=password]").PressAsync("Enter");
        await page.ArriveAsync(_node.Url + "/console");
    }
}
