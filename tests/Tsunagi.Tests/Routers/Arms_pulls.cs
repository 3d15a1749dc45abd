using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Store;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Arms;
using Tsunagi.Routers.Devices;
using Tsunagi.Routers.Simulate;
using Tsunagi.Tests.Ddos;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Routers;

/// <summary>The life of a box with ARMS: from the factory to its site's configuration, what refuses it, and what becomes of it when the site gets another.</summary>
public abstract class Arms_pulls(RoutersNode world)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task From_the_factory_the_box_is_configured_and_keeps_a_tunnel()
    {
        var (box, site, device) = await world.AddBoxAsync("A001");
        box = new SimulatedArmsBox(box.Id, "lskey", world.LocationServer, TimeProvider.System) { Root = (string)(await world.Node.Operator.GetAsync("/routers/arms/authority"))["certificate"]! };
        await using var power = new Power(box);
        await Eventually.HoldsAsync(() => box.State == ArmsBoxState.Connected);
        Assert.Equal("hostname r1", box.Text(0));
        Assert.Equal("table inet f {}", box.Text(7));
        await DdosNode.UntilAsync(async () => (bool)(await world.Customer.GetAsync($"/routers/devices/{device}/arms"))["tunnel"]!);
        JsonNode state = await world.Customer.GetAsync($"/routers/devices/{device}/arms");
        Assert.Equal((1, 1, 1), ((int)state["given"]!, (int)state["taken"]!, (int)state["newest"]!));
        JsonNode router = await world.Customer.GetAsync($"/routers/devices/{device}");
        Assert.Equal(("configured", site, "0.8.0", "Arms"), ((string)router["state"]!, (string)router["siteId"]!, (string)router["software"]!, (string)router["dataModel"]!));
        Assert.Equal(["push-method-query", "config-solicitation", "rs-solicitation"], (await world.PullsAsync(device)).Select(pull => (string)pull!["kind"]!));
        Assert.All(await world.PullsAsync(device), pull => Assert.Equal(100, (int)pull!["code"]!));
        Assert.Equal(["power on boot", "power on boot"], box.Triggers);

        // A day that is billed, an event that is read, a page that shows it; no tasks of the other protocol.
        await DdosNode.UntilAsync(async () => (await world.Customer.GetAsync("/events?limit=200")).ToJsonString().Contains("routers.site.configured@1", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Conflict, await world.Node.Operator.StatusAsync(HttpMethod.Post, $"/routers/devices/{device}/tasks", new { kind = "refresh" }));
        string page = WebUtility.HtmlDecode(await (await world.Customer.Http.GetAsync("/console/routers/devices/" + device, Cancel)).Content.ReadAsStringAsync(Cancel));
        Assert.Contains("power on boot", page, StringComparison.Ordinal);
        Assert.DoesNotContain("hostname r1", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_an_id_nobody_registered_are_refused_remembered_up_to_a_limit_and_told()
    {
        SimulatedArmsBox unknown = world.Box("B001");
        Assert.Equal(420, await AskAsync(unknown, "rs-solicitation"));
        JsonObject device = await world.DeviceAsync("0001-0000-0101-0000-0000-0000-0000-B001");
        Assert.Equal("unclaimed", (string)device["state"]!);
        await DdosNode.UntilAsync(async () => (await world.Node.Operator.GetAsync("/events?limit=200")).ToJsonString().Contains("routers.arms.unknown-id@1", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, await world.Customer.StatusAsync(HttpMethod.Get, $"/routers/devices/{(string)device["id"]!}"));

        // At the resource server nobody is remembered.
        Assert.Equal(420, await AskAsync(world.Box("B002"), "config-solicitation"));
        Assert.Empty((JsonArray)(await world.Node.Operator.GetAsync("/routers/devices?text=0001-0000-0101-0000-0000-0000-0000-B002"))["items"]!);
        for (int i = 3; i < 10; i++)
        {
            Assert.Equal(420, await AskAsync(world.Box("B00" + i), "rs-solicitation"));
        }

        Assert.Equal(5, ((JsonArray)(await world.Node.Operator.GetAsync("/routers/devices?text=0001-0000-0101-0000-0000-0000-0000-B00"))["items"]!).Count);

        // Registered, and named by a site: it is claimed at its next word.
        await world.Node.Operator.PostAsync("/routers/devices", new { distributionId = "0001-0000-0101-0000-0000-0000-0000-b001", key = "lskey" });
        Assert.Equal(421, await AskAsync(unknown, "rs-solicitation"));
        (string site, _) = await world.AddSiteAsync("Late", device: "0001-0000-0101-0000-0000-0000-0000-B001");
        await world.ConfigureAsync(site, "late");
        Assert.Equal(100, await AskAsync(unknown, "rs-solicitation"));
        Assert.Equal(site, (string)(await world.DeviceAsync("0001-0000-0101-0000-0000-0000-0000-B001"))["siteId"]!);
    }

    [Fact]
    public async Task With_another_key_are_refused_and_the_box_comes_through_once_it_is_right()
    {
        var (box, _, device) = await world.AddBoxAsync("C001", faults: ["wrong-key", "forget"]);
        await using var power = new Power(box);
        await Eventually.HoldsAsync(() => box.State == ArmsBoxState.Connected);
        var pulls = (await world.PullsAsync(device)).Select(pull => ((string)pull!["kind"]!, (int)pull["code"]!)).ToList();
        Assert.Equal(("rs-solicitation", 401), pulls[^1]);
        Assert.Equal(("rs-solicitation", 100), pulls[^2]);
        await DdosNode.UntilAsync(async () => (await world.Customer.GetAsync("/events?limit=200")).ToJsonString().Contains("wrong key", StringComparison.Ordinal));
        Assert.Equal(423, await AskAsync(world.Box("C001"), "rs-solicitation", said: world.Box("C002").Id));
        Assert.Equal(0, await AskAsync(world.Box("C001"), "config-solicitation"));
    }

    [Fact]
    public async Task Of_a_site_without_configuration_or_with_a_hold_wait_and_come_through_by_themselves()
    {
        var (box, site, device) = await world.AddBoxAsync("D001", configuration: null);
        await using var power = new Power(box);
        await DdosNode.UntilAsync(async () => (await world.PullsAsync(device)).Any(pull => (int)pull!["code"]! == 421));
        string subscription = (string)(await world.Customer.GetAsync($"/routers/devices/{device}"))["subscriptionId"]!;
        string hold = (string)(await world.Node.Operator.PostAsync($"/subscriptions/{subscription}/holds", new { kind = "non-payment", reason = "a test" }))["id"]!;
        await world.ConfigureAsync(site, "late");
        await DdosNode.UntilAsync(async () => (await world.PullsAsync(device)).Any(pull => (int)pull!["code"]! == 404));
        await world.Node.Operator.StatusAsync(HttpMethod.Delete, $"/subscriptions/{subscription}/holds/{hold}");
        await DdosNode.UntilAsync(() => Task.FromResult(box.State == ArmsBoxState.Connected));
        Assert.Equal("late", box.Text(0));
        Assert.True((await world.PullsAsync(device)).Count <= 6, "more pulls are kept than said");
    }

    [Fact]
    public async Task Follow_the_newest_version_when_they_are_asked_for_and_versions_can_be_gone_back_to()
    {
        var (box, site, device) = await world.AddBoxAsync("E001", "version one");
        await using var power = new Power(box);
        await Eventually.HoldsAsync(() => box.State == ArmsBoxState.Connected);
        await DdosNode.UntilAsync(async () => (bool)(await world.Customer.GetAsync($"/routers/devices/{device}/arms"))["tunnel"]!);
        await world.ConfigureAsync(site, "version two");
        Assert.Equal("version one", box.Text(0));
        await world.Customer.PostAsync($"/routers/devices/{device}/pulls", new { });
        await Eventually.HoldsAsync(() => box.Configured == 2 && box.State == ArmsBoxState.Connected);
        Assert.Equal("version two", box.Text(0));
        Assert.Equal("Pull requested by RS", box.Triggers[^1]);

        // Skips the location server, whose word it still has.
        Assert.Equal(3, box.Triggers.Count);
        JsonNode back = await world.Customer.PostAsync($"/routers/sites/{site}/rollback", new { number = 1 });
        Assert.Equal(3, (int)back["number"]!);
        Assert.Equal("version one", (string)(await world.Customer.GetAsync($"/routers/sites/{site}/configuration"))["modules"]![0]!["text"]!);
        Assert.Equal("version two", (string)(await world.Customer.GetAsync($"/routers/sites/{site}/configuration?number=2"))["modules"]![0]!["text"]!);
        Assert.Equal([3, 2, 1], ((JsonArray)(await world.Customer.GetAsync($"/routers/sites/{site}/versions"))["items"]!).Select(version => (int)version!["number"]!));
        Assert.Equal(HttpStatusCode.BadRequest, await world.Customer.StatusAsync(HttpMethod.Post, $"/routers/sites/{site}/rollback", new { number = 9 }));
        Assert.Equal(HttpStatusCode.PreconditionFailed, await world.Customer.StatusAsync(HttpMethod.Put, $"/routers/sites/{site}/configuration", new { modules = new[] { new { id = 0, version = "1", text = "x" } }, basedOn = 1 }));
    }

    [Fact]
    public async Task Of_a_box_that_was_taken_off_end_at_once_and_the_next_box_gets_what_it_had()
    {
        var (box, site, device) = await world.AddBoxAsync("F001", "of the site");
        await using (var power = new Power(box))
        {
            await Eventually.HoldsAsync(() => box.State == ArmsBoxState.Connected);
            await DdosNode.UntilAsync(async () => (bool)(await world.Customer.GetAsync($"/routers/devices/{device}/arms"))["tunnel"]!);
            string subscription = (string)(await world.Customer.GetAsync($"/routers/devices/{device}"))["subscriptionId"]!;
            await world.Node.Operator.AskAsync(HttpMethod.Patch, $"/subscriptions/{subscription}", new { settings = new { site = "Box F001", device = "0001-0000-0101-0000-0000-0000-0000-F002" } });
            await world.Customer.PostAsync($"/routers/devices/{device}/release", new { });
            await Eventually.HoldsAsync(() => box.State != ArmsBoxState.Connected);
        }

        Assert.Equal(421, await AskAsync(box, "rs-solicitation"));
        await DdosNode.UntilAsync(async () =>
        {
            await world.Node.Operator.AskAsync(HttpMethod.Post, "/routers/devices", new { distributionId = "0001-0000-0101-0000-0000-0000-0000-F002", key = "lskey" });
            return (string?)(await world.DeviceAsync("0001-0000-0101-0000-0000-0000-0000-F002"))["siteId"] == site;
        });
        SimulatedArmsBox next = world.Box("F002");
        await using var other = new Power(next);
        await Eventually.HoldsAsync(() => next.State == ArmsBoxState.Connected);
        Assert.Equal("of the site", next.Text(0));
    }

    [Theory]
    [InlineData("1001", "invalid-config")]
    [InlineData("1002", "lose-tunnel")]
    [InlineData("1003", "refuse-confirmation")]
    public async Task Get_over_what_goes_wrong_on_the_way(string code, string fault)
    {
        var (box, _, device) = await world.AddBoxAsync(code, faults: [fault]);
        await using var power = new Power(box);
        await DdosNode.UntilAsync(async () => box.Faults.Count == 0 && box.State == ArmsBoxState.Connected && (bool)(await world.Customer.GetAsync($"/routers/devices/{device}/arms"))["tunnel"]!);
        if (fault == "invalid-config")
        {
            Assert.Contains("invalid config", box.Triggers);
            await DdosNode.UntilAsync(async () => (await world.Customer.GetAsync("/events?limit=200")).ToJsonString().Contains("routers.arms.trouble@1", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Of_silent_boxes_are_told_by_their_tunnel_and_counted_when_they_are_back()
    {
        var (box, _, device) = await world.AddBoxAsync("2001");
        await using (var power = new Power(box))
        {
            await DdosNode.UntilAsync(async () => box.State == ArmsBoxState.Connected && (bool)(await world.Customer.GetAsync($"/routers/devices/{device}/arms"))["tunnel"]!);
        }

        // Twenty minutes ago, by the book.
        await world.Node.Services.GetRequiredService<Stores>().Control.WriteAsync(
            transaction => transaction.ExecuteAsync("UPDATE router_device SET informed_at = informed_at - 1200000000 WHERE id = @Id", new { Id = device }), Cancel);
        Assert.True((bool)(await world.Customer.GetAsync($"/routers/devices/{device}"))["silent"]!);
        await using var again = new Power(box);
        await DdosNode.UntilAsync(async () => !(bool)(await world.Customer.GetAsync($"/routers/devices/{device}"))["silent"]!);
        await DdosNode.UntilAsync(async () => (await world.Customer.GetAsync("/events?limit=200")).ToJsonString().Contains("routers.device.back@1", StringComparison.Ordinal));
        IReadOnlyList<string> lost = await world.Node.Services.GetRequiredService<DeviceBook>().AliveAsync(world.Node.Services.GetRequiredService<ArmsTunnels>().Devices, Cancel);
        Assert.Empty(lost);
    }

    [Fact]
    public async Task Answer_messages_that_are_none_with_the_codes_of_the_protocol()
    {
        var (box, _, _) = await world.AddBoxAsync("3001");
        Assert.Equal(201, await PostAsync(box, "hello"u8.ToArray()));
        Assert.Equal(203, await PostAsync(box, Encoding.ASCII.GetBytes("<arms-message><arms-request type=\"rs-solicitation\"><distribution-id>1</distribution-id></arms-request></arms-message>")));
        Assert.Equal(202, await PostAsync(box, Encoding.ASCII.GetBytes("<arms-message><arms-response type=\"ping\"><result-code>100</result-code></arms-response></arms-message>")));
        await using var power = new Power(box);
        await Eventually.HoldsAsync(() => box.State == ArmsBoxState.Connected);
        string key = (await KeyAsync(box))!;
        Assert.Equal(202, await AskAsync(box, "dance", key));
        Assert.Equal(412, await AskAsync(box, "configure-done", key));
        Assert.Equal(505, await AskAsync(box, "push-confirmation-start", key));
    }

    [Fact]
    public async Task Keep_tunnels_whose_echoes_are_answered_octet_by_octet()
    {
        var (box, _, _) = await world.AddBoxAsync("4001");
        string key = (await KeyAsync(box))!;
        var url = new Uri(world.LocationServer, "/tunnel");
        await Assert.ThrowsAsync<IOException>(() => ArmsWire.OpenTunnelAsync(url, box.Id.ToString(), key + "x", null, isLegacy: false, Cancel));
        await using var tunnel = await ArmsWire.OpenTunnelAsync(url, box.Id.ToString(), key, null, isLegacy: false, Cancel);
        await tunnel.WriteAsync(Encoding.ASCII.GetBytes("4;echo-request;trail\r\necho\r\n"), Cancel);
        byte[] answer = new byte["4;echo-response;trail\r\necho\r\n".Length];
        await tunnel.ReadExactlyAsync(answer, Cancel);
        Assert.Equal("4;echo-response;trail\r\necho\r\n", Encoding.ASCII.GetString(answer));

        // A message in pieces is one message; what was not asked for is refused with the transaction it names.
        byte[] message = ArmsWriter.Write(new ArmsMessage { Type = "ping-done", TransactionResult = 100, DistributionId = box.Id, TransactionId = 4711, Body = [] }, declared: false);
        await tunnel.WriteAsync(TunnelFraming.Write(new TunnelChunk(TunnelChunkKind.Message, 5, IsTrail: false, message.AsMemory(0, 50))), Cancel);
        await tunnel.WriteAsync(TunnelFraming.Write(new TunnelChunk(TunnelChunkKind.Message, 5, IsTrail: true, message.AsMemory(50))), Cancel);
        byte[] buffer = new byte[1_024];
        string refusal = Encoding.ASCII.GetString(buffer, 0, await tunnel.ReadAsync(buffer, Cancel));
        Assert.Contains("<transaction-id>4711</transaction-id><result-code>412</result-code>", refusal, StringComparison.Ordinal);

        // What is no chunk ends it.
        await tunnel.WriteAsync(Encoding.ASCII.GetBytes("zz\r\n"), Cancel);
        Assert.Equal(0, await tunnel.ReadAsync(buffer, Cancel));
    }

    private async Task<string?> KeyAsync(SimulatedArmsBox box)
    {
        byte[] answer = await ArmsWire.PostAsync(world.LocationServer, box.Id.ToString(), "lskey", ArmsWriter.Write(new ArmsMessage { Type = "rs-solicitation", DistributionId = box.Id, Body = [] }, declared: false), null, isLocation: true, isLegacy: false, Cancel);
        Assert.True(ArmsReader.TryRead(answer, null, out ArmsMessage? message, out _));
        return message!["rs-preshared-key"];
    }

    /// <summary>The result of one request by hand; 0 when HTTP refuses it.</summary>
    private Task<int> AskAsync(SimulatedArmsBox box, string type, string key = "lskey", DistributionId? said = null) =>
        PostAsync(box, ArmsWriter.Write(new ArmsMessage { Type = type, DistributionId = said ?? box.Id, Description = "armsd", Body = [new ArmsField("trigger", "power on boot")] }, declared: false), key);

    private async Task<int> PostAsync(SimulatedArmsBox box, byte[] octets, string key = "lskey")
    {
        try
        {
            byte[] answer = await ArmsWire.PostAsync(world.LocationServer, box.Id.ToString(), key, octets, null, isLocation: true, isLegacy: false, Cancel);
            Assert.True(ArmsReader.TryRead(answer, null, out ArmsMessage? message, out _));
            return message!.ResultCode!.Value;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private sealed class Power : IAsyncDisposable
    {
        private readonly CancellationTokenSource _off = new();
        private readonly Task _life;

        public Power(SimulatedArmsBox box) => _life = box.RunAsync(_off.Token);

        public async ValueTask DisposeAsync()
        {
            await _off.CancelAsync();
            await _life;
            _off.Dispose();
        }
    }
}

public sealed class Arms_pulls_on_sqlite(RoutersNode world) : Arms_pulls(world), IClassFixture<RoutersNode>;

public sealed class Arms_pulls_on_postgres(RoutersNodeOnPostgres world) : Arms_pulls(world), IClassFixture<RoutersNodeOnPostgres>;
