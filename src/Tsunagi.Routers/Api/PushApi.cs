using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Devices;
using Tsunagi.Routers.Push;

namespace Tsunagi.Routers.Api;

/// <summary>/api/v1/routers/pushes, and a site's box for another.</summary>
internal static class PushApi
{
    private const string PushList = "routers-pushes";
    private const string BoxList = "routers-push-boxes";
    private const string SiteList = "routers-site-pushes";

    public static void Map(RouteGroupBuilder routers)
    {
        routers.MapGet("/pushes", ListAsync).Requires(RoutersPermissions.DeviceRead).WithName("listPushes").WithSummary("Pushes of configurations, newest first");
        routers.MapPost("/pushes", PlanAsync).Requires(RoutersPermissions.ConfigurationWrite).WithName("planPush").WithSummary("Plan a push: the newest version of each site, ring by ring. Nothing is sent, and from now on the versions are given to nobody who merely pulls");
        routers.MapGet("/pushes/{push}", FindAsync).Requires(RoutersPermissions.DeviceRead).WithName("getPush").WithSummary("One push, ring by ring");
        routers.MapGet("/pushes/{push}/boxes", BoxesAsync).Requires(RoutersPermissions.DeviceRead).WithName("listPushBoxes").WithSummary("What became of each box of a push");
        routers.MapPost("/pushes/{push}/start", StartAsync).Requires(RoutersPermissions.ConfigurationWrite).WithName("startPush").WithSummary("Start a planned push with its first ring");
        routers.MapPost("/pushes/{push}/stop", StopAsync).Requires(RoutersPermissions.ConfigurationWrite).WithName("stopPush").WithSummary("Begin no further box; what is under way ends by itself. A push that was not started is given up, and its versions are free");
        routers.MapGet("/sites/{site}/pushes", OfSiteAsync).Requires(RoutersPermissions.DeviceRead).WithName("listSitePushes").WithSummary("What pushes did at a site, newest first");
        routers.MapPost("/sites/{site}/swap", SwapAsync).Requires(RoutersPermissions.DeviceWrite).WithName("swapSiteBox")
            .WithSummary("Another box for the one of a site (the provider's operators only): the old one is refused at its next word, the new one gets the site's configuration");
    }

    private static async Task<ApiResult<Page<RouterPushView>>> ListAsync(HttpContext http, PushBook book, [AsParameters] PageRequest page, [AsParameters] PushQuery query, CancellationToken cancellationToken) =>
        page.After(PushList, "", out var before) is { } unreadable ? unreadable
            : Page.Of([.. (await book.ListAsync(http.GetCaller(), query.State ?? "", before, page.Size + 1, cancellationToken)).Select(static push => RouterPushView.Of(push, null, null))], page.Size, PushList, static view => view.Id);

    private static async Task<ApiCreated<RouterPushView>> PlanAsync(HttpContext http, PushBook book, PushRequest request, CancellationToken cancellationToken)
    {
        var planned = await book.PlanAsync(
            http.GetCaller(), new NewPush(request.Sites ?? [], request.Canary ?? [], request.Rings ?? PushRings.Default, request.Budget ?? PushRequest.DefaultBudget, request.Why ?? ""), cancellationToken);
        return planned.Ok
            ? ApiResult.Created<RouterPushView>(RouterPushView.Of(planned.Value.Push, await book.CountsAsync(http.GetCaller(), planned.Value.Push.Id, cancellationToken), planned.Value.Skipped), static view => $"/api/v1/routers/pushes/{view.Id}")
            : planned.Refusal;
    }

    private static async Task<ApiResult<RouterPushView>> FindAsync(HttpContext http, PushBook book, string push, CancellationToken cancellationToken) =>
        await book.FindAsync(http.GetCaller(), push, cancellationToken) is { } found ? RouterPushView.Of(found, await book.CountsAsync(http.GetCaller(), push, cancellationToken), null) : Refusal.NotFound("push", push);

