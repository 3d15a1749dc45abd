using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Sessions;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;

namespace Tsunagi.Connectivity.Api;

/// <summary>/api/v1/connectivity/sessions.</summary>
internal static class SessionApi
{
    private const string SessionList = "connectivity-sessions";

    public static void Map(RouteGroupBuilder api)
    {
        var sessions = api.MapGroup("/sessions").WithTags("Connectivity");
        sessions.MapGet("", ListAsync).Requires(ConnectivityPermissions.SessionRead).WithName("listSessions").WithSummary("Sessions of lines, newest first");
        sessions.MapGet("/{lineSession}", FindAsync).Requires(ConnectivityPermissions.SessionRead).WithName("getSession").WithSummary("One session, with what was asked of its access server");
        sessions.MapPost("/{lineSession}/disconnect", DisconnectAsync).Requires(ConnectivityPermissions.SessionWrite).WithName("disconnectSession")
            .WithSummary("Ask the access server to end a session; its answer is told (Disconnect-Request, RFC 5176)");
        sessions.MapPost("/{lineSession}/coa", ChangeAsync).Requires(ConnectivityPermissions.SessionWrite).WithName("changeSession")
            .WithSummary("Ask the access server to change a session; its answer is told (CoA-Request, RFC 5176)");
    }

    private static async Task<ApiResult<Page<SessionView>>> ListAsync(
        HttpContext http, SessionStore store, [AsParameters] PageRequest page, [AsParameters] SessionListQuery query, CancellationToken cancellationToken)
    {
        if (page.After(SessionList, "", out var before) is { } unreadable)
        {
            return unreadable;
        }

        var rows = await store.ListAsync(http.GetCaller(), query.Text?.Trim() ?? "", query.State ?? "", query.Line ?? "", query.Nas ?? "", before, page.Size + 1, cancellationToken);
        return Page.Of([.. rows.Select(SessionView.Of)], page.Size, SessionList, static view => view.Id);
    }

    private static async Task<ApiResult<SessionDetail>> FindAsync(HttpContext http, SessionStore store, string lineSession, CancellationToken cancellationToken)
    {
        var row = await store.FindAsync(http.GetCaller(), lineSession, cancellationToken);
        return ApiResult.Found(
            row is null ? null : new SessionDetail(SessionView.Of(row), [.. (await store.ActsAsync(http.GetCaller(), lineSession, cancellationToken)).Select(SessionActView.Of)]), "session", lineSession);
    }

    private static async Task<ApiResult<SessionActView>> DisconnectAsync(HttpContext http, SessionActs acts, string lineSession, SessionDisconnect request, CancellationToken cancellationToken)
    {
        var done = await acts.DisconnectAsync(http.GetCaller(), lineSession, request.Reason, cancellationToken);
        return done.Ok ? SessionActView.Of(done.Value) : done.Refusal;
    }

    private static async Task<ApiResult<SessionActView>> ChangeAsync(HttpContext http, SessionActs acts, string lineSession, SessionChange request, CancellationToken cancellationToken)
    {
        var attributes = request.Attributes.Select(static text => text.Split('=', 2)).Select(static parts => new LineReply(parts[0].Trim(), parts.Length > 1 ? parts[1].Trim() : "")).ToList();
        var done = await acts.ChangeAsync(http.GetCaller(), lineSession, request.Reason, attributes, cancellationToken);
        return done.Ok ? SessionActView.Of(done.Value) : done.Refusal;
    }
}

/// <summary>Which sessions.</summary>
internal sealed record SessionListQuery(
    [property: MaxLength(253), Description("An id, a user name, an address, a station, the access server's own session id, a subscription.")] string? Text,
    [property: AllowedValues("open", "ended", null), Description("open or ended.")] string? State,
    [property: MaxLength(40)] string? Line,
    [property: MaxLength(40)] string? Nas);

/// <summary>The request to end a session.</summary>
internal sealed record SessionDisconnect([property: Required, Length(1, 500)] string Reason);

/// <summary>The request to change a session.</summary>
/// <param name="Attributes">"Name=value" by the names of the RADIUS dictionary: "Mikrotik-Rate-Limit=1M/1M".</param>
internal sealed record SessionChange([property: Required, Length(1, 500)] string Reason, [property: Required, Length(1, 50)] IReadOnlyList<string> Attributes);
