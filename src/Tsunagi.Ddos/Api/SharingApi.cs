using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Sharing;
using Tsunagi.Protocols.Flow.Stix;

namespace Tsunagi.Ddos.Api;

/// <summary>/api/v1/ddos: what is shared with whom, and what others shared with us.</summary>
internal static class SharingApi
{
    private const string ShareList = "ddos-shares";
    private const string ForeignList = "ddos-shared-with-us";

    public static void Map(RouteGroupBuilder api)
    {
        var sharing = api.MapGroup("").WithTags("DDoS protection");
        sharing.MapGet("/sharing", SharingAsync).Requires(DdosPermissions.SharingRead).WithName("getDdosSharing").WithSummary("Sharing groups with their collections, and peers with their last success and failure (the provider's operators only)");
        sharing.MapGet("/shared-with-us", ForeignAsync).Requires(DdosPermissions.SharingRead).WithName("listDdosSharedWithUs").WithSummary("Incidents that peers shared with us, newest first (the provider's operators only)");
        sharing.MapGet("/shared-with-us/{foreign}", OneForeignAsync).Requires(DdosPermissions.SharingRead).WithName("getDdosSharedWithUs").WithSummary("One incident that a peer shared with us (the provider's operators only)");
        sharing.MapGet("/shares", SharesAsync).Requires(DdosPermissions.IncidentRead).WithName("listDdosShares").WithSummary("Which incidents are shared with whom, newest first");
        sharing.MapGet("/shares/{share}", ShareAsync).Requires(DdosPermissions.IncidentRead).WithName("getDdosShare").WithSummary("That one incident is shared with one group: with which TLP, whether the target is told, by whom and why");
        sharing.MapGet("/incidents/{incident}/known-sources", KnownAsync).Requires(DdosPermissions.SharingRead).WithName("listDdosKnownSources").WithSummary("Sources of an incident that peers have named, with what is left of their confidence (the provider's operators only)");
        sharing.MapGet("/incidents/{incident}/share-preview", PreviewAsync).Requires(DdosPermissions.ShareWrite).WithName("previewDdosShare").WithSummary("What would leave if an incident were shared: the whole bundle of STIX 2.1, and what would be held back");
        sharing.MapPost("/incidents/{incident}/shares", MakeAsync).Requires(DdosPermissions.ShareWrite).WithName("shareDdosIncident")
            .WithSummary("Share an incident with a group: its objects go into the group's collection and to its peers, without the victim unless that is said");
        sharing.MapPost("/shares/{share}/withdraw", WithdrawAsync).Requires(DdosPermissions.ShareWrite).WithName("withdrawDdosShare").WithSummary("Tell the group that a shared incident does not hold: a revoked version of its objects");
    }

    private static async Task<ApiResult<SharingAnswer>> SharingAsync(HttpContext http, SharingOptions options, PeerBook peers, CancellationToken cancellationToken)
    {
        if (!http.GetCaller().IsOperator)
        {
            return Refusal.NotFound("sharing", "of this provider");
        }

        return new SharingAnswer(
            options.Organisation,
            [.. options.Groups.Select(group => new SharingGroupView(
                group.Name, TaxiiServer.IdOf(options, group), group.Description, group.Audience.ToString().ToLowerInvariant(), TlpMarkings.WordOf(OutboundGate.Most(group.Audience)), group.Readers, group.Writers,
                [.. options.Rules.Where(rule => rule.Group == group.Name).Select(static rule => $"{(rule.Tenant.Length > 0 ? rule.Tenant : "all")}: TLP:{rule.Tlp.ToUpperInvariant()} after {rule.After}")]))],
            [.. (await peers.AllAsync(cancellationToken)).Select(static each => SharingPeerView.Of(each.Peer, each.Row))]);
    }

    private static async Task<ApiResult<Page<ForeignIncidentView>>> ForeignAsync(
        HttpContext http, ForeignStore store, [AsParameters] PageRequest page, [AsParameters] ForeignQuery query, CancellationToken cancellationToken)
    {
        if (!http.GetCaller().IsOperator)
        {
            return Refusal.NotFound("list of incidents", "shared with us");
        }

        if (page.After(ForeignList, "", out var before) is { } unreadable)
        {
            return unreadable;
        }

        var rows = await store.ListAsync(query.Text ?? "", query.State ?? "", before, page.Size + 1, cancellationToken);
        return Page.Of([.. rows.Select(ForeignIncidentView.Of)], page.Size, ForeignList, static view => view.Id);
    }

