using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outbound.Webhooks;

namespace Tsunagi.Core.Api;

/// <summary>Webhooks: <c>/api/v1/webhooks</c>.</summary>
public static class WebhookApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var webhooks = api.MapGroup("/webhooks").WithTags("webhooks");
        webhooks.MapGet("", ListAsync).Requires("core.webhook.read").WithSummary("Webhooks");
        webhooks.MapPost("", AddAsync).Requires("core.webhook.write").WithSummary("Add a webhook; its secret is shown this once");
        webhooks.MapGet("/{webhook}", FindAsync).Requires("core.webhook.read").WithSummary("One webhook, with how its last delivery went");
        webhooks.MapPatch("/{webhook}", ChangeAsync).Requires("core.webhook.write").WithSummary("Change, pause or resume a webhook");
        webhooks.MapDelete("/{webhook}", RemoveAsync).Requires("core.webhook.write").WithSummary("Remove a webhook");
        webhooks.MapPost("/{webhook}/test", TestAsync).Requires("core.webhook.write").WithSummary("Queue a delivery that tells of nothing");
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

    private static async Task<ApiResult<WebhookMade>> AddAsync(NewWebhook request, HttpContext context, WebhookBook webhooks, CancellationToken cancellationToken) =>
        ApiResult.Created(
            await webhooks.AddAsync(context.GetCaller(), request, cancellationToken), static made => $"{ApiSetup.Prefix}/webhooks/{made.Webhook.Id}", static made => made.Webhook.Version);

    private static async Task<ApiResult<Webhook>> FindAsync(string webhook, HttpContext context, WebhookBook webhooks, CancellationToken cancellationToken) =>
        ApiResult.Found(await webhooks.FindAsync(context.GetCaller(), webhook, cancellationToken), "webhook", webhook, static found => found.Version);

    private static async Task<ApiResult<Webhook>> ChangeAsync(
        string webhook, WebhookChange request, IfMatch ifMatch, HttpContext context, WebhookBook webhooks, CancellationToken cancellationToken) =>
        ApiResult.From(await webhooks.ChangeAsync(context.GetCaller(), webhook, request, ifMatch.Version, cancellationToken), static changed => changed.Version);

    private static async Task<ApiDone> RemoveAsync(string webhook, HttpContext context, WebhookBook webhooks, CancellationToken cancellationToken) =>
        ApiDone.From(await webhooks.RemoveAsync(context.GetCaller(), webhook, cancellationToken));

    private static async Task<ApiDone> TestAsync(string webhook, HttpContext context, WebhookBook webhooks, CancellationToken cancellationToken) =>
        ApiDone.From(await webhooks.TestAsync(context.GetCaller(), webhook, cancellationToken));
}
