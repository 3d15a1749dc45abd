using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Inbound;
using Tsunagi.Mail.Try;
using Tsunagi.Tests.Host;
using Tsunagi.Tests.Isolation;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Scenarios.TwoNodes;

/// <summary>The whole provider on PostgreSQL: what one node takes in, the other shows.</summary>
[Collection(nameof(Tsunagi.Scenarios.Isolation.Filters_off))]
[Trait("Process", "own")]
public class Two_nodes_on_one_database
{
    [Fact]
    public async Task Mail_accepted_by_either_node_is_visible_in_both()
    {
        // An empty database: the first node makes the tables, the others of this class find them made.
        await using var cluster = await PostgresCluster.StartAsync();
        await using var receiver = new SmtpReceiver();
        receiver.Start();
        await using var first = await TestNode.StartAsync(cluster.ConnectionString);
        await using var second = await first.BesideAsync(cluster.ConnectionString);
        await first.Operator.PutAsync("/plans/mail", new
        {
            code = "mail", specification = "mail.gateway", nameEn = "Mail", nameJa = "メール", currency = "JPY", prices = new[] { new { model = "flat", label = "Fee", amount = 100 } },
        });
        var (tenant, owner) = await first.AddTenantAsync(null, "customer", "both");
        using (owner)
        {
            var domain = await first.Operator.PostAsync("/domains", new { tenantId = tenant, name = "both.example" });
            await first.Operator.PostAsync($"/domains/{domain["id"]}/approve", new { reason = "a test" });
            var subscription = await first.Operator.PostAsync("/subscriptions", new
            {
                tenantId = tenant, plan = "mail", name = "Mail", settings = new { domains = new[] { "both.example" }, nextHop = $"127.0.0.1:{receiver.Port}" },
            });
            await UntilAsync(async () => Running(await first.Operator.GetAsync($"/subscriptions/{subscription["id"]}/running")) == 2, "both nodes run the subscription");

            await SendAsync(first, "through-the-first");
            await SendAsync(second, "through-the-second");

            foreach (var node in new[] { first, second })
            {
                await UntilAsync(
                    async () => ((JsonArray)(await node.Operator.GetAsync("/mail/messages?state=delivered"))["items"]!).Count == 2, "both messages are delivered and shown by each node");
            }
        }

        Assert.Equal(2, receiver.Received);
    }

    [Fact]
    public async Task Token_of_one_node_holds_at_the_other_and_is_nobodys_there_soon_after_it_was_revoked()
    {
        var database = await (await PostgresCluster.SharedAsync()).CopyForNodeAsync();
        await using var first = await TestNode.StartAsync(database);
        await using var second = await first.BesideAsync(database);
        var made = await first.Operator.PostAsync("/tokens", new { name = "t", permissions = new[] { "core.user.read" } });
        using var program = new HttpClient { BaseAddress = new Uri(second.Url) };
        program.DefaultRequestHeaders.Authorization = new("Bearer", (string)made["secret"]!);
        Assert.Equal(System.Net.HttpStatusCode.OK, await StatusAsync(program));

        using var revoked = await first.Operator.AskAsync(HttpMethod.Delete, $"/tokens/{made["token"]!["id"]}");
        Assert.True(revoked.IsSuccessStatusCode);
        await UntilAsync(async () => await StatusAsync(program) == System.Net.HttpStatusCode.Unauthorized, "the token is nobody's at the other node");
    }

    [Fact]
    public async Task Tenants_are_isolated_on_PostgreSQL_too_and_by_row_level_security_alone_with_every_tenant_filter_off()
    {
        await using var world = await IsolationWorld.MakeAsync(await (await PostgresCluster.SharedAsync()).CopyForNodeAsync());
        Core.Store.TenantQuery.FilterOffFor = string.Join(' ', Tsunagi.Tests.Architecture.Tenant_queries.All.Select(static query => query.Name));
        try
        {
            Assert.Empty(await Tenants_are_isolated.LeaksAsync(world));
        }
        finally
        {
            Core.Store.TenantQuery.FilterOffFor = null;
        }

        Assert.Empty(await Tenants_are_isolated.LeaksAsync(world));
        Assert.Empty(await Tenants_are_isolated.OwnerAsync(world));
    }

    private static async Task<System.Net.HttpStatusCode> StatusAsync(HttpClient http)
    {
        using var response = await http.GetAsync(new Uri("/api/v1/users", UriKind.Relative));
        return response.StatusCode;
    }

    private static int Running(JsonNode states) => ((JsonArray)states["items"]!).Count(static state => state!["whyNotYet"] is null);

    private static async Task SendAsync(TestNode node, string subject)
    {
        var port = node.Services.GetRequiredService<MailListener>().EndPoints[0].Port;
        await using var sender = await SmtpSender.ConnectAsync("127.0.0.1", port, "sender.example", NextHopTls.Never, TimeProvider.System, CancellationToken.None);
        var result = await sender.SendAsync("a@sender.example", ["b@both.example"], Encoding.ASCII.GetBytes($"Subject: {subject}\r\n\r\nhello\r\n"));
        Assert.True(result.IsAccepted, string.Join(' ', result.Replies));
    }

    private static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        for (var i = 0; !await holds(); i++)
        {
            Assert.True(i < 200, "not within twenty seconds: " + what);
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
        }
    }
}