    private static async Task<ApiResult<ForeignIncidentView>> OneForeignAsync(HttpContext http, ForeignStore store, string foreign, CancellationToken cancellationToken) =>
        http.GetCaller().IsOperator && await store.FindAsync(foreign, cancellationToken) is { } row ? ForeignIncidentView.Of(row) : Refusal.NotFound("incident shared with us", foreign);

    private static async Task<ApiResult<Page<ShareView>>> SharesAsync(
        HttpContext http, ShareStore store, [AsParameters] PageRequest page, [AsParameters] ShareQuery query, CancellationToken cancellationToken)
    {
        if (page.After(ShareList, "", out var before) is { } unreadable)
        {
            return unreadable;
        }

        var rows = await store.ListAsync(http.GetCaller(), query.Text ?? "", query.State ?? "", before, page.Size + 1, cancellationToken);
        return Page.Of([.. rows.Select(ShareView.Of)], page.Size, ShareList, static view => view.Id);
    }

    private static async Task<ApiResult<ShareView>> ShareAsync(HttpContext http, ShareStore store, string share, CancellationToken cancellationToken) =>
        await store.FindAsync(http.GetCaller(), share, cancellationToken) is { } row ? ShareView.Of(row) : Refusal.NotFound("share", share);

    private static async Task<ApiResult<KnownSourceAnswer>> KnownAsync(HttpContext http, IncidentStore store, ForeignStore foreign, string incident, CancellationToken cancellationToken) =>
        http.GetCaller().IsOperator && await store.FindAsync(http.GetCaller(), incident, cancellationToken) is { } row
            ? new KnownSourceAnswer([.. (await foreign.KnownAsync(row.TopSources, cancellationToken)).Select(static known => new KnownSourceView(known.Address, known.Peer, known.Name, known.Confidence))])
            : Refusal.NotFound("incident", incident);

    private static async Task<ApiResult<SharePreviewView>> PreviewAsync(
        HttpContext http, IncidentStore store, ShareDesk desk, string incident, [AsParameters] SharePreviewQuery query, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(http.GetCaller(), incident, cancellationToken) is not { } row)
        {
            return Refusal.NotFound("incident", incident);
        }

        var preview = await desk.PreviewAsync(row, query.Group, query.Tlp, query.ShowTarget ?? false, cancellationToken);
        return preview.Ok
            ? new SharePreviewView(
                preview.Value.Group, preview.Value.Tlp, preview.Value.ShowsTarget, preview.Value.Objects.Count, [.. preview.Value.Withheld.Select(static each => new WithheldView(each.Id, each.Why))],
                JsonSerializer.Deserialize<JsonElement>(preview.Value.Bundle))
            : preview.Refusal;
    }

    private static async Task<ApiCreated<ShareView>> MakeAsync(HttpContext http, IncidentStore store, ShareDesk desk, string incident, ShareRequest request, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(http.GetCaller(), incident, cancellationToken) is not { } row)
        {
            return Refusal.NotFound("incident", incident);
        }

        var shared = await desk.ShareAsync(http.GetCaller(), row, request, cancellationToken);
        return shared.Ok ? ApiResult.Created<ShareView>(ShareView.Of(shared.Value), static view => "/api/v1/ddos/shares/" + view.Id) : shared.Refusal;
    }

    private static async Task<ApiResult<ShareView>> WithdrawAsync(HttpContext http, ShareStore shares, IncidentStore incidents, ShareDesk desk, string share, CancellationToken cancellationToken)
    {
        if (await shares.FindAsync(http.GetCaller(), share, cancellationToken) is not { } row || await incidents.FindAsync(http.GetCaller(), row.IncidentId, cancellationToken) is not { } incident)
        {
            return Refusal.NotFound("share", share);
        }

        var withdrawn = await desk.WithdrawAsync(http.GetCaller(), row, incident, cancellationToken);
        return withdrawn.Ok ? ShareView.Of(withdrawn.Value) : withdrawn.Refusal;
    }
}

/// <summary>Which shares.</summary>
public sealed record ShareQuery(
    [property: MaxLength(200), Description("An id, an incident, a group.")] string? Text,
    [property: AllowedValues("shared", "withdrawn", null), Description("shared or withdrawn.")] string? State);

/// <summary>Which incidents of others.</summary>
public sealed record ForeignQuery(
    [property: MaxLength(200), Description("An id, a peer, a vector.")] string? Text,
    [property: AllowedValues("open", "closed", "revoked", null), Description("open, closed or revoked.")] string? State);

