using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Ddos.Collect;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Mitigate;
using Tsunagi.Ddos.Tee;
using Tsunagi.Ddos.Traffic;

namespace Tsunagi.Ddos.Api;

/// <summary>/api/v1/ddos: incidents, live traffic, exporters, rules.</summary>
internal static class DdosApi
{
    private const string IncidentList = "ddos-incidents";
    private const string MitigationList = "ddos-mitigations";

    public static void Map(RouteGroupBuilder api)
    {
        var ddos = api.MapGroup("").WithTags("DDoS protection");
        ddos.MapGet("/incidents", ListAsync).Requires(DdosPermissions.IncidentRead).WithName("listDdosIncidents").WithSummary("Incidents, newest first");
        ddos.MapGet("/incidents/{incident}", FindAsync).Requires(DdosPermissions.IncidentRead).WithName("getDdosIncident")
            .WithSummary("One incident: the rule that fired, the estimate and its error, what the traffic looks like");
        ddos.MapPost("/incidents/{incident}/release", ReleaseAsync).Requires(DdosPermissions.MitigationWrite).WithName("releaseDdosIncident")
            .WithSummary("Release the rules that are proposed for an incident: they are checked, announced, renewed while it is open and lifted when it is over");
        ddos.MapGet("/protections", Protections).Requires(DdosPermissions.MitigationRead).WithName("listDdosProtections").WithSummary("Protections on this node with their prefixes and what is done about attacks on them");
        ddos.MapPut("/protections/{protection}/mode", SetModeAsync).Requires(DdosPermissions.ModeWrite).WithName("setDdosMode")
            .WithSummary("Decide whether rules are only proposed, wait to be released, or go out by themselves; others than operators may only go back to observe");
        ddos.MapGet("/traffic", Traffic).Requires(DdosPermissions.TrafficRead).WithName("getDdosTraffic")
            .WithSummary("What flows to the protected prefixes on this node: the last seconds, and the addresses that get most");
        ddos.MapGet("/flows/top", FlowsAsync).Requires(DdosPermissions.TrafficRead).WithName("getDdosFlowTop")
            .WithSummary("Who has most of the flow records kept on this node: by address, port, protocol, exporter, interface or AS; others than operators see what went to their protected prefixes");
        ddos.MapGet("/flows/series", SeriesAsync).Requires(DdosPermissions.TrafficRead).WithName("getDdosFlowSeries")
            .WithSummary("Kept traffic over time, all or stacked by contract, protocol, service, AS, exporter and interface or kind; others than operators see what went to their protected prefixes");
        ddos.MapGet("/exporters", Exporters).Requires(DdosPermissions.ExporterRead).WithName("listDdosExporters")
            .WithSummary("Flow exporters on this node with losses, sampling and detection floor (the provider's operators only)");
        ddos.MapGet("/mitigations", MitigationsAsync).Requires(DdosPermissions.MitigationRead).WithName("listDdosMitigations").WithSummary("Rules, newest first");
        ddos.MapGet("/mitigations/{mitigation}", MitigationAsync).Requires(DdosPermissions.MitigationRead).WithName("getDdosMitigation").WithSummary("One rule: who made it, why, until when, how it ended");
        ddos.MapPost("/mitigations", MakeAsync).Requires(DdosPermissions.MitigationWrite).WithName("makeDdosMitigation")
            .WithSummary("Make a rule by hand: it is checked, announced to the routers, and ends by itself");
        ddos.MapPost("/mitigations/{mitigation}/lift", LiftAsync).Requires(DdosPermissions.MitigationWrite).WithName("liftDdosMitigation").WithSummary("Lift a rule: it is withdrawn from the routers at once");
    }

    private static async Task<ApiResult<Page<MitigationView>>> MitigationsAsync(
        HttpContext http, MitigationStore store, [AsParameters] PageRequest page, [AsParameters] MitigationQuery query, CancellationToken cancellationToken)
    {
        if (page.After(MitigationList, "", out var before) is { } unreadable)
        {
            return unreadable;
        }

        var rows = await store.ListAsync(http.GetCaller(), query.Text ?? "", query.State ?? "", before, page.Size + 1, cancellationToken);
        return Page.Of([.. rows.Select(row => MitigationView.Of(http.GetCaller(), row))], page.Size, MitigationList, static view => view.Id);
    }

