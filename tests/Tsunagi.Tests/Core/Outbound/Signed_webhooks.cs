using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Events;
using Tsunagi.Core.Outbound;
using Tsunagi.Core.Outbound.Webhooks;
using Tsunagi.Core.Queue;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Tenants;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Outbound;

public sealed class Signed_webhooks : IAsyncLifetime
{
    private readonly ConcurrentQueue<(string Id, string Timestamp, string Signature, string Body)> _told = new();
    private ApiHost _host = null!;
    private WebApplication _other = null!;
    private ApiClient _admin = null!;
    private Tenant _customer = null!;
    private Tenant _sibling = null!;
    private string _url = "";
    private int _answer = 204;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await ApiHost.StartAsync();
        using var root = await _host.OperatorAsync();
        _customer = await _host.AddTenantAsync("Customer");
        _sibling = await _host.AddTenantAsync("Sibling");
        _admin = await _host.UserAsync("admin@customer.example", "tenant-admin", _customer);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _other = builder.Build();
        _other.MapPost("/hook", async (HttpContext context) =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var headers = context.Request.Headers;
            _told.Enqueue((headers["webhook-id"].ToString(), headers["webhook-timestamp"].ToString(), headers["webhook-signature"].ToString(), await reader.ReadToEndAsync()));
            context.Response.StatusCode = _answer;
        });
        await _other.StartAsync(Cancel);
        _url = _other.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/hook";
    }

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        await _other.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Own_events_that_are_wanted_are_told_once_each_and_signed()
    {
        var made = await AddAsync("subscription.*");
        var wanted = await EventAsync("subscription.taken@1", _customer);
        await EventAsync("tenant.changed@1", _customer);
        await EventAsync("subscription.taken@1", _sibling);
        await PumpAsync();
        await PumpAsync();
        await DeliverAsync();

        var (id, timestamp, signature, body) = Assert.Single(_told);
        Assert.Equal(wanted, id);
        Assert.Equal(WebhookSignature.Sign(made["secret"]!, id, long.Parse(timestamp, null), Encoding.UTF8.GetBytes(body)), signature);
        Assert.Equal("subscription.taken@1", (string?)JsonNode.Parse(body)!["type"]);
        var shown = await _admin.GetAsync($"webhooks/{IdOf(made)}");
        Assert.Equal("204", shown["lastStatus"]);
        Assert.Null(shown["lastProblem"]);
        Assert.DoesNotContain("whsec", shown.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_that_fails_is_told_again_later_and_its_page_says_why()
    {
        var made = await AddAsync("*");
        await EventAsync("subscription.taken@1", _customer);
        await PumpAsync();
        _answer = 500;
        await DeliverAsync();
        var failing = await _admin.GetAsync($"webhooks/{IdOf(made)}");
        Assert.Equal("the host answered 500", failing["lastProblem"]);
        Assert.NotNull(failing["failingSinceAt"]);
        await DeliverAsync();
        Assert.Single(_told);

        _answer = 200;
        _host.Time.Advance(TimeSpan.FromMinutes(1));
        await DeliverAsync();
        Assert.Equal(2, _told.Count);
        Assert.Single(_told.Select(each => each.Id).Distinct());
        Assert.NotEqual(_told.First().Signature, _told.Last().Signature);
        Assert.Null((await _admin.GetAsync($"webhooks/{IdOf(made)}"))["failingSinceAt"]);
    }

    [Fact]
    public async Task Gone_is_never_told_again_and_a_paused_one_goes_on_where_it_stopped()
    {
        var made = await AddAsync("*");
        await _admin.SendAsync(HttpMethod.Patch, $"webhooks/{IdOf(made)}", new { state = "paused" }, 200);
        await EventAsync("subscription.taken@1", _customer);
        await PumpAsync();
        await DeliverAsync();
        Assert.Empty(_told);
        await _admin.SendAsync(HttpMethod.Patch, $"webhooks/{IdOf(made)}", new { state = "active" }, 200);
        _answer = 410;
        await PumpAsync();
        await DeliverAsync();
        Assert.Single(_told);
        Assert.Equal("gone", (await _admin.GetAsync($"webhooks/{IdOf(made)}"))["state"]);
        await EventAsync("subscription.ended@1", _customer);
        await PumpAsync();
        await DeliverAsync();
        Assert.Single(_told);
    }

    [Fact]
    public async Task Address_inside_the_provider_is_never_called()
    {
        await _admin.PostAsync("webhooks", new { name = "h", url = "http://169.254.169.254/latest/meta-data", events = new[] { "*" } }, 201);
        await EventAsync("subscription.taken@1", _customer);
        await PumpAsync();
        await DeliverAsync();
        Assert.Contains("not public", (await _admin.GetAsync("webhooks")).Json!["items"]![0]!["lastProblem"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal("webhook.url", (await _admin.PostAsync("webhooks", new { name = "h", url = "file:///etc/passwd", events = new[] { "*" } }, 400)).Code);
    }

    [Fact]
    public async Task Webhook_of_another_tenant_is_not_found()
    {
        var id = IdOf(await AddAsync("*"));
        using var other = await _host.UserAsync("admin@sibling.example", "tenant-admin", _sibling);
        await other.GetAsync($"webhooks/{id}", 404);
        await other.SendAsync(HttpMethod.Patch, $"webhooks/{id}", new { name = "x" }, 404);
        await other.SendAsync(HttpMethod.Delete, $"webhooks/{id}", null, 404);
        await other.PostAsync($"webhooks/{id}/test", null, 404);
        Assert.Empty((await other.GetAsync("webhooks")).Json!["items"]!.AsArray());
        await _admin.PostAsync($"webhooks/{id}/test", null, 204);
        await DeliverAsync();
        Assert.Contains("webhook.test@1", Assert.Single(_told).Body, StringComparison.Ordinal);
        await _admin.SendAsync(HttpMethod.Delete, $"webhooks/{id}", null, 204);
        await _admin.GetAsync($"webhooks/{id}", 404);
    }

    private static string IdOf(ApiAnswer made) => made.Json!["webhook"]!["id"]!.ToString();

    private async Task<ApiAnswer> AddAsync(params string[] events)
    {
        var made = await _admin.PostAsync("webhooks", new { name = "h", url = _url, events }, 201);

        // What made it known is in the feed too; it begins behind that.
        await ProjectAsync();
        await PumpAsync();
        await DeliverAsync();
        _told.Clear();
        return made;
    }

    private async Task<string> EventAsync(string type, Tenant tenant)
    {
        var id = Tsunagi.Core.Ids.Id.New("e", _host.Time);
        await _host.Stores.Control.WriteAsync(
            async transaction =>
            {
                await _host.Get<Outbox>().AppendAsync(transaction, new Event(id, type, Tsunagi.Core.Time.UnixMicros.From(_host.Time.GetUtcNow()), tenant.TenantPath, tenant.Id, """{"n":1}"""));
                return 0;
            },
            Cancel);
        await ProjectAsync();
        return id;
    }

    private async Task ProjectAsync()
    {
        while (await _host.ProjectOutboxAsync() > 0)
        {
        }
    }

    private async Task PumpAsync()
    {
        var pump = new WebhookPump(_host.Stores, _host.Get<EventFeed>(), _host.Get<EventSignal>(), _host.Get<IWorkQueue>(), _host.Time, NullLogger<WebhookPump>.Instance);
        while (await pump.RoundAsync(Cancel))
        {
        }
    }

    private async Task DeliverAsync()
    {
        var queue = _host.Get<IWorkQueue>();
        var handler = new WebhookDelivery(_host.Stores, _host.Get<ISecretBox>(), _host.Get<OutboundHttp>(), _host.Time);
        foreach (var item in await queue.TakeAsync([WebhookDelivery.WorkKind], 50, Cancel))
        {
            var outcome = await handler.HandleAsync(item, Cancel);
            if (outcome.Reason is { } reason)
            {
                await queue.FailAsync(item, reason, outcome.IsNever, Cancel);
            }
            else
            {
                await queue.CompleteAsync(item, Cancel);
            }
        }
    }
}
