using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Api;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Arms;
using Tsunagi.Routers.Devices;
using Tsunagi.Routers.Helpdesk;
using Tsunagi.Routers.Import;
using Tsunagi.Routers.Tasks;

namespace Tsunagi.Routers.Api;

/// <summary>/api/v1/routers: routers, their values, tasks, helpdesk calls, import.</summary>
internal static class RoutersApi
{
    private const string DeviceList = "routers-devices";
    private const string ValueList = "routers-values";
    private const string TaskList = "routers-tasks";
    private const string PullList = "routers-pulls";

    public static void Map(RouteGroupBuilder api)
    {
        var routers = api.MapGroup("").WithTags("Managed routers");
        routers.MapGet("/devices", ListAsync).Requires(RoutersPermissions.DeviceRead).WithName("listRouters").WithSummary("Routers; those nobody has claimed are the provider's operators' to see");
        routers.MapGet("/devices/{device}", FindAsync).Requires(RoutersPermissions.DeviceRead).WithName("getRouter").WithSummary("One router");
        routers.MapGet("/devices/{device}/values", ValuesAsync).Requires(RoutersPermissions.DeviceRead).WithName("listRouterValues").WithSummary("What a router told of itself, by path; secrets without their values");
        routers.MapGet("/devices/{device}/tasks", TasksAsync).Requires(RoutersPermissions.DeviceRead).WithName("listRouterTasks").WithSummary("What was and is to be done on a router, newest first");
        routers.MapPost("/devices/{device}/tasks", DoAsync).Requires(RoutersPermissions.Help).WithName("makeRouterTask").WithSummary("Let something be done: it is done in the router's next session, which it is asked to begin now");
        routers.MapPost("/devices/{device}/claim", ClaimAsync).Requires(RoutersPermissions.DeviceWrite).WithName("claimRouter").WithSummary("Give a router nobody has claimed to the site of a subscription (the provider's operators only); it is read, nothing is written to it");
        routers.MapPost("/devices/{device}/release", ReleaseAsync).Requires(RoutersPermissions.DeviceWrite).WithName("releaseRouter").WithSummary("Take a router off its site: what was read of it is forgotten, the site keeps its settings");
        routers.MapPut("/devices/{device}/credentials", CredentialsAsync).Requires(RoutersPermissions.DeviceWrite).WithName("setRouterCredentials")
            .WithSummary("What a router shows us, and what it wants at a connection request; nothing is written to the router");
        routers.MapPost("/devices", RegisterAsync).Requires(RoutersPermissions.DeviceWrite).WithName("registerRouter").WithSummary("Register a router that speaks ARMS by its distribution id and LS-SA key (the provider's operators only); a contract that names it claims it");
        routers.MapGet("/devices/{device}/arms", ArmsAsync).Requires(RoutersPermissions.DeviceRead).WithName("getRouterArms").WithSummary("How far a router with ARMS is: the version it was given, the one it runs, its tunnel");
        routers.MapGet("/devices/{device}/heartbeat", HeartbeatApi.FindAsync).Requires(RoutersPermissions.DeviceRead).WithName("getRouterHeartbeat").WithSummary("What a router with ARMS tells by its heartbeats: when it was last heard, its load and traffic, and its last hour by the minute");
        routers.MapGet("/devices/{device}/pulls", PullsAsync).Requires(RoutersPermissions.DeviceRead).WithName("listRouterPulls").WithSummary("What a router with ARMS asked and was answered, newest first");
        routers.MapPost("/devices/{device}/pulls", PullAsync).Requires(RoutersPermissions.ConfigurationWrite).WithName("pullRouter").WithSummary("Ask a router over its tunnel to pull its site's configuration now");
        ConfigurationApi.Map(routers);
        PushApi.Map(routers);
        routers.MapPost("/devices/{device}/calls", CallAsync).Requires(RoutersPermissions.Help).WithName("openRouterCall").WithSummary("Open a helpdesk call: for a limited time, audited; fresh values are asked for at once");
        routers.MapPost("/devices/{device}/reveal", RevealAsync).Requires(RoutersPermissions.SecretRead).WithName("revealRouterSecret").WithSummary("The value of a secret, with a reason, during a call");
        routers.MapPost("/import/genieacs", ImportAsync).Requires(RoutersPermissions.DeviceWrite).WithName("importRouters").WithSummary("Take over the devices of GenieACS (the JSON of its NBI): ids, tags, connection-request credentials (the provider's operators only)");
    }

