using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Connectivity.AccessServers;
using Tsunagi.Connectivity.Lines;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;

namespace Tsunagi.Connectivity.Api;

/// <summary>/api/v1/connectivity/lines and /nas.</summary>
internal static class LineApi
{
    private const string LineList = "connectivity-lines";
    private const string NasList = "connectivity-nas";

    public static void Map(RouteGroupBuilder api)
    {
        var lines = api.MapGroup("/lines").WithTags("Connectivity");
        lines.MapGet("", ListAsync).Requires(ConnectivityPermissions.LineRead).WithName("listLines").WithSummary("Lines, newest first or by user name");
        lines.MapPost("", AddAsync).Requires(ConnectivityPermissions.LineWrite).WithName("addLine").WithSummary("Set a line up under a subscription; a password that is made is shown this once");
        lines.MapGet("/{line}", FindAsync).Requires(ConnectivityPermissions.LineRead).WithName("getLine").WithSummary("One line");
        lines.MapPatch("/{line}", ChangeAsync).Requires(ConnectivityPermissions.LineWrite).WithName("changeLine").WithSummary("Change a line; what is absent stays");
        lines.MapDelete("/{line}", EndAsync).Requires(ConnectivityPermissions.LineWrite).WithName("endLine").WithSummary("End a line for good; its history stays");
        lines.MapPut("/{line}/password", SetPasswordAsync).Requires(ConnectivityPermissions.LinePassword).WithName("setLinePassword")
            .WithSummary("Set a line's password, or have one made that is shown this once");
        var nas = api.MapGroup("/nas").WithTags("Connectivity");
        nas.MapGet("", ListNasAsync).Requires(ConnectivityPermissions.NasRead).WithName("listNas").WithSummary("Access servers (the provider's operators)");
        nas.MapPost("", AddNasAsync).Requires(ConnectivityPermissions.NasWrite).WithName("addNas").WithSummary("Add an access server; a secret that is made is shown this once");
        nas.MapGet("/{nas}", FindNasAsync).Requires(ConnectivityPermissions.NasRead).WithName("getNas").WithSummary("One access server");
        nas.MapPatch("/{nas}", ChangeNasAsync).Requires(ConnectivityPermissions.NasWrite).WithName("changeNas").WithSummary("Change an access server; what is absent stays");
        nas.MapDelete("/{nas}", RemoveNasAsync).Requires(ConnectivityPermissions.NasWrite).WithName("removeNas").WithSummary("Remove an access server: its requests are not answered any more");
    }

    private static async Task<ApiResult<Page<LineView>>> ListAsync(
        HttpContext http, LineBook book, [AsParameters] PageRequest page, [AsParameters] LineListQuery query, CancellationToken cancellationToken)
    {
        var order = query.Sort switch { "userName" => LineOrder.Name, "-userName" => LineOrder.NameDescending, _ => LineOrder.Newest };
        var list = LineList + (int)order;
        if (page.After(list, "", out var after) is { } unreadable)
        {
            return unreadable;
        }

        var asked = new LineQuery(query.Text?.Trim() ?? "", query.State ?? "", query.Tenant ?? "", query.Subscription ?? "", order, after);
        var rows = await book.ListAsync(http.GetCaller(), asked, page.Size + 1, cancellationToken);
        return rows.Count <= page.Size
            ? new Page<LineView>([.. rows.Select(LineView.Of)], null)
            : new Page<LineView>([.. rows.Take(page.Size).Select(LineView.Of)], Cursor.Write(list, asked.PlaceOf(rows[page.Size - 1])));
    }

    private static async Task<ApiResult<LineView>> FindAsync(HttpContext http, LineBook book, string line, CancellationToken cancellationToken) =>
        ApiResult.Found(await book.FindAsync(http.GetCaller(), line, cancellationToken) is { } row ? LineView.Of(row) : null, "line", line, static found => found.Version);

