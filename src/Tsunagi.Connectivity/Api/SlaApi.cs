using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Connectivity.Sla;
using Tsunagi.Core.Api;
using Tsunagi.Core.Exchange.Credits;
using Tsunagi.Core.Identity;

namespace Tsunagi.Connectivity.Api;

/// <summary>/api/v1/connectivity/sla, /outages and /maintenance.</summary>
internal static class SlaApi
{
    private const string OutageList = "connectivity-outages";
    private const string MaintenanceList = "connectivity-maintenance";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/sla/{subscription}", JudgeAsync).WithTags("Connectivity").Requires(ConnectivityPermissions.LineRead).WithName("getSla").WithSummary("A subscription's month by its terms, with what is proposed to be given back");
        api.MapPost("/sla/{subscription}/credit", ProposeAsync).WithTags("Connectivity").Requires(ConnectivityPermissions.SlaWrite).WithName("proposeSlaCredit")
            .WithSummary("Propose to whoever bills what a month that is over gives back; once a month");
        var outages = api.MapGroup("/outages").WithTags("Connectivity");
        outages.MapGet("", ListAsync).Requires(ConnectivityPermissions.LineRead).WithName("listOutages").WithSummary("Outages of lines, newest first");
        outages.MapPost("", ReportAsync).Requires(ConnectivityPermissions.SlaWrite).WithName("reportOutage").WithSummary("Enter an outage that no probe saw");
        outages.MapGet("/{outage}", FindAsync).Requires(ConnectivityPermissions.LineRead).WithName("getOutage").WithSummary("One outage");
        outages.MapPatch("/{outage}", SayAsync).Requires(ConnectivityPermissions.SlaWrite).WithName("judgeOutage").WithSummary("Say whose doing an outage was; what is absent stays");
        var maintenance = api.MapGroup("/maintenance").WithTags("Connectivity");
        maintenance.MapGet("", ListWorkAsync).Requires(ConnectivityPermissions.LineRead).WithName("listMaintenance").WithSummary("Announced maintenance, newest first");
        maintenance.MapPost("", AnnounceAsync).Requires(ConnectivityPermissions.SlaWrite).WithName("announceMaintenance").WithSummary("Announce maintenance; when that was is now");
        maintenance.MapGet("/{maintenance}", FindWorkAsync).Requires(ConnectivityPermissions.LineRead).WithName("getMaintenance").WithSummary("Maintenance that was announced");
        maintenance.MapDelete("/{maintenance}", CancelAsync).Requires(ConnectivityPermissions.SlaWrite).WithName("cancelMaintenance").WithSummary("Call announced maintenance off");
    }

    private static async Task<ApiResult<SlaView>> JudgeAsync(HttpContext http, SlaDesk desk, string subscription, [AsParameters] SlaQuery query, CancellationToken cancellationToken)
    {
        var judged = await desk.JudgeAsync(http.GetCaller(), subscription, query.Month, cancellationToken);
        return judged.Ok ? SlaView.Of(judged.Value) : judged.Refusal;
    }

    private static async Task<ApiResult<ServiceCredit>> ProposeAsync(HttpContext http, SlaCredits credits, string subscription, NewSlaCredit request, CancellationToken cancellationToken) =>
        ApiResult.From(await credits.ProposeAsync(http.GetCaller(), subscription, request.Month, cancellationToken), static _ => 1);

    private static async Task<ApiResult<Page<OutageView>>> ListAsync(HttpContext http, OutageBook book, [AsParameters] PageRequest page, [AsParameters] OutageListQuery query, CancellationToken cancellationToken)
    {
        if (page.After(OutageList, "", out var before) is { } unreadable)
        {
            return unreadable;
        }

        var rows = await book.ListAsync(http.GetCaller(), query.Line ?? "", query.Subscription ?? "", query.Open ?? false, before, page.Size + 1, cancellationToken);
        return Page.Of([.. rows.Select(OutageView.Of)], page.Size, OutageList, static view => view.Id);
    }

    private static async Task<ApiResult<OutageView>> FindAsync(HttpContext http, OutageBook book, string outage, CancellationToken cancellationToken) =>
        ApiResult.Found(await book.FindAsync(http.GetCaller(), outage, cancellationToken) is { } row ? OutageView.Of(row) : null, "outage", outage, static found => found.Version);

    private static async Task<ApiCreated<OutageView>> ReportAsync(HttpContext http, OutageBook book, NewOutage request, CancellationToken cancellationToken)
    {
        var made = await book.ReportAsync(http.GetCaller(), request, cancellationToken);
        return made.Ok ? ApiResult.Created<OutageView>(OutageView.Of(made.Value), static view => "/api/v1/connectivity/outages/" + view.Id, static view => view.Version) : made.Refusal;
    }

    private static async Task<ApiResult<OutageView>> SayAsync(HttpContext http, OutageBook book, string outage, OutageJudgement request, CancellationToken cancellationToken)
    {
        var said = await book.JudgeAsync(http.GetCaller(), outage, request, cancellationToken);
        return said.Ok ? ApiResult.From<OutageView>(OutageView.Of(said.Value), static view => view.Version) : said.Refusal;
    }

    private static async Task<ApiResult<Page<MaintenanceView>>> ListWorkAsync(HttpContext http, MaintenanceBook book, [AsParameters] PageRequest page, CancellationToken cancellationToken) =>
        page.After(MaintenanceList, "", out var before) is { } unreadable
            ? unreadable
            : Page.Of([.. (await book.ListAsync(http.GetCaller(), before, page.Size + 1, cancellationToken)).Select(MaintenanceView.Of)], page.Size, MaintenanceList, static view => view.Id);

    private static async Task<ApiCreated<MaintenanceView>> AnnounceAsync(HttpContext http, MaintenanceBook book, NewMaintenance request, CancellationToken cancellationToken)
    {
        var made = await book.AnnounceAsync(http.GetCaller(), request, cancellationToken);
        return made.Ok ? ApiResult.Created<MaintenanceView>(MaintenanceView.Of(made.Value), static view => "/api/v1/connectivity/maintenance/" + view.Id, static _ => 1) : made.Refusal;
    }

    private static async Task<ApiResult<MaintenanceView>> FindWorkAsync(HttpContext http, MaintenanceBook book, string maintenance, CancellationToken cancellationToken) =>
        ApiResult.Found(await book.FindAsync(http.GetCaller(), maintenance, cancellationToken) is { } row ? MaintenanceView.Of(row) : null, "maintenance", maintenance);

    private static async Task<ApiDone> CancelAsync(HttpContext http, MaintenanceBook book, string maintenance, CancellationToken cancellationToken) =>
        ApiDone.From(await book.CancelAsync(http.GetCaller(), maintenance, cancellationToken));
}

/// <summary>Which month.</summary>
internal sealed record SlaQuery([property: MaxLength(7), Description("YYYY-MM; the month that is running without it.")] string? Month);

/// <summary>Which month's credit.</summary>
internal sealed record NewSlaCredit
{
    [Required, MaxLength(7), Description("YYYY-MM, a month that is over.")]
    public required string Month { get; init; }
}

/// <summary>Which outages.</summary>
internal sealed record OutageListQuery(
    [property: MaxLength(40)] string? Line,
    [property: MaxLength(40)] string? Subscription,
    [property: Description("Only those that last.")] bool? Open);