    private static async Task<ApiResult<Page<RouterView>>> ListAsync(
        HttpContext http, DeviceStore store, TimeProvider time, [AsParameters] PageRequest page, [AsParameters] RouterQuery query, CancellationToken cancellationToken)
    {
        if (page.After(DeviceList, "", out var after) is { } unreadable)
        {
            return unreadable;
        }

        var now = time.NowMicros();
        var rows = await store.ListAsync(http.GetCaller(), new DeviceFilter(query.Text ?? "", query.State ?? "", query.Site ?? "", query.ProductClass ?? ""), after, page.Size + 1, now, cancellationToken);
        return Page.Of([.. rows.Select(row => RouterView.Of(row, now))], page.Size, DeviceList, static view => view.Id);
    }

    private static async Task<ApiResult<RouterView>> FindAsync(HttpContext http, DeviceStore store, TimeProvider time, string device, CancellationToken cancellationToken) =>
        await store.FindAsync(http.GetCaller(), device, cancellationToken) is { } row ? RouterView.Of(row, time.NowMicros()) : Refusal.NotFound("router", device);

    private static async Task<ApiResult<Page<RouterValue>>> ValuesAsync(
        HttpContext http, DeviceStore store, TreeStore trees, string device, [AsParameters] PageRequest page, [AsParameters] ValueQuery query, CancellationToken cancellationToken)
    {
        if (page.After(ValueList, "", out var after) is { } unreadable)
        {
            return unreadable;
        }

        if (await store.FindAsync(http.GetCaller(), device, cancellationToken) is not { } row)
        {
            return Refusal.NotFound("router", device);
        }

        var tree = await trees.ReadAsync(row, cancellationToken);
        var found = tree.Entries.Where(e => string.CompareOrdinal(e.Path, after) > 0 && (query.Text is not { Length: > 0 } text || e.Path.Contains(text, StringComparison.OrdinalIgnoreCase) || (!e.IsSecret && e.Value.Contains(text, StringComparison.OrdinalIgnoreCase))));
        return Page.Of([.. found.Take(page.Size + 1).Select(RouterValue.Of)], page.Size, ValueList, static value => value.Path);
    }

    private static async Task<ApiResult<Page<RouterTaskView>>> TasksAsync(
        HttpContext http, DeviceStore store, TaskBook tasks, string device, [AsParameters] PageRequest page, CancellationToken cancellationToken)
    {
        if (page.After(TaskList, "", out var before) is { } unreadable)
        {
            return unreadable;
        }

        if (await store.FindAsync(http.GetCaller(), device, cancellationToken) is null)
        {
            return Refusal.NotFound("router", device);
        }

        var views = new List<RouterTaskView>();
        foreach (var task in await store.TasksAsync(http.GetCaller(), device, before, page.Size + 1, cancellationToken))
        {
            views.Add(RouterTaskView.Of(task, await tasks.ResultAsync(task, cancellationToken)));
        }

        return Page.Of(views, page.Size, TaskList, static view => view.Id);
    }

    private static async Task<ApiCreated<RouterTaskView>> DoAsync(HttpContext http, HelpDesk desk, string device, RouterTaskRequest request, CancellationToken cancellationToken)
    {
        if (await desk.FindAsync(http.GetCaller(), device, cancellationToken) is not { } row)
        {
            return Refusal.NotFound("router", device);
        }

        var task = await desk.DoAsync(http.GetCaller(), row, request.Kind, request.Host ?? "", cancellationToken);
        return task.Ok ? ApiResult.Created<RouterTaskView>(RouterTaskView.Of(task.Value, null), static view => $"/api/v1/routers/devices/{view.DeviceId}/tasks") : task.Refusal;
    }

    private static async Task<ApiResult<RouterView>> ClaimAsync(
        HttpContext http, DeviceStore store, DeviceBook book, TimeProvider time, string device, ClaimRequest request, CancellationToken cancellationToken)
    {
        if (!http.GetCaller().IsOperator || await store.FindAsync(http.GetCaller(), device, cancellationToken) is not { } row)
        {
            return Refusal.NotFound("router", device);
        }

        var claimed = await book.ClaimAsync(http.GetCaller(), row, request.Subscription, cancellationToken);
        return claimed.Ok ? RouterView.Of(claimed.Value, time.NowMicros()) : claimed.Refusal;
    }

    private static async Task<ApiResult<RouterView>> ReleaseAsync(HttpContext http, DeviceStore store, DeviceBook book, TimeProvider time, string device, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(http.GetCaller(), device, cancellationToken) is not { } row)
        {
            return Refusal.NotFound("router", device);
        }

