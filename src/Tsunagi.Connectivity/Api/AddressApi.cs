using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Lines;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Connectivity.Api;

/// <summary>/api/v1/connectivity/vrfs, /prefixes, /pools and /holders.</summary>
internal static class AddressApi
{
    private const string PrefixList = "connectivity-prefixes";
    private const string PoolList = "connectivity-pools";
    private const string AssignmentList = "connectivity-assignments";
    private const int MostHeld = 200;

    public static void Map(RouteGroupBuilder api)
    {
        var plan = api.MapGroup("").WithTags("Addresses");
        plan.MapGet("/vrfs", VrfsAsync).Requires(ConnectivityPermissions.AddressRead).WithName("listVrfs").WithSummary("VRFs beside the global table");
        plan.MapPost("/vrfs", AddVrfAsync).Requires(ConnectivityPermissions.AddressWrite).WithName("addVrf").WithSummary("Add a VRF");
        plan.MapGet("/prefixes", PrefixesAsync).Requires(ConnectivityPermissions.AddressRead).WithName("listIpamPrefixes").WithSummary("Prefixes of the plan by address");
        plan.MapPost("/prefixes", AddPrefixAsync).Requires(ConnectivityPermissions.AddressWrite).WithName("addIpamPrefix").WithSummary("Add a prefix or an aggregate of a registry");
        plan.MapGet("/prefixes/{ipamPrefix}", PrefixAsync).Requires(ConnectivityPermissions.AddressRead).WithName("getIpamPrefix").WithSummary("One prefix");
        plan.MapPatch("/prefixes/{ipamPrefix}", ChangePrefixAsync).Requires(ConnectivityPermissions.AddressWrite).WithName("changeIpamPrefix").WithSummary("Change a prefix; what is absent stays");
        plan.MapDelete("/prefixes/{ipamPrefix}", RemovePrefixAsync).Requires(ConnectivityPermissions.AddressWrite).WithName("removeIpamPrefix").WithSummary("Take a prefix out of the plan");
        plan.MapPost("/prefixes/{ipamPrefix}/next", NextPrefixAsync).Requires(ConnectivityPermissions.AddressWrite).WithName("addNextIpamPrefix").WithSummary("Take the lowest free prefix of a length inside one");
        plan.MapGet("/prefixes/{ipamPrefix}/reverse-zone", ReverseZoneAsync).Requires(ConnectivityPermissions.AddressRead).WithName("getReverseZone")
            .WithSummary("Records of the reverse zone for what is assigned inside a prefix, as text (the provider's operators)").Produces<string>(StatusCodes.Status200OK, "text/plain");
        var pools = api.MapGroup("/pools").WithTags("Addresses");
        pools.MapGet("", PoolsAsync).Requires(ConnectivityPermissions.AddressRead).WithName("listPools").WithSummary("Pools with their use (the provider's operators)");
        pools.MapPost("", AddPoolAsync).Requires(ConnectivityPermissions.AddressWrite).WithName("addPool").WithSummary("Add a pool inside an active prefix");
        pools.MapGet("/{pool}", PoolAsync).Requires(ConnectivityPermissions.AddressRead).WithName("getPool").WithSummary("One pool");
        pools.MapPatch("/{pool}", ChangePoolAsync).Requires(ConnectivityPermissions.AddressWrite).WithName("changePool").WithSummary("Change a pool; what is absent stays");
        pools.MapDelete("/{pool}", RemovePoolAsync).Requires(ConnectivityPermissions.AddressWrite).WithName("removePool").WithSummary("Remove a pool that gives nothing any more");
        pools.MapGet("/{pool}/assignments", AssignmentsAsync).Requires(ConnectivityPermissions.AddressRead).WithName("listAssignments").WithSummary("What is assigned of a pool, by address");
        pools.MapPost("/{pool}/assignments", AssignAsync).Requires(ConnectivityPermissions.AddressWrite).WithName("assignAddress").WithSummary("Assign the next part of a pool, or a certain one, to a line, tenant or device");
        pools.MapDelete("/{pool}/assignments/{slot}", ReleaseAsync).Requires(ConnectivityPermissions.AddressWrite).WithName("releaseAddress").WithSummary("Take a part back: it rests before it is given again");
        pools.MapPost("/{pool}/assignments/{slot}/growth", GrowAsync).Requires(ConnectivityPermissions.AddressWrite).WithName("growPrefix").WithSummary("Let an assigned prefix grow where it is");
        api.MapGet("/lines/{line}/addresses", OfLineAsync).WithTags("Connectivity").Requires(ConnectivityPermissions.LineRead).WithName("listLineAddresses").WithSummary("The addresses of a line, now and before");
        api.MapPost("/holders", HoldersAsync).WithTags("Addresses").Requires(ConnectivityPermissions.HolderRead).WithName("askHolder")
            .WithSummary("Who held an address at a moment; the question is kept with its purpose (the provider's operators)");
    }

