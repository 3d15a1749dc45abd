using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Core.Outbound.Webhooks;

/// <summary>The latest deliveries of each webhook, for whoever runs the other end. Older ones are dropped as new ones come.</summary>
public sealed class WebhookDeliveries(Stores stores)
{
    /// <summary>Kept of each webhook.</summary>
    public const int MaxKept = 200;

    public static readonly TenantQuery OfWebhook = new("webhook.deliveries", """
        SELECT event_id, type, state, attempts, first_at, tried_at, status, problem FROM webhook_delivery
        WHERE {tenant} AND webhook_id = @Webhook AND (first_at < @At OR (first_at = @At AND event_id < @Event)) ORDER BY first_at DESC, event_id DESC LIMIT @Limit
        """);

    /// <summary>Newest first, before the delivery at <paramref name="at"/> of <paramref name="eventId"/>.</summary>
    public ValueTask<IReadOnlyList<WebhookTold>> ListAsync(Caller caller, string webhook, long at, string eventId, int limit, CancellationToken cancellationToken) =>
        new TenantStore(stores.Control, caller.Scope).QueryAsync<WebhookTold>(
            OfWebhook, new { Webhook = webhook, At = at, Event = eventId, Limit = (long)limit }, cancellationToken);

    internal static async ValueTask RememberAsync(ISqlTransaction transaction, string webhook, string tenantPath, WebhookTold told)
    {
        await transaction.ExecuteAsync(
            """
            INSERT INTO webhook_delivery (webhook_id, event_id, tenant_path, type, state, attempts, first_at, tried_at, status, problem)
            VALUES (@Webhook, @EventId, @TenantPath, @Type, @State, @Attempts, @FirstAt, @TriedAt, @Status, @Problem)
            ON CONFLICT (webhook_id, event_id) DO UPDATE SET state = excluded.state, attempts = excluded.attempts, tried_at = excluded.tried_at,
              status = excluded.status, problem = excluded.problem
            """,
            new { Webhook = webhook, TenantPath = tenantPath, told.EventId, told.Type, told.State, told.Attempts, told.FirstAt, told.TriedAt, told.Status, told.Problem });
        await transaction.ExecuteAsync(
            """
            DELETE FROM webhook_delivery WHERE webhook_id = @Webhook AND event_id IN (
              SELECT event_id FROM webhook_delivery WHERE webhook_id = @Webhook ORDER BY first_at DESC, event_id DESC LIMIT 1000 OFFSET @Kept)
            """,
            new { Webhook = webhook, Kept = (long)MaxKept });
    }
}