    private static async Task<ApiResult<MitigationView>> MitigationAsync(HttpContext http, MitigationStore store, string mitigation, CancellationToken cancellationToken) =>
        await store.FindAsync(http.GetCaller(), mitigation, cancellationToken) is { } row ? MitigationView.Of(http.GetCaller(), row) : Refusal.NotFound("mitigation", mitigation);

    private static async Task<ApiCreated<MitigationView>> MakeAsync(HttpContext http, Ledger ledger, IncidentStore incidents, MitigationRequest request, CancellationToken cancellationToken)
    {
        if (request.Incident is { Length: > 0 } id && await incidents.FindAsync(http.GetCaller(), id, cancellationToken) is null)
        {
            return Refusal.NotFound("incident", id);
        }

        var made = await ledger.AddAsync(http.GetCaller(), request, cancellationToken);
        return made.Ok ? ApiResult.Created<MitigationView>(MitigationView.Of(http.GetCaller(), made.Value), static view => "/api/v1/ddos/mitigations/" + view.Id) : made.Refusal;
    }

    private static async Task<ApiResult<MitigationView>> LiftAsync(HttpContext http, MitigationStore store, Ledger ledger, string mitigation, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(http.GetCaller(), mitigation, cancellationToken) is not { } row)
        {
            return Refusal.NotFound("mitigation", mitigation);
        }

        var lifted = await ledger.LiftAsync(http.GetCaller(), row, cancellationToken);
        return lifted.Ok ? MitigationView.Of(http.GetCaller(), lifted.Value) : lifted.Refusal;
    }

    private static async Task<ApiResult<ReleaseAnswer>> ReleaseAsync(HttpContext http, IncidentStore store, Responder responder, string incident, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(http.GetCaller(), incident, cancellationToken) is not { } row)
        {
            return Refusal.NotFound("incident", incident);
        }

        var released = await responder.ReleaseAsync(http.GetCaller(), row, cancellationToken);
        return released.Ok ? new ReleaseAnswer([.. released.Value.Select(row => MitigationView.Of(http.GetCaller(), row))]) : released.Refusal;
    }

    private static ApiResult<ProtectionAnswer> Protections(HttpContext http, TrafficView traffic, ResponseModes modes) =>
        new ProtectionAnswer([.. traffic.Protections(http.GetCaller().Scope).Select(protection => ProtectionView.Of(protection, modes.Find(protection.Subscription)))]);

    private static async Task<ApiResult<ModeRow>> SetModeAsync(HttpContext http, ResponseModes modes, string protection, ModeRequest request, CancellationToken cancellationToken)
    {
        var set = await modes.SetAsync(http.GetCaller(), protection, request, cancellationToken);
        return set.Ok ? set.Value : set.Refusal;
    }

    private static async Task<ApiResult<Page<IncidentView>>> ListAsync(
        HttpContext http, IncidentStore store, [AsParameters] PageRequest page, [AsParameters] IncidentQuery query, CancellationToken cancellationToken)
    {
        if (page.After(IncidentList, "", out var before) is { } unreadable)
        {
            return unreadable;
        }

        var rows = await store.ListAsync(http.GetCaller(), query.Text ?? "", query.State ?? "", before, page.Size + 1, cancellationToken);
        return Page.Of([.. rows.Select(IncidentView.Of)], page.Size, IncidentList, static view => view.Id);
    }

    private static async Task<ApiResult<IncidentView>> FindAsync(HttpContext http, IncidentStore store, string incident, CancellationToken cancellationToken) =>
        await store.FindAsync(http.GetCaller(), incident, cancellationToken) is { } row ? IncidentView.Of(row) : Refusal.NotFound("incident", incident);

    private static ApiResult<TrafficAnswer> Traffic(HttpContext http, TrafficView view, [AsParameters] TrafficQuery query)
    {
        var scope = http.GetCaller().Scope;
        var protections = view.Protections(scope);
        return new TrafficAnswer(
            [.. view.Lately(protections, query.Seconds ?? 60).Select(static each => new TrafficPoint(each.AtMicros, each.Packets, each.Bits[0], each.Bits[1], each.Bits[2], each.Bits[3]))],
            view.Top(scope, query.Top ?? 10));
    }

    private static async Task<ApiResult<FlowTopAnswer>> FlowsAsync(HttpContext http, FlowTop flows, [AsParameters] FlowTopQuery query, CancellationToken cancellationToken)
    {
        var asked = await flows.AskAsync(http.GetCaller(), query, cancellationToken);
        return asked.Ok ? asked.Value : asked.Refusal;
    }

    private static async Task<ApiResult<FlowSeriesAnswer>> SeriesAsync(HttpContext http, FlowTimeline flows, [AsParameters] FlowSeriesQuery query, CancellationToken cancellationToken)
    {
        var asked = await flows.AskAsync(http.GetCaller(), query, cancellationToken);
        return asked.Ok ? asked.Value : asked.Refusal;
    }

    private static ApiResult<ExporterAnswer> Exporters(HttpContext http, ExporterTable exporters, FlowCollector collector, DatagramTee tee, DdosOptions options)
    {
        if (!http.GetCaller().IsOperator)
        {
            return Refusal.NotFound("list of exporters", "of this node");
        }

        lock (collector.Turn)
        {
            return new ExporterAnswer(
                [.. exporters.All.OrderBy(static each => each.Key.ToString(), StringComparer.Ordinal).Select(each => ExporterView.Of(each, options.Detect))],
                [.. collector.Sockets.Select(static socket => new ListenerView(socket.EndPoint.ToString(), socket.Datagrams, socket.KernelDrops, socket.BufferBytes))],
                [.. tee.Targets.Select(static target => new TeeView(target.Target, target.Sent, target.Dropped))],
                exporters.Refused);
        }
    }
}

