using System.Net;

namespace Tsunagi.Scenarios.Browser;

/// <summary>Every page and form with an id in it: its owner gets it, another tenant gets 404 and not a word of it.</summary>
public sealed class Pages_keep_tenants_apart(ConsoleHost host) : IClassFixture<ConsoleHost>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_another_tenant_every_page_is_missing()
    {
        List<string> wrong = [];
        foreach (var path in await ForeignPagesAsync())
        {
            var forOperator = await GetAsync(path, asCustomer: false);
            var forCustomer = await GetAsync(path, asCustomer: true);
            if (forOperator.Status != HttpStatusCode.OK || forCustomer.Status != HttpStatusCode.NotFound || forCustomer.Body.Contains("Kitayama", StringComparison.Ordinal))
            {
                wrong.Add($"{path}: operator {forOperator.Status}, other tenant {forCustomer.Status}");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Own_pages_open_and_lists_hold_nothing_of_others()
    {
        List<string> wrong = [];
        string[] own =
        [
            $"/console/tenants/{host.Sample.Customer.Id}", $"/console/tenants/{host.Sample.Customer.Id}/invoice", $"/console/subscriptions/{host.Sample.Contract.Id}",
            "/console", "/console/tenants", "/console/subscriptions", "/console/events", "/console/audit", "/console/users", "/console/tokens", "/console/search?q=City", "/console/search/suggest?q=City",
            "/console/tables/tenant.csv", "/console/tables/subscription.csv", "/console/tables/event.csv", "/console/tables/audit.csv", "/console/tables/user.csv",
            $"/console/tables/event.csv?c.tenant={host.Sample.Waiting.TenantId}", $"/console/tables/subscription.csv?c.tenant={host.Sample.Waiting.TenantId}",
        ];
        foreach (var path in own)
        {
            var answer = await GetAsync(path, asCustomer: true);
            var leaked = answer.Body.Contains("Kitayama", StringComparison.Ordinal) || answer.Body.Contains("City hall", StringComparison.Ordinal);
            if (answer.Status != HttpStatusCode.OK || leaked)
            {
                wrong.Add($"{path}: {answer.Status}{(leaked ? ", names another tenant" : "")}");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Nobody_gets_in_without_a_session_and_nothing_is_changed_without_a_token()
    {
        using var client = host.Client(null);
        var page = await client.GetAsync("/console/tenants", Cancel);
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
        Assert.StartsWith("/sign-in?return=", page.Headers.Location!.OriginalString, StringComparison.Ordinal);

        using var signedIn = host.Client(asCustomer: false);
        using var form = new FormUrlEncodedContent([new("kind", "abuse"), new("reason", "none")]);
        var refused = await signedIn.PostAsync($"/console/subscriptions/{host.Sample.Contract.Id}/holds", form, Cancel);
        Assert.Equal(HttpStatusCode.SeeOther, refused.StatusCode);
        Assert.DoesNotContain("Held", (await GetAsync($"/console/subscriptions/{host.Sample.Contract.Id}", false)).Body, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<string>> ForeignPagesAsync()
    {
        var other = host.Sample.Waiting;
        var events = await GetAsync($"/console/tables/event.csv?c.subject={other.Id}", asCustomer: false);
        Assert.Equal(HttpStatusCode.OK, events.Status);
        var eventId = await host.EventOfAsync(other.Id);
        var auditId = await host.AuditOfAsync(other.Id);
        return
        [
            $"/console/tenants/{other.TenantId}", $"/console/tenants/{other.TenantId}/invoice", $"/console/subscriptions/{other.Id}", $"/console/subscriptions/{other.Id}/change",
            $"/console/subscriptions/new?tenant={other.TenantId}", $"/console/tenants/new?below={other.TenantId}", $"/console/events/{eventId}", $"/console/audit/{auditId}",
            $"/console/users/{host.Sample.OperatorUser.Id}",
        ];
    }

    private async Task<(HttpStatusCode Status, string Body)> GetAsync(string path, bool asCustomer)
    {
        using var client = host.Client(asCustomer);
        var answer = await client.GetAsync(path, Cancel);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }
}
