using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Connectivity.Probes;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Api;

/// <summary>/api/v1/connectivity/probes.</summary>
internal static class ProbeApi
{
    private const string ProbeList = "connectivity-probes";
    private const int DefaultHours = 1;
    private const int MostMinutes = 6_000;
    private const long MicrosPerMinute = 60_000_000;

    public static void Map(RouteGroupBuilder api)
    {
        var probes = api.MapGroup("/probes").WithTags("Connectivity");
        probes.MapGet("", ListAsync).Requires(ConnectivityPermissions.LineRead).WithName("listProbes").WithSummary("Probes of lines, newest first");
        probes.MapPost("", AddAsync).Requires(ConnectivityPermissions.ProbeWrite).WithName("addProbe").WithSummary("Set a probe on a line");
        probes.MapGet("/{probe}", FindAsync).Requires(ConnectivityPermissions.LineRead).WithName("getProbe").WithSummary("One probe");
        probes.MapDelete("/{probe}", RemoveAsync).Requires(ConnectivityPermissions.ProbeWrite).WithName("removeProbe").WithSummary("Remove a probe; its minutes stay");
        probes.MapGet("/{probe}/minutes", MinutesAsync).Requires(ConnectivityPermissions.LineRead).WithName("listProbeMinutes").WithSummary("What a probe measured, by the minute, oldest first");
    }

    private static async Task<ApiResult<Page<LineProbeView>>> ListAsync(
        HttpContext http, ProbeBook book, [AsParameters] PageRequest page, [AsParameters] ProbeListQuery query, CancellationToken cancellationToken)
    {
        if (page.After(ProbeList, "", out var before) is { } unreadable)
        {
            return unreadable;
        }

        var rows = await book.ListAsync(http.GetCaller(), query.Line ?? "", query.Subscription ?? "", query.State ?? "", before, page.Size + 1, cancellationToken);
        return Page.Of([.. rows.Select(LineProbeView.Of)], page.Size, ProbeList, static view => view.Id);
    }

    private static async Task<ApiResult<LineProbeView>> FindAsync(HttpContext http, ProbeBook book, string probe, CancellationToken cancellationToken) =>
        ApiResult.Found(await book.FindAsync(http.GetCaller(), probe, cancellationToken) is { } row ? LineProbeView.Of(row) : null, "probe", probe);

    private static async Task<ApiCreated<LineProbeView>> AddAsync(HttpContext http, ProbeBook book, NewProbe request, CancellationToken cancellationToken)
    {
        var made = await book.AddAsync(http.GetCaller(), request, cancellationToken);
        return made.Ok ? ApiResult.Created<LineProbeView>(LineProbeView.Of(made.Value), static view => "/api/v1/connectivity/probes/" + view.Id, static _ => 1) : made.Refusal;
    }

    private static async Task<ApiDone> RemoveAsync(HttpContext http, ProbeBook book, string probe, CancellationToken cancellationToken) =>
        ApiDone.From(await book.RemoveAsync(http.GetCaller(), probe, cancellationToken));

    private static async Task<ApiResult<ProbeMinutesView>> MinutesAsync(
        HttpContext http, ProbeBook book, TimeProvider time, string probe, [AsParameters] ProbeMinutesQuery query, CancellationToken cancellationToken)
    {
        if (await book.FindAsync(http.GetCaller(), probe, cancellationToken) is not { } found)
        {
            return ApiResult.Found<ProbeMinutesView>(null, "probe", probe);
        }

        var to = ((query.Until ?? time.NowMicros()) / MicrosPerMinute) + 1;
        var rows = await book.MinutesAsync(found, to - ((query.Hours ?? DefaultHours) * 60), to, MostMinutes, cancellationToken);
        return new ProbeMinutesView([.. rows.Select(ProbeMinuteView.Of)]);
    }
}

/// <summary>Which probes.</summary>
internal sealed record ProbeListQuery(
    [property: MaxLength(40)] string? Line,
    [property: MaxLength(40)] string? Subscription,
    [property: AllowedValues("unknown", "up", "lost", null), Description("unknown, up or lost.")] string? State);

/// <summary>Which minutes.</summary>
internal sealed record ProbeMinutesQuery(
    [property: Range(1, 48), Description("So many hours back; 1 without it.")] int? Hours,
    [property: Range(0, 4_102_444_800_000_000), Description("The moment they end at, microseconds since 1970; now without it.")] long? Until);

/// <summary>Minutes in their order.</summary>
internal sealed record ProbeMinutesView(IReadOnlyList<ProbeMinuteView> Items);