    private static async Task<ApiResult<Page<VrfView>>> VrfsAsync(HttpContext http, PrefixBook book, CancellationToken cancellationToken) =>
        new Page<VrfView>([.. (await book.VrfsAsync(http.GetCaller(), cancellationToken)).Select(VrfView.Of)], null);

    private static async Task<ApiCreated<VrfView>> AddVrfAsync(HttpContext http, PrefixBook book, NewVrf request, CancellationToken cancellationToken)
    {
        var added = await book.AddVrfAsync(http.GetCaller(), request, cancellationToken);
        return added.Ok ? ApiResult.Created<VrfView>(VrfView.Of(added.Value), static _ => "/api/v1/connectivity/vrfs") : added.Refusal;
    }

    private static async Task<ApiResult<Page<PrefixView>>> PrefixesAsync(
        HttpContext http, PrefixBook book, [AsParameters] PageRequest page, [AsParameters] PrefixListQuery query, CancellationToken cancellationToken)
    {
        if (page.After(PrefixList, "", out var after) is { } unreadable)
        {
            return unreadable;
        }

        var rows = await book.ListAsync(http.GetCaller(), query.Text?.Trim() ?? "", query.Vrf ?? "", query.State ?? "", query.Tenant ?? "", after, page.Size + 1, cancellationToken);
        return rows.Count <= page.Size
            ? new Page<PrefixView>([.. rows.Select(PrefixView.Of)], null)
            : new Page<PrefixView>([.. rows.Take(page.Size).Select(PrefixView.Of)], Cursor.Write(PrefixList, $"{rows[page.Size - 1].FirstAddress} {rows[page.Size - 1].Id}"));
    }

    private static async Task<ApiResult<PrefixView>> PrefixAsync(HttpContext http, PrefixBook book, string ipamPrefix, CancellationToken cancellationToken) =>
        ApiResult.Found(await book.FindAsync(http.GetCaller(), ipamPrefix, cancellationToken) is { RemovedAt: null } row ? PrefixView.Of(row) : null, "prefix", ipamPrefix, static view => view.Version);

    private static async Task<ApiCreated<PrefixView>> AddPrefixAsync(HttpContext http, PrefixBook book, NewPrefix request, CancellationToken cancellationToken) =>
        Made(await book.AddAsync(http.GetCaller(), request, cancellationToken));

    private static async Task<ApiCreated<PrefixView>> NextPrefixAsync(HttpContext http, PrefixBook book, string ipamPrefix, NextPrefix request, CancellationToken cancellationToken) =>
        Made(await book.AddNextAsync(http.GetCaller(), ipamPrefix, request, cancellationToken));

    private static async Task<ApiResult<PrefixView>> ChangePrefixAsync(
        HttpContext http, PrefixBook book, string ipamPrefix, PrefixChange request, IfMatch ifMatch, CancellationToken cancellationToken)
    {
        var changed = await book.ChangeAsync(http.GetCaller(), ipamPrefix, request, ifMatch.Version, cancellationToken);
        return changed.Ok ? ApiResult.From<PrefixView>(PrefixView.Of(changed.Value), static view => view.Version) : changed.Refusal;
    }

