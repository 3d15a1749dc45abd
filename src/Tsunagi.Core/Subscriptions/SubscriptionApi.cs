using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Usage;

namespace Tsunagi.Core.Subscriptions;

/// <summary>/api/v1/subscriptions: taking, changing and ending services, their holds, and whether they run as wanted.</summary>
public static class SubscriptionApi
{
    private const string Read = "core.subscription.read";
    private const string Write = "core.subscription.write";
    private const string Hold = "core.hold.write";

    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/subscriptions").WithTags("Subscriptions");
        group.MapGet("/", ListAsync).Requires(Read).WithName("listSubscriptions").WithSummary("The subscriptions the caller may see");
        group.MapPost("/", TakeAsync).Requires(Write).WithName("takeSubscription").WithSummary("Take a service");
        group.MapGet("/{subscription}", FindAsync).Requires(Read).WithName("getSubscription").WithSummary("One subscription with the terms that hold now");
        group.MapPatch("/{subscription}", ChangeAsync).Requires(Write).WithName("changeSubscription").WithSummary("Change its name, quantity, settings or price version");
        group.MapDelete("/{subscription}", EndAsync).Requires(Write).WithName("endSubscription").WithSummary("End it now; its record and usage stay");
        group.MapGet("/{subscription}/versions", VersionsAsync).Requires(Read).WithName("listSubscriptionVersions").WithSummary("What held when, and since when it is known");
        group.MapGet("/{subscription}/running", RunningAsync).Requires(Read).WithName("getRunning").WithSummary("Wanted and running, node by node, and why not yet");
        group.MapGet("/{subscription}/holds", HoldsAsync).Requires(Read).WithName("listHolds").WithSummary("Its holds, lifted ones too");
        group.MapPost("/{subscription}/holds", PlaceAsync).Requires(Hold).WithName("placeHold").WithSummary("Place a hold");
        group.MapDelete("/{subscription}/holds/{hold}", LiftAsync).Requires(Hold).WithName("liftHold").WithSummary("Lift one hold and no other");
        group.MapGet("/{subscription}/usage", UsageAsync).Requires("core.usage.read").WithName("listUsage").WithSummary("Foreign usage and corrections");
        api.MapPost("/usage", RecordAsync).Requires("core.usage.write").WithTags("Subscriptions").WithName("recordUsage")
            .WithSummary("Record foreign usage or a correction; the same key and content counts once");
        api.MapPost("/usage/batch", RecordManyAsync).Requires("core.usage.write").WithTags("Subscriptions").WithName("recordUsageBatch")
            .WithSummary("Record up to 1,000 at once, all or none; the same key and content counts once");
    }

    private static async Task<ApiResult<Page<SubscriptionView>>> ListAsync(
        HttpContext http, SubscriptionBook book, [AsParameters] PageRequest page, string? tenant, string? specification, CancellationToken cancellationToken)
    {
        if (page.After("subscriptions", "", out var after) is { } refusal)
        {
            return refusal;
        }

        return Page.Of(
            await book.ListAsync(http.GetCaller(), after, page.Size + 1, tenant, specification, cancellationToken), page.Size, "subscriptions", static s => s.Id);
    }

    private static async Task<ApiCreated<SubscriptionView>> TakeAsync(
        HttpContext http, SubscriptionOrders orders, NewSubscription wanted, CancellationToken cancellationToken) =>
        ApiResult.Created(
            await orders.TakeAsync(http.GetCaller(), wanted, cancellationToken), static s => $"{ApiSetup.Prefix}/subscriptions/{s.Id}", static s => s.Version);

    private static async Task<ApiResult<SubscriptionView>> FindAsync(
        HttpContext http, SubscriptionBook book, string subscription, CancellationToken cancellationToken) =>
        ApiResult.Found(await book.FindAsync(http.GetCaller(), subscription, cancellationToken), "subscription", subscription, static s => s.Version);

    private static async Task<ApiResult<SubscriptionView>> ChangeAsync(
        HttpContext http, SubscriptionOrders orders, string subscription, SubscriptionChange change, IfMatch ifMatch, CancellationToken cancellationToken) =>
        ApiResult.From(await orders.ChangeAsync(http.GetCaller(), subscription, change, ifMatch.Version, cancellationToken), static s => s.Version);

    private static async Task<ApiResult<SubscriptionView>> EndAsync(
        HttpContext http, SubscriptionOrders orders, string subscription, IfMatch ifMatch, CancellationToken cancellationToken) =>
        ApiResult.From(await orders.EndAsync(http.GetCaller(), subscription, ifMatch.Version, cancellationToken), static s => s.Version);

    private static Task<ApiResult<Page<SubscriptionVersion>>> VersionsAsync(
        HttpContext http, SubscriptionBook book, string subscription, CancellationToken cancellationToken) =>
        PartAsync(http, book, subscription, (caller, id) => book.VersionsAsync(caller, id, cancellationToken), cancellationToken);

    private static Task<ApiResult<Page<RunningState>>> RunningAsync(
        HttpContext http, SubscriptionBook book, string subscription, CancellationToken cancellationToken) =>
        PartAsync(http, book, subscription, (caller, id) => book.RunningAsync(caller, id, cancellationToken), cancellationToken);

    private static Task<ApiResult<Page<Hold>>> HoldsAsync(HttpContext http, SubscriptionBook book, string subscription, CancellationToken cancellationToken) =>
        PartAsync(http, book, subscription, (caller, id) => book.HoldsAsync(caller, id, cancellationToken), cancellationToken);

    private static Task<ApiResult<Page<UsageRecord>>> UsageAsync(
        HttpContext http, SubscriptionBook book, UsageRecords usage, [AsParameters] PageRequest page, string subscription, CancellationToken cancellationToken) =>
        page.After("usage", "", out var after) is { } refusal
            ? Task.FromResult<ApiResult<Page<UsageRecord>>>(refusal)
            : PartAsync(
                http, book, subscription, (caller, id) => usage.ListAsync(caller, id, after, page.Size + 1, cancellationToken), cancellationToken,
                rows => Page.Of(rows, page.Size, "usage", static u => u.Id));

    private static async Task<ApiCreated<Hold>> PlaceAsync(
        HttpContext http, SubscriptionOrders orders, string subscription, NewHold wanted, CancellationToken cancellationToken) =>
        ApiResult.Created(
            await orders.PlaceHoldAsync(http.GetCaller(), subscription, wanted, cancellationToken), h => $"{ApiSetup.Prefix}/subscriptions/{subscription}/holds");

    private static async Task<ApiResult<Hold>> LiftAsync(
        HttpContext http, SubscriptionOrders orders, string subscription, string hold, CancellationToken cancellationToken) =>
        await orders.LiftHoldAsync(http.GetCaller(), subscription, hold, cancellationToken);

    private static async Task<ApiResult<UsageRecord>> RecordAsync(HttpContext http, UsageRecords usage, NewUsage wanted, CancellationToken cancellationToken) =>
        await usage.RecordAsync(http.GetCaller(), wanted, cancellationToken);

    private static async Task<ApiResult<UsageBatchResult>> RecordManyAsync(HttpContext http, UsageBatches usage, UsageBatch batch, CancellationToken cancellationToken) =>
        await usage.RecordAsync(http.GetCaller(), batch, cancellationToken);

    /// <summary>A list below a subscription: 404 when the caller cannot see the subscription itself.</summary>
    private static async Task<ApiResult<Page<T>>> PartAsync<T>(
        HttpContext http, SubscriptionBook book, string subscription, Func<Caller, string, ValueTask<IReadOnlyList<T>>> read, CancellationToken cancellationToken,
        Func<IReadOnlyList<T>, Page<T>>? page = null)
    {
        var caller = http.GetCaller();
        if (await book.FindAsync(caller, subscription, cancellationToken) is null)
        {
            return Refusal.NotFound("subscription", subscription);
        }

        var rows = await read(caller, subscription);
        return page is null ? new Page<T>(rows, null) : page(rows);
    }
}
