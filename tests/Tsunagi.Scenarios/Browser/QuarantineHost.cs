using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Inbound;
using Tsunagi.Mail.Quarantine;
using Tsunagi.Mail.Quarantine.Digest;
using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Try;
using Tsunagi.Mail.Verdict;
using Tsunagi.Tests.Host;
using Tsunagi.Tests.Mail;
using Tsunagi.Tests.Mail.Quarantine;

namespace Tsunagi.Scenarios.Browser;

/// <summary>A whole node with one customer, the customer's mail server on loopback, and held mail of every class.</summary>
public sealed class QuarantineHost : IAsyncLifetime
{
    public const string Operator = "operator@localhost";
    public const string Customer = "owner@users.example";
    private TestNode _node = null!;
    private string _tenantPath = "";
    private string _subscription = "";

    internal CustomerServer Server { get; } = new();

    /// <summary>Where mail for others leaves.</summary>
    internal CustomerServer Smarthost { get; } = new();

    public string Address => _node.Url;

    public IServiceProvider Services => _node.Services;

    public async ValueTask InitializeAsync()
    {
        _node = await TestNode.StartAsync(more: new Dictionary<string, string>
        {
            ["mail.smarthost"] = $"127.0.0.1:{Smarthost.Port}", ["mail.submission.listen"] = "[\"127.0.0.1:0\"]",
        });
        var (tenant, api) = await _node.AddTenantAsync(null, "customer", "owner");
        using var closing = api;
        await _node.Operator.PutAsync("/plans/mail", new
        {
            code = "mail", specification = "mail.gateway", nameEn = "Mail", nameJa = "メール", currency = "JPY", prices = new object[] { new { model = "flat", label = "Fee", amount = 100 } },
        });
        var domain = (string)(await _node.Operator.PostAsync("/domains", new { tenantId = tenant, name = "kita.example" }))["id"]!;
        await _node.Operator.PostAsync($"/domains/{domain}/approve", new { reason = "a test" });
        _subscription = (string)(await _node.Operator.PostAsync("/subscriptions", new
        {
            tenantId = tenant, plan = "mail", name = "Kita's mail",
            settings = new { domains = new[] { "kita.example" }, nextHop = $"127.0.0.1:{Server.Port}", quarantine = new { digestHour = 0, digest = true } },
        }))["id"]!;
        for (var i = 0; ((JsonArray)(await api.GetAsync($"/subscriptions/{_subscription}/running"))["items"]!) is not [{ } running, ..] || running["whyNotYet"] is not null; i++)
        {
            Assert.True(i < 200, "the contract does not run after twenty seconds");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }

        _tenantPath = (await Services.GetRequiredService<Stores>().Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<string>("SELECT tenant_path FROM tenant WHERE id = @Id", new { Id = tenant }), CancellationToken.None))!;
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await Server.DisposeAsync();
        await Smarthost.DisposeAsync();
    }

    /// <summary>Holds a message and returns the id of its first copy.</summary>
    internal async Task<string> HoldAsync(HoldClass hold, string recipient, string subject, string content)
    {
        var facts = HeldMail.Facts(hold, [recipient], _tenantPath, _subscription, content, subject);
        var message = await HeldMail.PutAsync(Services, facts, content);
        var book = Services.GetRequiredService<HeldBook>();
        for (var i = 0; ; i++)
        {
            if (await book.OfMessageAsync(HeldMail.Who("u_x", _tenantPath), message, CancellationToken.None) is [var row, ..])
            {
                return row.Id;
            }

            Assert.True(i < 200, "the message is not held after four seconds");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    /// <summary>What is known of a message to somebody of the customer.</summary>
    internal AcceptFacts Facts(string recipient) => HeldMail.Facts(HoldClass.None, [recipient], _tenantPath, _subscription, "", "A subject");

    internal string Subscription => _subscription;

    /// <summary>The customer's own tenant.</summary>
    internal string TenantId => _tenantPath.TrimEnd('/').Split('/')[^1];

    internal string TenantPath => _tenantPath;

    /// <summary>Brings a message as any server would, and returns its id.</summary>
    internal async Task<string> BringAsync(string recipient, string content)
    {
        await using var sender = await SmtpSender.ConnectAsync(
            "127.0.0.1", Services.GetRequiredService<MailListener>().EndPoints[0].Port, "sender.example", NextHopTls.Never, TimeProvider.System, CancellationToken.None);
        var result = await sender.SendAsync("news@sender.example", [recipient], System.Text.Encoding.UTF8.GetBytes(content));
        var reply = string.Join(' ', result.Replies);
        Assert.True(result.IsAccepted, reply);
        return System.Text.RegularExpressions.Regex.Match(reply, "m_[0-9a-z]+", System.Text.RegularExpressions.RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1)).Value;
    }

    /// <summary>Says what is done with the customer's mail, from the next message on.</summary>
    internal async Task PolicyAsync(FilterPolicy policy)
    {
        var put = await Services.GetRequiredService<PolicyBook>().PutAsync(Caller.System(new TenantScope(TenantId, _tenantPath)), TenantId, "tenant", "", policy, null, CancellationToken.None);
        Assert.True(put.Ok, put.Refusal?.Message);
        await Services.GetRequiredService<PolicyWatch>().LoadAsync(CancellationToken.None);
    }

    internal async Task<HeldRow> RowAsync(string id) => (await Services.GetRequiredService<HeldBook>().FindAsync(HeldMail.Who("u_x", _tenantPath), id, CancellationToken.None))!;

    internal ValueTask<IReadOnlyList<HeldRow>> RowsOfAsync(string recipient) =>
        Services.GetRequiredService<HeldBook>().ListAsync(HeldMail.Who("u_x", _tenantPath), HeldFilter.Newest with { Recipient = recipient }, 50, CancellationToken.None);

    internal async Task<string> LinkAsync(string recipient) =>
        $"{Address}/quarantine/{await Services.GetRequiredService<RecipientLinks>().MakeAsync(_tenantPath, _subscription, recipient, CancellationToken.None)}";

    public async Task<IBrowserContext> OpenAsync(Chromium chromium, Variant variant)
    {
        var context = await chromium.Browser.NewContextAsync(variant.ContextOptions);
        await context.AddCookiesAsync(variant.CookiesFor(Address));
        return context;
    }

    public async Task SignInAsync(IPage page, string user)
    {
        await page.VisitAsync(Address + "/sign-in");
        await page.Locator("input[name=email]").FillAsync(user);
        await page.Locator("input[name=password]").FillAsync(TestNode.Password);
        await page.Locator("input[name=password]").PressAsync("Enter");
        await page.ArriveAsync(Address + "/console");
    }
}
