using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outbound.Webhooks;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Api;

/// <summary>Webhooks: <c>/api/v1/webhooks</c>.</summary>
public static class WebhookApi
{
    private const string DeliveryList = "webhook-deliveries";

    public static void Map(RouteGroupBuilder api)
    {
        var webhooks = api.MapGroup("/webhooks").WithTags("Webhooks");
        webhooks.MapGet("", ListAsync).Requires("core.webhook.read").WithName("listWebhooks").WithSummary("Webhooks");
        webhooks.MapPost("", AddAsync).Requires("core.webhook.write").WithName("addWebhook").WithSummary("Add a webhook; its secret is shown this once");
        webhooks.MapGet("/{webhook}", FindAsync).Requires("core.webhook.read").WithName("getWebhook").WithSummary("One webhook, with how its last delivery went");
        webhooks.MapPatch("/{webhook}", ChangeAsync).Requires("core.webhook.write").WithName("changeWebhook").WithSummary("Change, pause or resume a webhook");
        webhooks.MapDelete("/{webhook}", RemoveAsync).Requires("core.webhook.write").WithName("removeWebhook").WithSummary("Remove a webhook");
        webhooks.MapPost("/{webhook}/test", TestAsync).Requires("core.webhook.write").WithName("testWebhook").WithSummary("Queue a delivery that tells of nothing");
        webhooks.MapGet("/{webhook}/deliveries", DeliveriesAsync).Requires("core.webhook.read").WithName("listWebhookDeliveries")
            .WithSummary("Its latest deliveries, newest first, with what its host answered");
    }

    private static async Task<ApiResult<Page<Webhook>>> ListAsync(
        [AsParameters] PageRequest page, HttpContext context, WebhookBook webhooks, CancellationToken cancellationToken)
    {
        if (page.After("webhooks", "", out var after) is { } refusal)
        {
            return refusal;
        }

        return Page.Of(await webhooks.ListAsync(context.GetCaller(), after, page.Size + 1, cancellationToken), page.Size, "webhooks", static webhook => webhook.Id);
    }

    private static async Task<ApiCreated<WebhookMade>> AddAsync(NewWebhook request, HttpContext context, WebhookBook webhooks, CancellationToken cancellationToken) =>
        ApiResult.Created(
            await webhooks.AddAsync(context.GetCaller(), request, cancellationToken), static made => $"{ApiSetup.Prefix}/webhooks/{made.Webhook.Id}", static made => made.Webhook.Version);

    private static async Task<ApiResult<Webhook>> FindAsync(string webhook, HttpContext context, WebhookBook webhooks, CancellationToken cancellationToken) =>
        ApiResult.Found(await webhooks.FindAsync(context.GetCaller(), webhook, cancellationToken), "webhook", webhook, static found => found.Version);

    private static async Task<ApiResult<Webhook>> ChangeAsync(
        string webhook, WebhookChange request, IfMatch ifMatch, HttpContext context, WebhookBook webhooks, CancellationToken cancellationToken) =>
        ApiResult.From(await webhooks.ChangeAsync(context.GetCaller(), webhook, request, ifMatch.Version, cancellationToken), static changed => changed.Version);

    private static async Task<ApiDone> RemoveAsync(string webhook, HttpContext context, WebhookBook webhooks, CancellationToken cancellationToken) =>
        ApiDone.From(await webhooks.RemoveAsync(context.GetCaller(), webhook, cancellationToken));

    private static async Task<ApiResult<Page<WebhookTold>>> DeliveriesAsync(
        string webhook, [AsParameters] PageRequest page, HttpContext context, WebhookBook webhooks, WebhookDeliveries deliveries, CancellationToken cancellationToken)
    {
        if (page.After(DeliveryList, "", out var after) is { } refusal)
        {
            return refusal;
        }

        if (await webhooks.FindAsync(context.GetCaller(), webhook, cancellationToken) is null)
        {
            return Refusal.NotFound("webhook", webhook);
        }

        var (at, eventId) = after.Split(' ') is [var micros, var id] ? (long.Parse(micros, CultureInfo.InvariantCulture), id) : (long.MaxValue, "");
        var rows = await deliveries.ListAsync(context.GetCaller(), webhook, at, eventId, page.Size + 1, cancellationToken);
        return Page.Of(rows, page.Size, DeliveryList, static told => string.Create(CultureInfo.InvariantCulture, $"{told.FirstAt} {told.EventId}"));
    }

    private static async Task<ApiDone> TestAsync(string webhook, HttpContext context, WebhookBook webhooks, CancellationToken cancellationToken) =>
        ApiDone.From(await webhooks.TestAsync(context.GetCaller(), webhook, cancellationToken));
}