    private static async Task<ApiDone> RemovePrefixAsync(HttpContext http, PrefixBook book, string ipamPrefix, CancellationToken cancellationToken) =>
        ApiDone.From(await book.RemoveAsync(http.GetCaller(), ipamPrefix, cancellationToken));

    private static async Task<IResult> ReverseZoneAsync(HttpContext http, PrefixBook book, ReverseZone zones, string ipamPrefix, [AsParameters] ReverseZoneQuery query, CancellationToken cancellationToken)
    {
        var caller = http.GetCaller();
        return caller.IsOperator && await book.FindAsync(caller, ipamPrefix, cancellationToken) is { RemovedAt: null } prefix
            ? Results.Text(await zones.WriteAsync(prefix, query.Suffix ?? "ip.invalid", cancellationToken), "text/plain")
            : new ProblemResult(Refusal.NotFound("prefix", ipamPrefix));
    }

    private static async Task<ApiResult<Page<PoolView>>> PoolsAsync(HttpContext http, PoolBook book, [AsParameters] PageRequest page, CancellationToken cancellationToken)
    {
        if (page.After(PoolList, "", out var after) is { } unreadable)
        {
            return unreadable;
        }

        var caller = http.GetCaller();
        var uses = await book.UsesAsync(cancellationToken);
        return Page.Of([.. (await book.ListAsync(caller, after, page.Size + 1, cancellationToken)).Select(row => PoolView.Of(row, uses.GetValueOrDefault(row.Id)))], page.Size, PoolList, static view => view.Id);
    }

    private static async Task<ApiResult<PoolView>> PoolAsync(HttpContext http, PoolBook book, string pool, CancellationToken cancellationToken)
    {
        var caller = http.GetCaller();
        return await book.FindAsync(caller, pool, cancellationToken) is { RemovedAt: null } row
            ? ApiResult.From<PoolView>(PoolView.Of(row, (await book.UsesAsync(cancellationToken)).GetValueOrDefault(row.Id)), static view => view.Version)
            : Refusal.NotFound("pool", pool);
    }

    private static async Task<ApiCreated<PoolView>> AddPoolAsync(HttpContext http, PoolBook book, NewPool request, CancellationToken cancellationToken)
    {
        var added = await book.AddAsync(http.GetCaller(), request, cancellationToken);
        return added.Ok ? ApiResult.Created<PoolView>(PoolView.Of(added.Value, 0), static view => "/api/v1/connectivity/pools/" + view.Id, static view => view.Version) : added.Refusal;
    }

    private static async Task<ApiResult<PoolView>> ChangePoolAsync(HttpContext http, PoolBook book, string pool, PoolChange request, IfMatch ifMatch, CancellationToken cancellationToken)
    {
        var changed = await book.ChangeAsync(http.GetCaller(), pool, request, ifMatch.Version, cancellationToken);
        return changed.Ok ? ApiResult.From<PoolView>(PoolView.Of(changed.Value, 0), static view => view.Version) : changed.Refusal;
    }

    private static async Task<ApiDone> RemovePoolAsync(HttpContext http, PoolBook book, string pool, CancellationToken cancellationToken) =>
        ApiDone.From(await book.RemoveAsync(http.GetCaller(), pool, cancellationToken));

    private static async Task<ApiResult<Page<AssignmentView>>> AssignmentsAsync(
        HttpContext http, PoolBook book, string pool, [AsParameters] PageRequest page, [MaxLength(50), Description("An address, line or tenant.")] string? text, CancellationToken cancellationToken)
    {
        if (page.After(AssignmentList, -1, out var after) is { } unreadable)
        {
            return unreadable;
        }

        var caller = http.GetCaller();
        return await book.FindAsync(caller, pool, cancellationToken) is null
            ? Refusal.NotFound("pool", pool)
            : Page.Of(
                [.. (await book.AssignmentsAsync(caller, pool, text ?? "", after, page.Size + 1, cancellationToken)).Select(AssignmentView.Of)], page.Size, AssignmentList,
                static view => view.Slot.ToString(CultureInfo.InvariantCulture));
    }

