using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Protocols.Cpe.Cwmp;
using Tsunagi.Routers.Arms;
using Tsunagi.Routers.Contract;
using Tsunagi.Routers.Cwmp;
using Tsunagi.Routers.Simulate;
using Tsunagi.Tests.Host;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Routers;

/// <summary>A whole node whose ACS listens on loopback, with one customer that has one managed site, and simulated routers that call it.</summary>
public class RoutersNode : IAsyncLifetime
{
    private SimulatedFleet _fleet = null!;

    public TestNode Node { get; private set; } = null!;

    public string Tenant { get; private set; } = "";

    public TestApi Customer { get; private set; } = null!;

    public Uri Url { get; private set; } = null!;

    public Uri LocationServer { get; private set; } = null!;

    internal IReadOnlyDictionary<string, string> More { get; init; } = new Dictionary<string, string>();

    /// <summary>Null for SQLite.</summary>
    protected virtual Task<string?> PostgresAsync() => Task.FromResult<string?>(null);

    internal SimulatedFleet Fleet => _fleet;

    public async ValueTask InitializeAsync()
    {
        var values = new Dictionary<string, string>
        {
            ["routers.cwmp"] = """{"listen":["127.0.0.1:0"],"open":true}""",
            ["routers.arms"] = """{"listen":["127.0.0.1:0"],"legacyListen":["127.0.0.1:0"],"retryMax":3,"retryInterval":"00:00:01","echoInterval":"00:10:00","maxUnknown":5,"pullsKept":6,"pushAgainAfter":"00:00:00.2"}""",
        };
        foreach (var (key, value) in More)
        {
            values[key] = value;
        }

        Node = await TestNode.StartAsync(await PostgresAsync(), values);
        await Node.Operator.PutAsync("/plans/router", new
        {
            code = "router", specification = ManagedRouterSettings.Kind, nameEn = "Router", nameJa = "ルーター", currency = "JPY", prices = new[] { new { model = "perUnit", label = "Days", meter = "routers.devices", amount = 10 } },
        });
        (Tenant, Customer) = await Node.AddTenantAsync(null, "customer", "routed");
        Url = new Uri($"http://{Node.Services.GetRequiredService<AcsListener>().EndPoints[0]}/");
        LocationServer = new Uri($"https://{Node.Services.GetRequiredService<ArmsListener>().EndPoints[0]}/ls");
        _fleet = new SimulatedFleet(Url, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _fleet.DisposeAsync();
        Customer.Dispose();
        await Node.DisposeAsync();
    }

    /// <summary>A box with ARMS, registered with its key and named by a site that has this configuration.</summary>
    internal async Task<(SimulatedArmsBox Box, string Site, string Device)> AddBoxAsync(string code, string? configuration = "hostname r1", params string[] faults)
    {
        var id = "0001-0000-0101-0000-0000-0000-0000-" + code;
        var (site, _) = await AddSiteAsync("Box " + code, device: id);
        if (configuration is not null)
        {
            await ConfigureAsync(site, configuration);
        }

        var device = (string)(await Node.Operator.PostAsync("/routers/devices", new { distributionId = id, key = "lskey" }))["id"]!;
        return (Box(code, faults), site, device);
    }

    internal SimulatedArmsBox Box(string code, params string[] faults)
    {
        Assert.True(DistributionId.TryParse("0001-0000-0101-0000-0000-0000-0000-" + code, out var id));
        return new SimulatedArmsBox(id, "lskey", LocationServer, new HurriedTime()) { Faults = [.. faults] };
    }

    public Task<JsonNode> ConfigureAsync(string site, string configuration) => Customer.PutAsync($"/routers/sites/{site}/configuration", new
    {
        modules = new object[] { new { id = 0, version = "1", info = "main", commitOrder = 0, text = configuration }, new { id = 7, version = "1", info = "fw", base64 = "dGFibGUgaW5ldCBmIHt9" } },
    });

    public async Task<JsonArray> PullsAsync(string device) => (JsonArray)(await Customer.GetAsync($"/routers/devices/{device}/pulls"))["items"]!;

    /// <summary>A site with its subscription; runs when it returns.</summary>
    public async Task<(string Site, string Subscription)> AddSiteAsync(string name, string? device = null, string? claimCode = null)
    {
        var site = (string)(await Node.Operator.PostAsync("/sites", new { tenantId = Tenant, name }))["id"]!;
        var subscription = (string)(await Node.Operator.PostAsync("/subscriptions", new { tenantId = Tenant, plan = "router", name = "Router of " + name, settings = new { site = name, device, claimCode } }))["id"]!;
        var sites = Node.Services.GetRequiredService<ManagedSites>();
        await Eventually.HoldsAsync(() => sites.All.ContainsKey(subscription));
        return (site, subscription);
    }

    internal SimulatedRouter AddRouter(string serial, bool tr181 = false, string code = "", IReadOnlyDictionary<string, int>? faults = null, SimulatedTree? tree = null, string username = "", string password = "")
    {
        var router = new SimulatedRouter(tree ?? SimulatedTree.BuiltIn(tr181), "00E0FC", serial) { ProvisioningCode = code, Faults = faults ?? new Dictionary<string, int>(), Username = username, Password = password };
        _fleet.Add(router);
        return router;
    }

    internal async Task CallAsync(SimulatedRouter router) => Assert.True(await _fleet.CallAsync(router, TestContext.Current.CancellationToken), router.Last);

    public async Task<JsonObject> DeviceAsync(string serial, TestApi? api = null) =>
        (JsonObject)((JsonArray)(await (api ?? Node.Operator).GetAsync("/routers/devices?text=" + serial))["items"]!).Single()!;

    public async Task<JsonArray> TasksAsync(string device) => (JsonArray)(await Node.Operator.GetAsync($"/routers/devices/{device}/tasks"))["items"]!;

    /// <summary>One post of a router, by hand.</summary>
    public static async Task<(HttpStatusCode Status, CwmpMessage? Message, HttpResponseMessage Response)> PostAsync(HttpClient http, Uri url, CwmpMessage? message, string? cookie = null, byte[]? octets = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(octets ?? (message is null ? [] : CwmpWriter.Write(new CwmpEnvelope { Id = "7", Message = message }))) };
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        var response = await http.SendAsync(request);
        var answer = await response.Content.ReadAsByteArrayAsync();
        return (response.StatusCode, CwmpReader.TryRead(answer, null, out var envelope, out _) ? envelope!.Message : null, response);
    }