/// <summary>How it would be shared.</summary>
public sealed record SharePreviewQuery(
    [property: Required, Length(1, 40), Description("A sharing group.")] string Group,
    [property: Required, Length(1, 20), Description("clear, green, amber or amber+strict.")] string Tlp,
    [property: Description("Tells the prefix that is attacked.")] bool? ShowTarget);

/// <summary>With whom incidents are exchanged.</summary>
public sealed record SharingAnswer(string Organisation, IReadOnlyList<SharingGroupView> Groups, IReadOnlyList<SharingPeerView> Peers);

/// <summary>A sharing group.</summary>
/// <param name="Collection">The id of its collection on our TAXII server; its name is the alias.</param>
/// <param name="MostTlp">The highest TLP that may go to it.</param>
public sealed record SharingGroupView(string Name, string Collection, string Description, string Audience, string MostTlp, IReadOnlyList<string> Readers, IReadOnlyList<string> Writers, IReadOnlyList<string> Rules);

/// <summary>A peer, with how it goes.</summary>
/// <param name="Problem">What went wrong at the last try; absent when it went well.</param>
/// <param name="Refused">Received things that were not taken.</param>
public sealed record SharingPeerView(
    string Name, string Group, string Url, string Collection, bool Polls, bool Pushes, double EverySeconds, long? TriedAt, long? OkAt, string? Problem, long? FailingSince, long Received, long Refused, string? LastRefused, long Sent)
{
    internal static SharingPeerView Of(SharingPeer peer, PeerRow row) => new(
        peer.Name, peer.Group, peer.Url, peer.Collection, peer.Poll, peer.Push, peer.Every.TotalSeconds, row.TriedAt, row.OkAt, row.Problem.Length > 0 ? row.Problem : null, row.FailingSince, row.Received, row.Refused,
        row.LastRefused.Length > 0 ? row.LastRefused : null, row.Sent);
}

/// <summary>That an incident is shared with a group.</summary>
public sealed record ShareView(
    string Id, string TenantId, string IncidentId, string Group, string Tlp, bool ShowsTarget, string Reason, string SharedBy, long SharedAt, long ToldAt, bool TellsEnd, long Objects, long? WithdrawnAt, string? WithdrawnBy)
{
    internal static ShareView Of(ShareRow row) => new(
        row.Id, row.TenantId, row.IncidentId, row.GroupName, row.Tlp, row.ShowsTarget == 1, row.Reason, row.SharedBy, row.SharedAt, row.ToldAt, row.TellsEnd == 1, row.Objects, row.WithdrawnAt,
        row.WithdrawnBy.Length > 0 ? row.WithdrawnBy : null);
}

/// <summary>An incident that a peer shared with us.</summary>
/// <param name="StixId">Its maker's own identifier.</param>
/// <param name="Confidence">0 to 100, as its maker said.</param>
/// <param name="Victim">"anonymised", or a prefix.</param>
public sealed record ForeignIncidentView(
    string Id, string Peer, string Group, string StixId, string Tlp, string Name, string Vector, long Confidence, long OpenedAt, long? ClosedAt, long PeakPacketsPerSecond, long PeakBitsPerSecond, long Sources, string Victim,
    IReadOnlyList<Detect.Share> TopPorts, bool IsRevoked, long ReceivedAt, long ExpiresAt)
{
    internal static ForeignIncidentView Of(ForeignIncident row) => new(
        row.Id, row.Peer, row.GroupName, row.StixId, row.Tlp, row.Name, row.Vector, row.Confidence, row.OpenedAt, row.ClosedAt, row.PeakPackets, row.PeakBits, row.Sources, row.Victim, IncidentRow.Shares(row.TopPorts),
        row.Revoked == 1, row.ReceivedAt, row.ExpiresAt);
}

/// <summary>What would leave.</summary>
public sealed record SharePreviewView(string Group, string Tlp, bool ShowsTarget, int Objects, IReadOnlyList<WithheldView> Withheld, JsonElement Bundle);

/// <summary>An object that would stay.</summary>
public sealed record WithheldView(string Id, string Why);

/// <summary>Sources that peers have named.</summary>
public sealed record KnownSourceAnswer(IReadOnlyList<KnownSourceView> Items);

/// <summary>A source that a peer has named.</summary>
/// <param name="Confidence">What is left of it today, 0 to 100.</param>
public sealed record KnownSourceView(string Address, string Peer, string Name, int Confidence);