/// <summary>Which incidents.</summary>
public sealed record IncidentQuery(
    [property: MaxLength(200), Description("An id, an address or prefix, a vector, a subscription.")] string? Text,
    [property: AllowedValues("open", "closed", null), Description("open or closed.")] string? State);

/// <summary>Which rules.</summary>
public sealed record MitigationQuery(
    [property: MaxLength(200), Description("An id, an incident, a subscription, a part of the rule.")] string? Text,
    [property: AllowedValues("active", "ended", null), Description("active or ended.")] string? State);

/// <summary>How much of the traffic.</summary>
public sealed record TrafficQuery(
    [property: Range(1, TrafficView.MostSeconds), Description("Seconds back; 60 without it.")] int? Seconds,
    [property: Range(1, 1_000), Description("How many addresses; 10 without it.")] int? Top);

/// <summary>The rules that were released.</summary>
public sealed record ReleaseAnswer(IReadOnlyList<MitigationView> Mitigations);

/// <summary>The protections of the caller's part of the tree.</summary>
public sealed record ProtectionAnswer(IReadOnlyList<ProtectionView> Items);

/// <summary>Live traffic.</summary>
public sealed record TrafficAnswer(IReadOnlyList<TrafficPoint> Seconds, IReadOnlyList<TopAddress> Top);

/// <summary>One second; bits by protocol.</summary>
public sealed record TrafficPoint(long At, long Packets, long TcpBits, long UdpBits, long IcmpBits, long OtherBits);

/// <summary>Everything about collecting on this node.</summary>
public sealed record ExporterAnswer(IReadOnlyList<ExporterView> Exporters, IReadOnlyList<ListenerView> Listeners, IReadOnlyList<TeeView> Tee, long RefusedDatagrams);

/// <summary>A listening socket.</summary>
public sealed record ListenerView(string EndPoint, long Datagrams, long KernelDrops, int BufferBytes);

/// <summary>Another collector that gets copies.</summary>
public sealed record TeeView(string Target, long Sent, long Dropped);