    private static async Task<ApiCreated<LineMadeView>> AddAsync(HttpContext http, LineBook book, NewLine request, CancellationToken cancellationToken)
    {
        var made = await book.AddAsync(http.GetCaller(), request, cancellationToken);
        return made.Ok
            ? ApiResult.Created<LineMadeView>(new LineMadeView(LineView.Of(made.Value.Line), made.Value.Password), static view => "/api/v1/connectivity/lines/" + view.Line.Id, static view => view.Line.Version)
            : made.Refusal;
    }

    private static async Task<ApiResult<LineView>> ChangeAsync(HttpContext http, LineBook book, string line, LineChange request, IfMatch ifMatch, CancellationToken cancellationToken)
    {
        var changed = await book.ChangeAsync(http.GetCaller(), line, request, ifMatch.Version, cancellationToken);
        return changed.Ok ? ApiResult.From<LineView>(LineView.Of(changed.Value), static view => view.Version) : changed.Refusal;
    }

    private static async Task<ApiDone> EndAsync(HttpContext http, LineBook book, string line, IfMatch ifMatch, CancellationToken cancellationToken) =>
        ApiDone.From(await book.EndAsync(http.GetCaller(), line, ifMatch.Version, cancellationToken));

    private static async Task<ApiResult<LinePasswordMade>> SetPasswordAsync(HttpContext http, LineBook book, string line, NewLinePassword request, CancellationToken cancellationToken) =>
        await book.SetPasswordAsync(http.GetCaller(), line, request.Password, cancellationToken);

    private static async Task<ApiResult<Page<NasView>>> ListNasAsync(HttpContext http, NasBook book, [AsParameters] PageRequest page, CancellationToken cancellationToken) =>
        page.After(NasList, "", out var after) is { } unreadable
            ? unreadable
            : Page.Of([.. (await book.ListAsync(http.GetCaller(), after, page.Size + 1, cancellationToken)).Select(NasView.Of)], page.Size, NasList, static view => view.Id);

    private static async Task<ApiResult<NasView>> FindNasAsync(HttpContext http, NasBook book, string nas, CancellationToken cancellationToken) =>
        ApiResult.Found(await book.FindAsync(http.GetCaller(), nas, cancellationToken) is { } row ? NasView.Of(row) : null, "access server", nas, static found => found.Version);

    private static async Task<ApiCreated<NasMadeView>> AddNasAsync(HttpContext http, NasBook book, NewNas request, CancellationToken cancellationToken)
    {
        var made = await book.AddAsync(http.GetCaller(), request, cancellationToken);
        return made.Ok
            ? ApiResult.Created<NasMadeView>(new NasMadeView(NasView.Of(made.Value.Nas), made.Value.Secret), static view => "/api/v1/connectivity/nas/" + view.Nas.Id, static view => view.Nas.Version)
            : made.Refusal;
    }

    private static async Task<ApiResult<NasView>> ChangeNasAsync(HttpContext http, NasBook book, string nas, NasChange request, IfMatch ifMatch, CancellationToken cancellationToken)
    {
        var changed = await book.ChangeAsync(http.GetCaller(), nas, request, ifMatch.Version, cancellationToken);
        return changed.Ok ? ApiResult.From<NasView>(NasView.Of(changed.Value), static view => view.Version) : changed.Refusal;
    }

    private static async Task<ApiDone> RemoveNasAsync(HttpContext http, NasBook book, string nas, CancellationToken cancellationToken) =>
        ApiDone.From(await book.RemoveAsync(http.GetCaller(), nas, cancellationToken));
}

/// <summary>Which lines.</summary>
internal sealed record LineListQuery(
    [property: MaxLength(253), Description("A part of a user name, circuit id or name; an id; a fixed address.")] string? Text,
    [property: AllowedValues("active", "suspended", "ended", null), Description("active, suspended or ended.")] string? State,
    [property: MaxLength(40)] string? Tenant,
    [property: MaxLength(40)] string? Subscription,
    [property: AllowedValues("userName", "-userName", null), Description("userName or -userName; newest first without it.")] string? Sort);