        var released = await book.ReleaseAsync(http.GetCaller(), row, cancellationToken);
        return released.Ok ? RouterView.Of(row, time.NowMicros()) with { State = DeviceStates.Unclaimed } : released.Refusal;
    }

    private static async Task<ApiResult<RouterView>> CredentialsAsync(
        HttpContext http, DeviceStore store, DeviceBook book, TimeProvider time, string device, CredentialsRequest request, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(http.GetCaller(), device, cancellationToken) is not { } row)
        {
            return Refusal.NotFound("router", device);
        }

        var given = new Dictionary<string, DeviceCredentials>(StringComparer.Ordinal);
        if (request.AcsPassword is { Length: > 0 } acs)
        {
            given[DeviceSecrets.Acs] = new DeviceCredentials(request.AcsUsername ?? "", acs);
        }

        if (request.ConnectionPassword is { Length: > 0 } connection)
        {
            given[DeviceSecrets.Connection] = new DeviceCredentials(request.ConnectionUsername ?? "", connection);
        }

        return given.Count == 0
            ? Refusal.Invalid("routers.credentials.none", "connectionPassword", "no password is given", "acsPassword, connectionPassword or both")
            : RouterView.Of(await book.SetCredentialsAsync(http.GetCaller(), row, given, cancellationToken), time.NowMicros());
    }

    private static async Task<ApiCreated<RouterView>> RegisterAsync(HttpContext http, DeviceBook book, TimeProvider time, RouterRegistration request, CancellationToken cancellationToken)
    {
        if (!http.GetCaller().IsOperator)
        {
            return Refusal.NotFound("router", request.DistributionId);
        }

        if (!DistributionId.TryParse(request.DistributionId.Trim(), out var id))
        {
            return Refusal.Invalid("routers.register.id", "distributionId", $"'{request.DistributionId}' is no distribution id", "eight groups of four hexadecimal digits, such as 0001-0000-0101-0000-0000-0000-DEAD-BEEF");
        }

        var registered = await book.RegisterAsync(http.GetCaller(), id, request.Key, cancellationToken);
        return registered.Ok ? ApiResult.Created<RouterView>(RouterView.Of(registered.Value, time.NowMicros()), static view => $"/api/v1/routers/devices/{view.Id}") : registered.Refusal;
    }

    private static async Task<ApiResult<RouterArmsView>> ArmsAsync(
        HttpContext http, DeviceStore store, ArmsStore arms, ArmsTunnels tunnels, SiteConfigurations configurations, string device, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(http.GetCaller(), device, cancellationToken) is not { } row)
        {
            return Refusal.NotFound("router", device);
        }

        var state = await arms.StateAsync(http.GetCaller(), device, cancellationToken);
        var newest = row.SiteId.Length == 0 ? null : await configurations.FindAsync(http.GetCaller(), row.SiteId, 0, cancellationToken);
        static long? Some(long? number) => number > 0 ? number : null;
        return new RouterArmsView(Some(state?.Given), Some(state?.GivenAt), Some(state?.Taken), Some(state?.TakenAt), newest?.Number, tunnels.Find(device) is not null);
    }

    private static async Task<ApiResult<Page<RouterPullView>>> PullsAsync(HttpContext http, DeviceStore store, ArmsStore arms, string device, [AsParameters] PageRequest page, CancellationToken cancellationToken)
    {
        if (page.After(PullList, "", out var before) is { } unreadable)
        {
            return unreadable;
        }

        return await store.FindAsync(http.GetCaller(), device, cancellationToken) is null ? Refusal.NotFound("router", device)
            : Page.Of([.. (await arms.PullsAsync(http.GetCaller(), device, before, page.Size + 1, cancellationToken)).Select(RouterPullView.Of)], page.Size, PullList, static view => view.Id);
    }

    private static async Task<ApiResult<RouterArmsView>> PullAsync(
        HttpContext http, DeviceStore store, ArmsStore arms, ArmsTunnels tunnels, SiteConfigurations configurations, PullCalls pulls, string device, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(http.GetCaller(), device, cancellationToken) is not { } row)
        {
            return Refusal.NotFound("router", device);
        }

        return await pulls.AskAsync(http.GetCaller(), row, cancellationToken) is { } refusal ? refusal : await ArmsAsync(http, store, arms, tunnels, configurations, device, cancellationToken);
    }

    private static async Task<ApiCreated<HelpCallView>> CallAsync(HttpContext http, HelpDesk desk, string device, ReasonRequest request, CancellationToken cancellationToken)
    {
        if (await desk.FindAsync(http.GetCaller(), device, cancellationToken) is not { } row)
        {
            return Refusal.NotFound("router", device);
        }

        var call = await desk.OpenAsync(http.GetCaller(), row, request.Reason, cancellationToken);
        return call.Ok ? ApiResult.Created<HelpCallView>(new HelpCallView(call.Value.Id, row.Id, call.Value.OpenedAt, call.Value.ExpiresAt), static view => $"/api/v1/routers/devices/{view.DeviceId}") : call.Refusal;
    }

    private static async Task<ApiResult<RevealedSecret>> RevealAsync(HttpContext http, HelpDesk desk, string device, RevealRequest request, CancellationToken cancellationToken)
    {
        if (await desk.FindAsync(http.GetCaller(), device, cancellationToken) is not { } row)
        {
            return Refusal.NotFound("router", device);
        }

        var revealed = await desk.RevealAsync(http.GetCaller(), row, request.Path, request.Reason, cancellationToken);
        return revealed.Ok ? revealed.Value : revealed.Refusal;
    }

    private static async Task<ApiResult<ImportResult>> ImportAsync(HttpContext http, GenieImport import, ImportRequest request, CancellationToken cancellationToken)
    {
        if (!http.GetCaller().IsOperator)
        {
            return Refusal.NotFound("import", "of routers");
        }

        return await import.RunAsync(http.GetCaller(), request.Devices, cancellationToken);
    }
}

