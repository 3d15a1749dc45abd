using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tsunagi.Core.Api;
using Tsunagi.Core.Events;
using Tsunagi.Core.Queue;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Core.Outbound.Webhooks;

/// <summary>
/// Tells one webhook of one event. At least once: the webhook-id header is the event's id, by which the other end knows a repetition. Any 2xx is taken as
/// told, 410 as "never again", everything else is tried again by the queue with growing pauses.
/// </summary>
public sealed class WebhookDelivery(Stores stores, ISecretBox secrets, OutboundHttp http, WorkQueueOptions queue, TimeProvider time) : IWorkHandler
{
    public const string WorkKind = "webhook.deliver";
    private static readonly Counter<long> Deliveries = CoreMetrics.Meter.CreateCounter<long>("tsunagi.webhook.deliveries", "{delivery}", "Webhook deliveries by result");

    public string Kind => WorkKind;

    public async ValueTask<WorkOutcome> HandleAsync(WorkItem item, CancellationToken lost)
    {
        var delivery = JsonSerializer.Deserialize<Delivery>(item.Payload)!;
        var target = await stores.Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<Target>("SELECT id, tenant_path, url, secret, state FROM webhook WHERE id = @Webhook", new { delivery.Webhook }), lost);
        if (target is null || target.State == WebhookState.Gone)
        {
            return WorkOutcome.Done;
        }

        if (target.State == WebhookState.Paused)
        {
            return WorkOutcome.Later("the webhook is paused");
        }

        var secret = await secrets.UnprotectAsync(target.TenantPath, WebhookBook.SecretPurpose, target.Secret, lost);
        if (secret is null)
        {
            return WorkOutcome.Never("the webhook's secret was destroyed");
        }

        using var request = Request(target.Url, Encoding.UTF8.GetString(secret), delivery);
        var answer = await http.SendAsync(request, lost);
        await RememberAsync(target, delivery, item, answer, lost);
        Deliveries.Add(1, new KeyValuePair<string, object?>("result", answer.Ok ? "told" : answer.Status is null ? "no-answer" : "refused"));
        return answer.Ok || answer.Status == 410 ? WorkOutcome.Done : WorkOutcome.Later(Problem(answer)!);
    }

    /// <summary>The work of one delivery; the same event for the same webhook is queued once.</summary>
    internal static NewWork Work(string webhookId, string tenantPath, FeedEvent told)
    {
        var body = new JsonObject
        {
            ["type"] = told.Type,
            ["timestamp"] = MicrosConverter.Format(told.At),
            ["data"] = new JsonObject
            {
                ["id"] = told.Id,
                ["severity"] = JsonNamingPolicy.CamelCase.ConvertName(told.Severity.ToString()),
                ["tenantId"] = told.TenantPath.TrimEnd('/').Split('/')[^1],
                ["subject"] = told.Subject,
                ["facts"] = JsonNode.Parse(told.Data),
            },
        };
        var payload = JsonSerializer.Serialize(new Delivery(webhookId, told.Id, body.ToJsonString()));
        return new NewWork(WorkKind, tenantPath, payload, $"{webhookId} {told.Id}");
    }

    private HttpRequestMessage Request(string url, string secret, Delivery delivery)
    {
        var body = Encoding.UTF8.GetBytes(delivery.Body);
        var seconds = time.GetUtcNow().ToUnixTimeSeconds();
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add(WebhookSignature.IdHeader, delivery.Event);
        request.Headers.Add(WebhookSignature.TimestampHeader, seconds.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(WebhookSignature.SignatureHeader, WebhookSignature.Sign(secret, delivery.Event, seconds, body));
        return request;
    }

    private async ValueTask RememberAsync(Target target, Delivery delivery, WorkItem item, OutboundAnswer answer, CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        var state = answer.Ok ? WebhookToldState.Told : answer.Status == 410 || item.Attempt >= queue.MaxAttempts ? WebhookToldState.GivenUp : WebhookToldState.Waiting;
        var told = new WebhookTold(delivery.Event, TypeOf(delivery), state, item.Attempt, now, now, answer.Status, Problem(answer));
        await stores.Control.WriteAsync(
            async transaction =>
            {
                var known = await transaction.ExecuteAsync(
                    """
                    UPDATE webhook SET last_tried_at = @Now, last_status = @Status, last_problem = @Problem,
                      failing_since_at = CASE WHEN @Ok = 1 THEN NULL ELSE coalesce(failing_since_at, @Now) END,
                      state = CASE WHEN @Gone = 1 THEN 'gone' ELSE state END
                    WHERE id = @Id
                    """,
                    new { target.Id, Now = now, answer.Status, Problem = Problem(answer), answer.Ok, Gone = answer.Status == 410 });
                if (known == 1)
                {
                    await WebhookDeliveries.RememberAsync(transaction, target.Id, target.TenantPath, told);
                }

                return known;
            },
            cancellationToken);
    }

    private static string TypeOf(Delivery delivery) => (string?)JsonNode.Parse(delivery.Body)?["type"] ?? "";

    private static string? Problem(OutboundAnswer answer) => answer.Problem ?? (answer.Ok ? null : $"the host answered {answer.Status}");

    private sealed record Delivery(string Webhook, string Event, string Body);

    private sealed record Target(string Id, string TenantPath, string Url, byte[] Secret, string State);
}