    private static async Task<ApiResult<Page<PushBoxView>>> BoxesAsync(HttpContext http, PushBook book, string push, [AsParameters] PageRequest page, [AsParameters] PushBoxQuery query, CancellationToken cancellationToken)
    {
        if (page.After(BoxList, "", out var after) is { } unreadable)
        {
            return unreadable;
        }

        return await book.FindAsync(http.GetCaller(), push, cancellationToken) is null ? Refusal.NotFound("push", push)
            : Page.Of([.. (await book.BoxesAsync(http.GetCaller(), push, query.State ?? "", after, page.Size + 1, cancellationToken)).Select(PushBoxView.Of)], page.Size, BoxList, static view => view.Id);
    }

    private static async Task<ApiResult<Page<PushBoxView>>> OfSiteAsync(HttpContext http, Sites sites, PushBook book, string site, [AsParameters] PageRequest page, CancellationToken cancellationToken)
    {
        if (page.After(SiteList, "", out var before) is { } unreadable)
        {
            return unreadable;
        }

        return await sites.FindAsync(http.GetCaller(), site, cancellationToken) is null ? Refusal.NotFound("site", site)
            : Page.Of([.. (await book.OfSiteAsync(http.GetCaller(), site, before, page.Size + 1, cancellationToken)).Select(PushBoxView.Of)], page.Size, SiteList, static view => view.Id);
    }

    private static async Task<ApiResult<RouterPushView>> StartAsync(HttpContext http, PushBook book, string push, CancellationToken cancellationToken)
    {
        if (await book.FindAsync(http.GetCaller(), push, cancellationToken) is not { } found)
        {
            return Refusal.NotFound("push", push);
        }

        var started = await book.StartAsync(http.GetCaller(), found, cancellationToken);
        return started.Ok ? RouterPushView.Of(started.Value, await book.CountsAsync(http.GetCaller(), push, cancellationToken), null) : started.Refusal;
    }

    private static async Task<ApiResult<RouterPushView>> StopAsync(HttpContext http, PushBook book, string push, PushStopRequest? request, CancellationToken cancellationToken)
    {
        if (await book.FindAsync(http.GetCaller(), push, cancellationToken) is not { } found)
        {
            return Refusal.NotFound("push", push);
        }

        var stopped = await book.StopAsync(http.GetCaller(), found, request?.Why is { Length: > 0 } why ? why : "stopped by " + http.GetCaller().ActorName, cancellationToken);
        return stopped.Ok ? RouterPushView.Of(stopped.Value, await book.CountsAsync(http.GetCaller(), push, cancellationToken), null) : stopped.Refusal;
    }

    private static async Task<ApiResult<RouterView>> SwapAsync(
        HttpContext http, Sites sites, DeviceBook devices, SubscriptionOrders orders, SubscriptionBook subscriptions, TimeProvider time, string site, RouterRegistration request, CancellationToken cancellationToken)
    {
        if (!http.GetCaller().IsOperator || await sites.FindAsync(http.GetCaller(), site, cancellationToken) is not { } found)
        {
            return Refusal.NotFound("site", site);
        }

        if (!DistributionId.TryParse(request.DistributionId.Trim(), out var id))
        {
            return Refusal.Invalid("routers.register.id", "distributionId", $"'{request.DistributionId}' is no distribution id", "eight groups of four hexadecimal digits, such as 0001-0000-0101-0000-0000-0000-DEAD-BEEF");
        }

        var swapped = await devices.SwapAsync(http.GetCaller(), orders, subscriptions, found, id, request.Key, cancellationToken);
        return swapped.Ok ? RouterView.Of(swapped.Value, time.NowMicros()) : swapped.Refusal;
    }
}

/// <summary>Which pushes.</summary>
public sealed record PushQuery([property: AllowedValues("planned", "running", "done", "stopped", "discarded", null), Description("planned, running, done, stopped or discarded.")] string? State);

/// <summary>Which boxes.</summary>
public sealed record PushBoxQuery(
    [property: AllowedValues("waiting", "asked", "accepted", "confirmed", "rolled-back", "silent", "skipped", "dropped", null), Description("waiting, asked, accepted, confirmed, rolled-back, silent, skipped or dropped.")] string? State);

/// <summary>A push to be planned.</summary>
public sealed record PushRequest
{
    /// <summary>One of fifty.</summary>
    public const int DefaultBudget = 2;

    [MaxLength(20_000), Description("Sites (l_…); every site whose box runs another version than the site's newest without any.")]
    public IReadOnlyList<string>? Sites { get; init; }