    public static Inform Inform(string serial, string code = "2 PERIODIC", string provisioning = "") => new()
    {
        Device = new DeviceId("Acme", "00E0FC", "Box", serial), Events = [new InformEvent(code)],
        Parameters = [new ParameterValue("InternetGatewayDevice.DeviceInfo.ProvisioningCode", provisioning), new ParameterValue("InternetGatewayDevice.DeviceInfo.SoftwareVersion", "1.0")],
    };

    public static string Text(byte[] octets) => Encoding.UTF8.GetString(octets);
}

/// <summary>The same on PostgreSQL, in a database of its own.</summary>
public sealed class RoutersNodeOnPostgres : RoutersNode
{
    protected override async Task<string?> PostgresAsync() => await (await PostgresCluster.SharedAsync()).CopyForNodeAsync();
}

/// <summary>The same, telling boxes what the recorded ones were told.</summary>
public sealed class RecordedNode : RoutersNode
{
    public RecordedNode() => More = new Dictionary<string, string>
    {
        ["routers.arms"] = """{"listen":["127.0.0.1:0"],"retryMax":3,"retryInterval":"00:00:01","echoInterval":"00:00:03"}""",
        ["routers.heartbeats"] = """{"listen":["127.0.0.1:0"],"interval":"00:00:02"}""",
    };
}

/// <summary>A clock whose waits are over a hundred times as fast: boxes wait for seconds and minutes.</summary>
internal sealed class HurriedTime : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime == Timeout.InfiniteTimeSpan ? dueTime : dueTime / 100, period == Timeout.InfiniteTimeSpan ? period : period / 100);
}