/// <summary>Which routers.</summary>
public sealed record RouterQuery(
    [property: MaxLength(200), Description("An id, a part of identity, model, site or tag, a serial number, an address.")] string? Text,
    [property: AllowedValues("unclaimed", "adopting", "observed", "waiting", "given", "configured", "silent", null), Description("unclaimed, adopting, observed, waiting, given, configured or silent.")] string? State,
    [property: MaxLength(40), Description("A site.")] string? Site,
    [property: MaxLength(64), Description("A product class.")] string? ProductClass);

/// <summary>Which values.</summary>
public sealed record ValueQuery([property: MaxLength(200), Description("A part of the path or of the value.")] string? Text);

/// <summary>Something to be done.</summary>
public sealed record RouterTaskRequest
{
    [Required, AllowedValues("adopt", "refresh", "reboot", "ping", "trace"), Description("adopt: read everything. refresh: read what the helpdesk looks at. reboot, ping and trace need an open call.")]
    public string Kind { get; init; } = "";

    [MaxLength(253), Description("The host of ping and trace.")]
    public string? Host { get; init; }
}

/// <summary>Whose a router is.</summary>
public sealed record ClaimRequest([property: Required, MaxLength(40), Description("A running subscription to routers.managed-site without a router.")] string Subscription);

/// <summary>A router that speaks ARMS.</summary>
public sealed record RouterRegistration
{
    [Required, MaxLength(39), Description("Eight groups of four hexadecimal digits, as on its label.")]
    public string DistributionId { get; init; } = "";

    [Required, StringLength(64, MinimumLength = 4), Core.Audit.Secret, Description("Its LS-SA key, by which it is known at the location server.")]
    public string Key { get; init; } = "";
}

/// <summary>Why.</summary>
public sealed record ReasonRequest([property: Required, StringLength(300, MinimumLength = 3)] string Reason);

/// <summary>Which secret, and why.</summary>
public sealed record RevealRequest([property: Required, MaxLength(300)] string Path, [property: Required, StringLength(300, MinimumLength = 3)] string Reason);

/// <summary>Credentials of a router; what is absent is left as it is.</summary>
public sealed record CredentialsRequest
{
    [MaxLength(256), Description("What the router calls itself to us.")]
    public string? AcsUsername { get; init; }

    [MaxLength(256), Core.Audit.Secret, Description("What it shows us; no other is taken from then on.")]
    public string? AcsPassword { get; init; }

    [MaxLength(256), Description("What we call ourselves at a connection request.")]
    public string? ConnectionUsername { get; init; }

    [MaxLength(256), Core.Audit.Secret, Description("What we show at a connection request.")]
    public string? ConnectionPassword { get; init; }
}

/// <summary>The devices of GenieACS, as <c>GET /devices</c> of its NBI gives them.</summary>
public sealed record ImportRequest([property: Required, MaxLength(10_000)] IReadOnlyList<JsonElement> Devices);
