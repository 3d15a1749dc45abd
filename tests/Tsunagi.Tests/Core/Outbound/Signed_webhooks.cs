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
    public async Task Deliveries_are_listed_with_what_the_host_answered()
    {
        var made = await AddAsync("*");
        _answer = 500;
        var failing = await EventAsync("subscription.taken@1", _customer);
        await PumpAsync();
        await DeliverAsync();
        var waiting = Assert.Single(await DeliveriesAsync(made), told => (string?)told!["eventId"] == failing)!;
        Assert.Equal(("waiting", 1, 500, "the host answered 500"), ((string?)waiting["state"], (int)waiting["attempts"]!, (int)waiting["status"]!, (string?)waiting["problem"]));

        _answer = 200;
        _host.Time.Advance(TimeSpan.FromMinutes(1));
        await DeliverAsync();
        var told = Assert.Single(await DeliveriesAsync(made), each => (string?)each!["eventId"] == failing)!;
        Assert.Equal(("told", 2, 200, "subscription.taken@1"), ((string?)told["state"], (int)told["attempts"]!, (int)told["status"]!, (string?)told["type"]));
        Assert.Null(told["problem"]);

        using var other = await _host.UserAsync("other@sibling.example", "tenant-admin", _sibling);
        await other.GetAsync($"webhooks/{IdOf(made)}/deliveries", 404);
        await _admin.SendAsync(HttpMethod.Delete, $"webhooks/{IdOf(made)}", null, 204);
        Assert.Equal(0, await _host.Stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM webhook_delivery"), Cancel));
    }

    [Fact]
    public async Task Delivery_is_given_up_after_the_last_attempt_and_when_the_host_wants_none()
    {
        var made = await AddAsync("*");
        _answer = 503;
        var failing = await EventAsync("subscription.taken@1", _customer);
        await PumpAsync();
        var most = _host.Get<WorkQueueOptions>().MaxAttempts;
        for (var i = 1; i <= most; i++)
        {
            await DeliverAsync();
            var state = (string?)Assert.Single(await DeliveriesAsync(made), told => (string?)told!["eventId"] == failing)!["state"];
            Assert.Equal(i == most ? "given-up" : "waiting", state);
            _host.Time.Advance(TimeSpan.FromHours(2));
        }
    }

    [Fact]
    public async Task Deliveries_past_the_limit_push_the_oldest_out_and_pages_walk_over_all()
    {
        var made = await AddAsync("none");
        for (var i = 0; i <= WebhookDeliveries.MaxKept; i++)
        {
            var at = i;
            await _host.Stores.Control.WriteAsync(
                async transaction =>
                {
                    await WebhookDeliveries.RememberAsync(transaction, IdOf(made), _customer.TenantPath, new($"e_{at:000}", "x@1", WebhookToldState.Told, 1, 1_000 + at, 1_000 + at, 200, null));
                    return 0;
                },
                Cancel);
            if (i == WebhookDeliveries.MaxKept - 1)
            {
                Assert.Contains("e_000", (await WalkAsync(made))[^1], StringComparison.Ordinal);
            }
        }

        var kept = await WalkAsync(made);
        Assert.Equal(WebhookDeliveries.MaxKept, kept.Count);
        Assert.Equal(kept.Distinct(), kept);
        Assert.Equal($"e_{WebhookDeliveries.MaxKept:000}", kept[0]);
        Assert.Equal("e_001", kept[^1]);
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

    private async Task<JsonArray> DeliveriesAsync(ApiAnswer made) => (await _admin.GetAsync($"webhooks/{IdOf(made)}/deliveries")).Json!["items"]!.AsArray();

    private async Task<List<string>> WalkAsync(ApiAnswer made)
    {
        var found = new List<string>();
        for (var query = $"webhooks/{IdOf(made)}/deliveries?limit=70"; query is not null;)
        {
            var answer = await _admin.GetAsync(query);
            found.AddRange(answer.Json!["items"]!.AsArray().Select(static told => (string)told!["eventId"]!));
            query = answer["next"] is { } next ? $"webhooks/{IdOf(made)}/deliveries?limit=70&cursor={next}" : null;
        }

        return found;
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
        var handler = new WebhookDelivery(_host.Stores, _host.Get<ISecretBox>(), _host.Get<OutboundHttp>(), _host.Get<WorkQueueOptions>(), _host.Time);
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
