using System.Net;
using System.Text.Json.Nodes;
using Tsunagi.Routers.Simulate;
using Tsunagi.Tests.Ddos;

namespace Tsunagi.Tests.Routers;

/// <summary>With the customer on the phone: fresh values, tests, restart, a password, all within a call that is audited.</summary>
public abstract class Helpdesk_calls(RoutersNode world)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Give_fresh_values_by_a_connection_request(bool tr181)
    {
        var (router, id, running, end) = await StartAsync("HELP" + tr181, tr181);
        string ssid = tr181 ? "Device.WiFi.SSID.1.SSID" : "InternetGatewayDevice.LANDevice.1.WLANConfiguration.1.SSID";
        router.Tree.Set(ssid, "renamed by the customer");
        router.Tree.RemoveBelow(tr181 ? "Device.Hosts.Host.4." : "InternetGatewayDevice.LANDevice.1.Hosts.Host.4.");
        await world.Node.Operator.PostAsync($"/routers/devices/{id}/calls", new { reason = "customer called" });
        await DdosNode.UntilAsync(async () => (await world.TasksAsync(id)).All(t => (string)t!["state"]! is "done" or "fault"));
        Assert.Equal("done", (string)(await world.TasksAsync(id))[0]!["state"]!);
        string page = await PageAsync($"/console/routers/devices/{id}/help");
        Assert.Contains("renamed by the customer", page, StringComparison.Ordinal);
        Assert.Contains(tr181 ? "-18.25 dBm" : "6.3 dB", page, StringComparison.Ordinal);
        Assert.Contains("reception-pc", page, StringComparison.Ordinal);
        Assert.DoesNotContain("phone-kitchen", page, StringComparison.Ordinal);
        Assert.DoesNotContain("correct horse", page, StringComparison.Ordinal);
        Assert.Equal("called", (string)(await world.DeviceAsync(router.Serial))["lastRequest"]!);
        await end.CancelAsync();
        await running;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Test_and_restart_once_each(bool tr181)
    {
        var (router, id, running, end) = await StartAsync("TEST" + tr181, tr181);

        // Without a call nothing is done.
        Assert.Equal(HttpStatusCode.Conflict, await world.Node.Operator.StatusAsync(HttpMethod.Post, $"/routers/devices/{id}/tasks", new { kind = "reboot" }));
        await world.Node.Operator.PostAsync($"/routers/devices/{id}/calls", new { reason = "customer called" });
        Assert.Equal(HttpStatusCode.BadRequest, await world.Node.Operator.StatusAsync(HttpMethod.Post, $"/routers/devices/{id}/tasks", new { kind = "ping", host = "a b" }));
        foreach (var task in (object[])[new { kind = "ping", host = "www.example.com" }, new { kind = "trace", host = "192.0.2.7" }, new { kind = "reboot" }])
        {
            await world.Node.Operator.PostAsync($"/routers/devices/{id}/tasks", task);
        }

        await DdosNode.UntilAsync(async () => (await world.TasksAsync(id)).All(t => (string)t!["state"]! is "done" or "fault"));
        var done = (await world.TasksAsync(id)).ToDictionary(t => (string)t!["kind"]!, t => t!);
        Assert.All(done.Values, task => Assert.Equal("done", (string)task["state"]!));
        Assert.Equal("4", (string)done["ping"]["result"]!["received"]!);
        Assert.Equal(3, ((JsonArray)done["trace"]["result"]!["hops"]!).Count);
        Assert.Equal("198.51.100.2", (string)done["trace"]["result"]!["hops"]![1]!["address"]!);
        Assert.Single(router.Asked, "Reboot");
        Assert.Equal(2, router.Asked.Count(method => method == "SetParameterValues"));
        await end.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Reveal_a_password_with_a_reason_and_keep_the_look()
    {
        await world.AddSiteAsync("Secret", device: "00E0FC-SECRET1");
        SimulatedRouter router = world.AddRouter("SECRET1");
        await world.CallAsync(router);
        string id = (string)(await world.DeviceAsync("SECRET1"))["id"]!;
        const string path = "InternetGatewayDevice.LANDevice.1.WLANConfiguration.1.KeyPassphrase";
        var request = new { path, reason = "customer forgot it" };
        Assert.Equal(HttpStatusCode.Conflict, await world.Node.Operator.StatusAsync(HttpMethod.Post, $"/routers/devices/{id}/reveal", request));
        await world.Node.Operator.PostAsync($"/routers/devices/{id}/calls", new { reason = "customer called" });
        Assert.Equal("correct horse battery", (string)(await world.Node.Operator.PostAsync($"/routers/devices/{id}/reveal", request))["value"]!);
        Assert.Equal(HttpStatusCode.BadRequest, await world.Node.Operator.StatusAsync(HttpMethod.Post, $"/routers/devices/{id}/reveal", new { path = path.Replace("KeyPassphrase", "SSID", StringComparison.Ordinal), reason = "none" }));

        // The customer reads who looked, and why; no password is in audit or events.
        string audit = (await world.Customer.GetAsync("/audit?limit=200")).ToJsonString();
        Assert.Contains("routers.secret.revealed", audit, StringComparison.Ordinal);
        Assert.Contains("customer forgot it", audit, StringComparison.Ordinal);
        Assert.DoesNotContain("correct horse", audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Say_so_when_the_router_cannot_be_asked()
    {
        await world.AddSiteAsync("Away", device: "00E0FC-AWAY1");
        SimulatedRouter router = world.AddRouter("AWAY1");
        router.ConnectionRequestUrl = "http://192.0.2.1:7547/";
        await world.CallAsync(router);
        string id = (string)(await world.DeviceAsync("AWAY1"))["id"]!;
        await world.Node.Operator.PostAsync($"/routers/devices/{id}/calls", new { reason = "customer called" });
        Assert.Contains("documentation", (string)(await world.DeviceAsync("AWAY1"))["lastRequest"]!, StringComparison.Ordinal);
        Assert.Equal("queued", (string)(await world.TasksAsync(id))[0]!["state"]!);

        // It is done when the router calls by itself.
        await world.CallAsync(router);
        Assert.Equal("done", (string)(await world.TasksAsync(id))[0]!["state"]!);
    }

    private async Task<(SimulatedRouter Router, string Id, Task Running, CancellationTokenSource End)> StartAsync(string serial, bool tr181)
    {
        await world.AddSiteAsync("Site " + serial, device: "00E0FC-" + serial);
        SimulatedRouter router = world.AddRouter(serial, tr181);
        await world.CallAsync(router);
        var end = new CancellationTokenSource();
        Task running = world.Fleet.RunAsync(TimeSpan.FromHours(1), null, end.Token);
        return (router, (string)(await world.DeviceAsync(serial))["id"]!, running, end);
    }

    private async Task<string> PageAsync(string path)
    {
        using var response = await world.Node.Operator.Http.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync());
    }
}

public sealed class Helpdesk_calls_on_sqlite(RoutersNode world) : Helpdesk_calls(world), IClassFixture<RoutersNode>;

public sealed class Helpdesk_calls_on_postgres(RoutersNodeOnPostgres world) : Helpdesk_calls(world), IClassFixture<RoutersNodeOnPostgres>;
