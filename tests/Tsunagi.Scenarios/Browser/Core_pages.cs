using Microsoft.Playwright;

namespace Tsunagi.Scenarios.Browser;

/// <summary>Each page of the shell in its three variants: looked at by machine for faults, and kept as a picture for people.</summary>
public sealed class Core_pages(ConsoleHost host, Chromium chromium) : IClassFixture<ConsoleHost>, IClassFixture<Chromium>
{
    [Theory]
    [InlineData("dashboard", "/console")]
    [InlineData("tenants", "/console/tenants")]
    [InlineData("tenant-new", "/console/tenants/new")]
    [InlineData("tenant", "/console/tenants/{customer}")]
    [InlineData("invoice", "/console/tenants/{customer}/invoice")]
    [InlineData("subscriptions", "/console/subscriptions")]
    [InlineData("subscription", "/console/subscriptions/{contract}")]
    [InlineData("subscription-waiting", "/console/subscriptions/{waiting}")]
    [InlineData("subscription-change", "/console/subscriptions/{contract}/change")]
    [InlineData("subscription-new", "/console/subscriptions/new?tenant={customer}")]
    [InlineData("events", "/console/events")]
    [InlineData("audit", "/console/audit")]
    [InlineData("search", "/console/search?q=mail")]
    [InlineData("plans", "/console/plans")]
    [InlineData("users", "/console/users")]
    [InlineData("user", "/console/users/{user}")]
    [InlineData("roles", "/console/roles")]
    [InlineData("role-new", "/console/roles/new")]
    [InlineData("tokens", "/console/tokens")]
    [InlineData("token-new", "/console/tokens/new")]
    [InlineData("nodes", "/console/nodes")]
    [InlineData("settings", "/console/settings")]
    [InlineData("sign-in", "/sign-in")]
    [InlineData("missing", "/console/tenants/t_00000000000000000000000000", 404)]
    [InlineData("no-page", "/console/nothing-here", 404)]
    public async Task Page_has_no_fault_in_any_variant(string name, string path, int status = 200)
    {
        chromium.Require();
        List<string> faults = [];
        foreach (var variant in Variant.All)
        {
            var (page, watch) = await host.LookAsync(chromium, variant);
            watch.Allowed = new HashSet<int> { status };
            var answer = await page.VisitAsync(host.Address + Fill(path), new() { WaitUntil = WaitUntilState.Load });
            Assert.Equal(status, answer!.Status);
            faults.AddRange((await PageChecks.FindAsync(page)).Concat(watch.Take()).Select(fault => $"{variant.Name}: {fault}"));
            await Screenshots.TakeAsync(page, name, variant);
        }

        Assert.Empty(faults);
    }

    private string Fill(string path) => path
        .Replace("{customer}", host.Sample.Customer.Id, StringComparison.Ordinal)
        .Replace("{contract}", host.Sample.Contract.Id, StringComparison.Ordinal)
        .Replace("{user}", host.Sample.OperatorUser.Id, StringComparison.Ordinal)
        .Replace("{waiting}", host.Sample.Waiting.Id, StringComparison.Ordinal);
}
