using System.Text;
using System.Text.Json;
using Tsunagi.Core.Changes;
using Tsunagi.Core.Events;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Queue;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Outbound.Webhooks;

/// <summary>The webhooks of the part of the tree a caller sees.</summary>
public sealed class WebhookBook(Stores stores, TenantDirectory tenants, ISecretBox secrets, EventFeed feed, IWorkQueue queue, ChangeRecorder changes, TimeProvider time)
{
    internal const string SecretPurpose = "webhook.secret";
    internal const string Columns =
        "id, tenant_id, tenant_path, name, url, events, state, version, created_at, last_tried_at, last_status, last_problem, failing_since_at, position";

    private const int MaxPerTenant = 50;

    public static readonly TenantQuery List = new("webhook.list", $$"""SELECT {{Columns}} FROM webhook WHERE {tenant} AND id > @After ORDER BY id LIMIT @Limit""");

    public static readonly TenantQuery ById = new("webhook.by-id", $$"""SELECT {{Columns}} FROM webhook WHERE {tenant} AND id = @Id""");

    public async ValueTask<IReadOnlyList<Webhook>> ListAsync(Caller caller, string after, int limit, CancellationToken cancellationToken)
    {
        var rows = await new TenantStore(stores.Control, caller.Scope).QueryAsync<WebhookRow>(List, new { After = after, Limit = (long)limit }, cancellationToken);
        return [.. rows.Select(static row => row.ToWebhook())];
    }

    public async ValueTask<Webhook?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        (await new TenantStore(stores.Control, caller.Scope).FirstOrDefaultAsync<WebhookRow>(ById, new { Id = id }, cancellationToken))?.ToWebhook();

    /// <summary>Adds one; it is told of events from now on.</summary>
    public async ValueTask<Outcome<WebhookMade>> AddAsync(Caller caller, NewWebhook wanted, CancellationToken cancellationToken)
    {
        var tenant = await tenants.FindAsync(caller, wanted.TenantId ?? caller.Scope.TenantId, cancellationToken);
        if (tenant is null)
        {
            return Refusal.NotFound("tenant", wanted.TenantId ?? caller.Scope.TenantId);
        }

        if (WebhookRules.Check(wanted.Url, wanted.Events) is { } refusal)
        {
            return refusal;
        }

        var secret = WebhookSignature.NewSecret();
        var box = await secrets.ProtectAsync(tenant.TenantPath, SecretPurpose, Encoding.UTF8.GetBytes(secret), cancellationToken);
        var position = await feed.LastPositionAsync(cancellationToken);
        var webhook = new Webhook(
            Id.New("wh", time), tenant.Id, tenant.TenantPath, wanted.Name, wanted.Url, [.. wanted.Events.Distinct(StringComparer.Ordinal)], WebhookState.Active, 1, time.NowMicros(), null, null, null, null);
        return await stores.Control.WriteAsync<Outcome<WebhookMade>>(
            async transaction =>
            {
                if (await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM webhook WHERE tenant_id = @TenantId", new { webhook.TenantId }) >= MaxPerTenant)
                {
                    return Refusal.Conflict("webhook.too-many", $"a tenant has {MaxPerTenant} webhooks at most: remove one");
                }

                await transaction.ExecuteAsync(
                    """
                    INSERT INTO webhook (id, tenant_id, tenant_path, name, url, events, secret, state, position, version, created_at)
                    VALUES (@Id, @TenantId, @TenantPath, @Name, @Url, @Events, @Secret, @State, @Position, @Version, @CreatedAt)
                    """,
                    new
                    {
                        webhook.Id, webhook.TenantId, webhook.TenantPath, webhook.Name, webhook.Url, Events = JsonSerializer.Serialize(webhook.Events), Secret = box,
                        webhook.State, Position = position, webhook.Version, webhook.CreatedAt,
                    });
                await changes.RecordAsync(transaction, caller, "webhook.added", webhook.Id, webhook.TenantPath, null, webhook);
                return new WebhookMade(webhook, secret);
            },
            cancellationToken);
    }

    public async ValueTask<Outcome<Webhook>> ChangeAsync(Caller caller, string id, WebhookChange wanted, long? ifVersion, CancellationToken cancellationToken)
    {
        var before = await FindAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return Refusal.NotFound("webhook", id);
        }

        if (WebhookRules.Check(wanted.Url, wanted.Events) is { } refusal)
        {
            return refusal;
        }

        var after = before with
        {
            Name = wanted.Name ?? before.Name, Url = wanted.Url ?? before.Url, Events = wanted.Events ?? before.Events, State = wanted.State ?? before.State, Version = before.Version + 1,
        };
        return await stores.Control.WriteAsync<Outcome<Webhook>>(
            async transaction =>
            {
                var version = await transaction.FirstOrDefaultAsync<long>("SELECT version FROM webhook WHERE id = @Id", new { Id = id });
                if (version != before.Version || (ifVersion ?? version) != version)
                {
                    return Refusal.Stale(version);
                }

                await transaction.ExecuteAsync(
                    "UPDATE webhook SET name = @Name, url = @Url, events = @Events, state = @State, version = @Version WHERE id = @Id",
                    new { Id = id, after.Name, after.Url, Events = JsonSerializer.Serialize(after.Events), after.State, after.Version });
                await changes.RecordAsync(transaction, caller, "webhook.changed", id, after.TenantPath, before, after);
                return after;
            },
            cancellationToken);
    }

    public async ValueTask<Outcome<bool>> RemoveAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var before = await FindAsync(caller, id, cancellationToken);
        if (before is null)
        {
            return Refusal.NotFound("webhook", id);
        }

        return await stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync("DELETE FROM webhook_delivery WHERE webhook_id = @Id", new { Id = id });
                await transaction.ExecuteAsync("DELETE FROM webhook WHERE id = @Id", new { Id = id });
                await changes.RecordAsync(transaction, caller, "webhook.removed", id, before.TenantPath, before, null);
                return true;
            },
            cancellationToken);
    }

    /// <summary>Queues a delivery that tells of nothing, for trying the other end.</summary>
    public async ValueTask<Outcome<bool>> TestAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        var webhook = await FindAsync(caller, id, cancellationToken);
        if (webhook is null)
        {
            return Refusal.NotFound("webhook", id);
        }

        var test = new FeedEvent(0, Id.New("e", time), "webhook.test@1", EventSeverity.Info, time.NowMicros(), webhook.TenantPath, webhook.Id, "{}", null);
        return await queue.EnqueueAsync(WebhookDelivery.Work(webhook.Id, webhook.TenantPath, test), cancellationToken);
    }
}

/// <summary>A webhook as it is stored.</summary>
internal sealed record WebhookRow(
    string Id, string TenantId, string TenantPath, string Name, string Url, string Events, string State, long Version, long CreatedAt,
    long? LastTriedAt, int? LastStatus, string? LastProblem, long? FailingSinceAt, long Position)
{
    public IReadOnlyList<string> Patterns => JsonSerializer.Deserialize<string[]>(Events) ?? [];

    public Webhook ToWebhook() => new(
        Id, TenantId, TenantPath, Name, Url, Patterns, State, Version, CreatedAt, LastTriedAt, LastStatus, LastProblem, FailingSinceAt);
}
