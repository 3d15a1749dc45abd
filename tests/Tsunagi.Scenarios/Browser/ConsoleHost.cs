using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Tsunagi.Core.Audit;
using Tsunagi.Core.Events;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Identity.SignIn;
using Tsunagi.Core.Identity.Users;
using Tsunagi.Host.Configuration;
using Tsunagi.Host.Running;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Scenarios.Browser;

/// <summary>A node of its own (temporary directory, port 0) with the sample provider, and a session of its operator and of a customer's user.</summary>
public sealed class ConsoleHost : IAsyncLifetime
{
    public const string OperatorPassword = "seven quiet herons";
    public const string CustomerPassword = "eleven green lanterns";
    private readonly TemporaryDirectory _directory = new();
    private ProviderNode _node = null!;
    private string _operator = "";
    private string _customer = "";
    private readonly Dictionary<Variant, (IPage Page, PageWatch Watch)> _kept = [];

    public string Address => _node.Url;

    public IServiceProvider Services => _node.Services;

    internal SampleProvider Sample { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var overrides = new Dictionary<string, string>
        {
            ["data"] = _directory.Path, ["console.listen"] = "127.0.0.1:0", ["provider.name"] = "Hokusei Networks", ["provider.operator"] = SampleProvider.OperatorEmail, ["log.level"] = "warning",
        };
        List<Core.Configuration.ConfigProblem> problems = [];
        var modules = new[] { new SampleModule() };
        var configuration = NodeConfiguration.Load(null, modules, overrides, problems) ?? throw new InvalidOperationException(string.Join('\n', problems));
        _node = await ProviderNode.StartAsync(configuration, modules, TimeProvider.System, CancellationToken.None);
        _operator = await SignInByLinkAsync(_node.SetUpLink!, OperatorPassword);
        Sample = new SampleProvider(_node.Services);
        await Sample.FillAsync();
        _customer = await SignInByLinkAsync(Sample.CustomerLink, CustomerPassword);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (page, _) in _kept.Values)
        {
            await page.Context.DisposeAsync();
        }

        await _node.DisposeAsync();
        _directory.Dispose();
    }

    /// <summary>A context of the browser in which this side of the provider is signed in.</summary>
    public async Task<IBrowserContext> OpenAsync(Chromium chromium, Variant variant, bool asCustomer = false)
    {
        var context = await chromium.Browser.NewContextAsync(variant.ContextOptions);
        await context.AddCookiesAsync(variant.CookiesFor(Address).Append(new Microsoft.Playwright.Cookie { Name = "tsunagi", Value = asCustomer ? _customer : _operator, Url = Address }));
        return context;
    }

    /// <summary>
    /// The operator's one browser page of a variant, which goes from page to page as a person's does: what the browser has loaded and compiled once serves the next, which is half of its work.
    /// For tests that only look, one after the other.
    /// </summary>
    public async Task<(IPage Page, PageWatch Watch)> LookAsync(Chromium chromium, Variant variant)
    {
        if (!_kept.TryGetValue(variant, out var kept))
        {
            var page = await (await OpenAsync(chromium, variant)).NewPageAsync();
            _kept[variant] = kept = (page, new PageWatch(page, Address));
        }

        return kept;
    }

    /// <summary>A plain HTTP client with the session of one side, or of nobody.</summary>
    public HttpClient Client(bool? asCustomer)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(Address) };
        if (asCustomer is { } customer)
        {
            client.DefaultRequestHeaders.Add("Cookie", "tsunagi=" + (customer ? _customer : _operator));
        }

        return client;
    }

    internal async Task<string> EventOfAsync(string subject) =>
        (await Services.GetRequiredService<EventFeed>().OfSubjectAsync(Sample.Operator, subject, 1, CancellationToken.None))[0].Id;

    internal async Task<string> AuditOfAsync(string subject) =>
        (await Services.GetRequiredService<AuditTrail>().ListAsync(Sample.Operator, new AuditFilter(Subject: subject), long.MaxValue, 1, CancellationToken.None))[0].Id;

    private async Task<string> SignInByLinkAsync(string link, string password)
    {
        var token = link[UserDirectory.LinkPathPrefix.Length..];
        var outcome = await _node.Services.GetRequiredService<SignInDesk>().SetPasswordAsync(token, password, new SessionPeer(IPAddress.Loopback, "Chrome, Linux"), CancellationToken.None);
        return outcome.Session?.Token ?? throw new InvalidOperationException(outcome.Refusal?.ToString());
    }
}