    [MaxLength(1_000), Description("Sites of the first ring.")]
    public IReadOnlyList<string>? Canary { get; init; }

    [MaxLength(100), Description("Numbers or percentages with commas between (1,20%,100%): one box, then until a fifth of all were asked, then the rest.")]
    public string? Rings { get; init; }

    [Range(0, 100), Description("How many of a hundred boxes of a ring may end otherwise than confirmed (2); one more stops the push.")]
    public int? Budget { get; init; }

    [MaxLength(300), Description("Why, for whoever reads the pushes.")]
    public string? Why { get; init; }
}

/// <summary>Why a push is stopped.</summary>
public sealed record PushStopRequest([property: MaxLength(300), Description("Why.")] string? Why);

/// <summary>A push.</summary>
/// <param name="State">planned, running, done, stopped (by a person or its error budget) or discarded (given up before it was started).</param>
/// <param name="Ring">The ring that is open, from 1.</param>
/// <param name="Budget">How many of a hundred boxes of a ring may end otherwise than confirmed.</param>
/// <param name="Cause">Why it stopped.</param>
/// <param name="Rings">Absent in lists; counted over the caller's own sites.</param>
/// <param name="Skipped">Sites that are not in the plan; only in the answer to the plan.</param>
public sealed record RouterPushView(
    string Id, string State, string Why, long Boxes, long? Ring, long Budget, string MadeBy, long MadeAt, long? StartedAt, long? EndedAt, string? Cause, IReadOnlyList<PushRingView>? Rings, IReadOnlyList<PushSkip>? Skipped)
{
    internal static RouterPushView Of(RouterPush push, IReadOnlyList<PushCount>? counts, IReadOnlyList<PushSkip>? skipped) => new(
        push.Id, push.State, push.Why, push.Boxes, push.Ring < 0 ? null : push.Ring + 1, push.Budget, push.MadeBy, push.MadeAt, push.StartedAt > 0 ? push.StartedAt : null, push.EndedAt > 0 ? push.EndedAt : null,
        push.Cause.Length > 0 ? push.Cause : null, counts is null ? null : [.. push.RingSizes.Select((size, ring) => PushRingView.Of(ring, size, counts))], skipped);
}

/// <summary>A ring of a push.</summary>
public sealed record PushRingView(int Ring, int Boxes, long Waiting, long UnderWay, long Confirmed, long RolledBack, long Silent, long Skipped)
{
    internal static PushRingView Of(int ring, int size, IReadOnlyList<PushCount> counts)
    {
        long Sum(params string[] states) => counts.Where(count => count.Ring == ring && states.Contains(count.State)).Sum(static count => count.Boxes);
        return new PushRingView(
            ring + 1, size, Sum(PushBoxStates.Waiting), Sum(PushBoxStates.Asked, PushBoxStates.Accepted), Sum(PushBoxStates.Confirmed), Sum(PushBoxStates.RolledBack), Sum(PushBoxStates.Silent),
            Sum(PushBoxStates.Skipped, PushBoxStates.Dropped));
    }
}

/// <summary>What became of one site's box in a push.</summary>
/// <param name="Number">The version it is to run.</param>
/// <param name="Formerly">The version it ran when the push was planned.</param>
/// <param name="State">waiting (for its ring or its tunnel), asked, accepted (it took the change and is to come back), confirmed, rolled-back, silent (unknown), skipped or dropped (never begun).</param>
/// <param name="Cause">In the box's words, or ours.</param>
public sealed record PushBoxView(
    string Id, string PushId, string SiteId, string Site, string DeviceId, string Identity, long Ring, long Number, long? Formerly, string State, long? AskedAt, long? EndedAt, long Attempts, string? Cause)
{
    internal static PushBoxView Of(PushBox box) => new(
        box.Id, box.PushId, box.SiteId, box.SiteName, box.DeviceId, box.Identity, box.Ring + 1, box.Number, box.Formerly > 0 ? box.Formerly : null, box.State, box.AskedAt > 0 ? box.AskedAt : null,
        box.EndedAt > 0 ? box.EndedAt : null, box.Attempts, box.Cause.Length > 0 ? box.Cause : null);
}