    private static async Task<ApiCreated<AssignmentView>> AssignAsync(HttpContext http, AssignmentDesk desk, string pool, NewAssignment request, CancellationToken cancellationToken)
    {
        var taken = await desk.AssignAsync(http.GetCaller(), pool, request, cancellationToken);
        return taken.Ok ? ApiResult.Created<AssignmentView>(AssignmentView.Of(taken.Value), static view => $"/api/v1/connectivity/pools/{view.PoolId}/assignments") : taken.Refusal;
    }

    private static async Task<ApiResult<AssignmentView>> ReleaseAsync(HttpContext http, PoolBook book, AddressAllocator allocator, string pool, long slot, CancellationToken cancellationToken)
    {
        if (await book.FindAsync(http.GetCaller(), pool, cancellationToken) is not { } found)
        {
            return Refusal.NotFound("pool", pool);
        }

        var released = await allocator.ReleaseAsync(http.GetCaller(), found, slot, cancellationToken);
        return released.Ok ? AssignmentView.Of(released.Value) : released.Refusal;
    }

    private static async Task<ApiResult<AssignmentView>> GrowAsync(HttpContext http, PoolBook book, AddressAllocator allocator, string pool, long slot, Growth request, CancellationToken cancellationToken)
    {
        if (await book.FindAsync(http.GetCaller(), pool, cancellationToken) is not { } found)
        {
            return Refusal.NotFound("pool", pool);
        }

        var grown = await allocator.GrowAsync(http.GetCaller(), found, slot, request.Length, cancellationToken);
        return grown.Ok ? AssignmentView.Of(grown.Value) : grown.Refusal;
    }

    private static async Task<ApiResult<LineAddressesView>> OfLineAsync(HttpContext http, LineBook lines, PoolBook pools, HolderDesk desk, string line, CancellationToken cancellationToken)
    {
        var caller = http.GetCaller();
        return await lines.FindAsync(caller, line, cancellationToken) is null
            ? Refusal.NotFound("line", line)
            : new LineAddressesView(
                [.. (await pools.OfLineAsync(caller, line, cancellationToken)).Select(AssignmentView.Of)], await desk.OfLineAsync(caller, line, MostHeld, cancellationToken));
    }

    private static async Task<ApiResult<HolderAnswer>> HoldersAsync(HttpContext http, HolderDesk desk, HolderQuestion question, CancellationToken cancellationToken) =>
        await desk.AskAsync(http.GetCaller(), question, cancellationToken);

    private static ApiCreated<PrefixView> Made(Outcome<PrefixRow> made) =>
        made.Ok ? ApiResult.Created<PrefixView>(PrefixView.Of(made.Value), static view => "/api/v1/connectivity/prefixes/" + view.Id, static view => view.Version) : made.Refusal;
}

/// <summary>Which prefixes.</summary>
internal sealed record PrefixListQuery(
    [property: MaxLength(80), Description("A prefix or address (what holds it), a role, a registry.")] string? Text,
    [property: MaxLength(40), Description("A VRF's id, or global.")] string? Vrf,
    [property: AllowedValues("container", "active", "reserved", "deprecated", null), Description("container, active, reserved or deprecated.")] string? State,
    [property: MaxLength(40)] string? Tenant);

/// <summary>How names of the reverse zone end.</summary>
internal sealed record ReverseZoneQuery(
    [property: MaxLength(200), RegularExpression("[A-Za-z0-9.-]+", ErrorMessage = "a domain name"), Description("Domain of the names that addresses get (ip.isp.example).")] string? Suffix);
