using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Store;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Arms;
using Tsunagi.Routers.Push;
using Tsunagi.Routers.Simulate;
using Tsunagi.Tests.Ddos;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Routers;

/// <summary>Versions that are brought to boxes: each ends confirmed, rolled back or silent; rings stop what goes wrong; and one box is swapped for another.</summary>
public abstract class Arms_pushes(RoutersNode world)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Are_confirmed_by_the_box_that_came_back_and_held_from_those_who_merely_pull()
    {
        var (box, site, device) = await AddAsync("A101");
        await using var power = new ArmsPower(box);
        await ConnectedAsync(box, device);
        await world.ConfigureAsync(site, "version two");
        JsonNode plan = await PlanAsync(site);
        Assert.Equal(("planned", 1L), ((string)plan["state"]!, (long)plan["boxes"]!));

        // Planned: a box that pulls meanwhile gets what it had.
        await world.Customer.PostAsync($"/routers/devices/{device}/pulls", new { });
        await DdosNode.UntilAsync(() => Task.FromResult(box.Configured == 2 && box.State == ArmsBoxState.Connected));
        Assert.Equal("version one", box.Text(0));
        await DdosNode.UntilAsync(async () => (bool)(await world.Customer.GetAsync($"/routers/devices/{device}/arms"))["tunnel"]!);

        await world.Customer.PostAsync($"/routers/pushes/{(string)plan["id"]!}/start", new { });
        JsonObject outcome = await OutcomeAsync(site);
        Assert.Equal(("confirmed", 2L, 1L), ((string)outcome["state"]!, (long)outcome["number"]!, (long)outcome["formerly"]!));
        Assert.Equal(("version two", 1, 0), (box.Text(0), box.Kept, box.Undone));
        JsonNode state = await world.Customer.GetAsync($"/routers/devices/{device}/arms");
        Assert.Equal((2, 2, 2), ((int)state["given"]!, (int)state["taken"]!, (int)state["newest"]!));
        await DdosNode.UntilAsync(async () => (string)(await world.Customer.GetAsync($"/routers/pushes/{(string)plan["id"]!}"))["state"]! == "done");
        await DdosNode.UntilAsync(async () => (await world.Customer.GetAsync("/events?limit=200")).ToJsonString().Contains("routers.push.confirmed@1", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Conflict, await world.Customer.StatusAsync(HttpMethod.Post, $"/routers/pushes/{(string)plan["id"]!}/start", new { }));
        Assert.Contains("version", await PageAsync("/console/routers/pushes/" + (string)plan["id"]!), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("B101", "refuse-configure", "410 Validation failure")]
    [InlineData("B102", "fail-configure", "414 Service adaptor rolled back")]
    [InlineData("B103", "cut-configure", "414 Service adaptor rolled back")]
    [InlineData("B104", "crash-configure", "power on boot")]
    [InlineData("B105", "rollback-failure", "rollback failure")]
    public async Task That_fail_end_with_the_box_on_what_it_ran_and_say_why(string code, string fault, string why)
    {
        var (box, site, device) = await AddAsync(code, fault);
        await using var power = new ArmsPower(box);
        await ConnectedAsync(box, device);
        await world.ConfigureAsync(site, "version two");
        await StartAsync(await PlanAsync(site));
        JsonObject outcome = await OutcomeAsync(site);
        Assert.Equal("rolled-back", (string)outcome["state"]!);
        Assert.Contains(why, (string)outcome["cause"]!, StringComparison.Ordinal);
        await DdosNode.UntilAsync(() => Task.FromResult(box.State == ArmsBoxState.Connected && box.Text(0) == "version one"));
        Assert.Equal(0, box.Kept);
        Assert.Contains(why, await PageAsync("/console/routers/sites/" + site), StringComparison.Ordinal);

        // The version that failed is given to nobody any more; one that was made after it is.
        await ConnectedAsync(box, device);
        await PullAsync(box, device);
        Assert.Equal("version one", box.Text(0));
        await world.ConfigureAsync(site, "version three");
        await ConnectedAsync(box, device);
        await PullAsync(box, device);
        Assert.Equal("version three", box.Text(0));
    }

    [Fact]
    public async Task To_a_box_that_is_busy_or_away_wait_for_it()
    {
        var (box, site, device) = await AddAsync("C101", "busy-configure");
        await using (var power = new ArmsPower(box))
        {
            await ConnectedAsync(box, device);
        }

        await DdosNode.UntilAsync(async () => !(bool)(await world.Customer.GetAsync($"/routers/devices/{device}/arms"))["tunnel"]!);
        await world.ConfigureAsync(site, "version two");
        await StartAsync(await PlanAsync(site));
        Assert.Equal("waiting", (string)(await RowAsync(site))["state"]!);
        await using var again = new ArmsPower(box);
        JsonObject outcome = await OutcomeAsync(site);
        Assert.Equal(("confirmed", 2L), ((string)outcome["state"]!, (long)outcome["attempts"]!));
        Assert.Equal("version two", box.Text(0));
    }

    [Fact]
    public async Task That_are_not_confirmed_in_time_are_silent_and_alarmed_until_the_box_is_heard_of()
    {
        var (box, site, device) = await AddAsync("D101", "silent-configure");
        await using var power = new ArmsPower(box);
        await ConnectedAsync(box, device);
        await world.ConfigureAsync(site, "version two");
        await StartAsync(await PlanAsync(site));
        await DdosNode.UntilAsync(async () => (string)(await RowAsync(site))["state"]! == "accepted");
        Assert.Equal(HttpStatusCode.Conflict, await world.Customer.StatusAsync(HttpMethod.Post, $"/routers/devices/{device}/pulls", new { }));

        // Two minutes ago, by the book.
        Stores stores = world.Node.Services.GetRequiredService<Stores>();
        await stores.Control.WriteAsync(transaction => transaction.ExecuteAsync("UPDATE router_push_box SET asked_at = asked_at - 120000000, due_at = due_at - 120000000 WHERE site_id = @Site", new { Site = site }), Cancel);
        JsonObject outcome = await OutcomeAsync(site);
        Assert.Equal("silent", (string)outcome["state"]!);
        await DdosNode.UntilAsync(async () => (await world.Customer.GetAsync("/events?limit=200")).ToJsonString().Contains("routers.push.silent@1", StringComparison.Ordinal));

        // A program that starts waits anew, as long as its boxes look for it.
        await stores.Control.WriteAsync(transaction => transaction.ExecuteAsync("UPDATE router_push_box SET state = 'accepted', asked_at = asked_at + 70000000, due_at = due_at + 70000000 WHERE site_id = @Site", new { Site = site }), Cancel);
        PushOutcomes outcomes = world.Node.Services.GetRequiredService<PushOutcomes>();
        await outcomes.WaitAnewAsync(Cancel);
        Assert.Equal(0, await outcomes.ExpireAsync(Cancel));
        long due = await stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>("SELECT due_at FROM router_push_box WHERE site_id = @Site", new { Site = site }), Cancel);
        Assert.InRange(due - (TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1000), 50_000_000, 63_100_000);

        // Once: one that dies again and again keeps nobody waiting for ever.
        await outcomes.WaitAnewAsync(Cancel);
        Assert.Equal(due, await stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>("SELECT due_at FROM router_push_box WHERE site_id = @Site", new { Site = site }), Cancel));
        await stores.Control.WriteAsync(transaction => transaction.ExecuteAsync("UPDATE router_push_box SET state = 'silent' WHERE site_id = @Site", new { Site = site }), Cancel);

        // A late word is the truth; whoever says it twice is answered the same, and of another change nobody knows.
        long transaction = await stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>("SELECT transaction_id FROM router_push_box WHERE site_id = @Site", new { Site = site }), Cancel);
        string key = await KeyAsync(box);
        Assert.Equal(412, await DoneAsync(box, key, transaction + 1));
        Assert.Equal(100, await DoneAsync(box, key, transaction));
        Assert.Equal(100, await DoneAsync(box, key, transaction));
        Assert.Equal("confirmed", (string)(await RowAsync(site))["state"]!);
    }

    [Fact]
    public async Task Go_on_where_they_were_when_the_program_was_killed()
    {
        var (box, site, device) = await AddAsync("E101");
        await using var power = new ArmsPower(box);
        await ConnectedAsync(box, device);
        await world.ConfigureAsync(site, "version two");
        JsonNode plan = await PlanAsync(site);

        // As a program leaves it that died after it wrote that it would ask, and before it did.
        Stores stores = world.Node.Services.GetRequiredService<Stores>();
        await stores.Control.WriteAsync(
            transaction => transaction.ExecuteAsync("UPDATE router_push_box SET state = 'asked', attempts = 1, asked_at = @Now, due_at = @Now + 60000000 WHERE site_id = @Site", new { Site = site, Now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1000 }), Cancel);
        await StartAsync(plan);
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
        Assert.Equal("asked", (string)(await RowAsync(site))["state"]!);
        world.Node.Services.GetRequiredService<ArmsTunnels>().Close(device);
        JsonObject outcome = await OutcomeAsync(site);
        Assert.Equal(("confirmed", 2L, 1), ((string)outcome["state"]!, (long)outcome["attempts"]!, box.Kept));

        // As one leaves it that died after the box took the change and before that was written: the box's number is new to it.
        await world.ConfigureAsync(site, "version three");
        plan = await PlanAsync(site);
        await stores.Control.WriteAsync(
            transaction => transaction.ExecuteAsync("UPDATE router_push_box SET state = 'asked', attempts = 1, asked_at = @Now, due_at = @Now + 60000000 WHERE push_id = @Push", new { Push = (string)plan["id"]!, Now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1000 }), Cancel);
        await StartAsync(plan);
        Assert.Equal(100, await DoneAsync(box, await KeyAsync(box), 4711));
        Assert.Equal("confirmed", (string)(await RowAsync(site))["state"]!);
    }

    [Fact]
    public async Task Of_a_wrong_version_to_a_fleet_stop_within_two_rings()
    {
        const int boxes = 20;
        var fleet = new Dictionary<string, (SimulatedArmsBox Box, string Device)>();
        for (int i = 0; i < boxes; i++)
        {
            var (box, site, device) = await AddAsync($"F{i:000}");
            fleet[site] = (box, device);
        }

        await using var powers = new ArmsPower([.. fleet.Values.Select(static one => one.Box)]);
        foreach (var (box, device) in fleet.Values)
        {
            await ConnectedAsync(box, device);
        }

        foreach (string site in fleet.Keys)
        {
            await world.ConfigureAsync(site, "version two, poison for some");
        }

        JsonNode plan = await world.Customer.PostAsync("/routers/pushes", new { sites = fleet.Keys, rings = "1,50%,100%", budget = 2, why = "a wrong one" });
        Assert.Equal([1, 9, 10], ((JsonArray)plan["rings"]!).Select(static ring => (int)ring!["boxes"]!));
        List<string> order = [.. (await BoxesAsync(plan)).OrderBy(static row => (long)row!["ring"]!).Select(static row => (string)row!["siteId"]!)];
        List<string> poisoned = [order[9], order[19]];
        foreach (string site in poisoned)
        {
            fleet[site].Box.Poison = "poison";
        }

        await StartAsync(plan);
        await DdosNode.UntilAsync(async () => (string)(await world.Customer.GetAsync($"/routers/pushes/{(string)plan["id"]!}"))["state"]! == "stopped");
        await DdosNode.UntilAsync(async () => (await BoxesAsync(plan)).All(static row => (string)row!["state"]! is not ("asked" or "accepted" or "waiting")));
        JsonNode push = await world.Customer.GetAsync($"/routers/pushes/{(string)plan["id"]!}");
        Assert.Equal(2, (int)push["ring"]!);
        Assert.Contains("ring 2: 1 of 9 boxes did not confirm", (string)push["cause"]!, StringComparison.Ordinal);
        Dictionary<string, string> states = (await BoxesAsync(plan)).ToDictionary(static row => (string)row!["siteId"]!, static row => (string)row!["state"]!);
        Assert.Equal("rolled-back", states[order[9]]);
        Assert.All(order[10..], site => Assert.Equal("skipped", states[site]));
        Assert.All(order[10..], site => Assert.Equal("version one", fleet[site].Box.Text(0)));
        await DdosNode.UntilAsync(() => Task.FromResult(fleet[order[9]].Box.Text(0) == "version one"));
        await DdosNode.UntilAsync(async () => (await world.Customer.GetAsync("/events?limit=200")).ToJsonString().Contains("routers.push.halted@1", StringComparison.Ordinal));
        Assert.Contains("Stopped", await PageAsync("/console/routers/pushes/" + (string)plan["id"]!), StringComparison.Ordinal);

        // What was not reached stays out of reach of a pull.
        var (last, id) = fleet[order[19]];
        await ConnectedAsync(last, id);
        await PullAsync(last, id);
        Assert.Equal("version one", last.Text(0));
    }

    [Fact]
    public async Task Plans_say_what_is_not_in_them_and_can_be_given_up()
    {
        var (box, site, device) = await AddAsync("1101");
        await using var power = new ArmsPower(box);
        await ConnectedAsync(box, device);
        Assert.Equal(HttpStatusCode.BadRequest, await world.Customer.StatusAsync(HttpMethod.Post, "/routers/pushes", new { sites = new[] { site } }));
        await world.ConfigureAsync(site, "version two");
        Assert.Equal(HttpStatusCode.BadRequest, await world.Customer.StatusAsync(HttpMethod.Post, "/routers/pushes", new { sites = new[] { site }, rings = "0" }));
        Assert.Equal(HttpStatusCode.NotFound, await world.Customer.StatusAsync(HttpMethod.Post, "/routers/pushes", new { sites = new[] { "l_none" } }));
        JsonNode plan = await PlanAsync(site);
        await world.Customer.PostAsync($"/routers/pushes/{(string)plan["id"]!}/stop", new { why = "not today" });
        Assert.Equal("dropped", (string)(await RowAsync(site))["state"]!);
        await PullAsync(box, device);
        Assert.Equal("version two", box.Text(0));
    }

    [Fact]
    public async Task One_call_swaps_a_box_and_the_old_one_is_refused_at_its_next_word()
    {
        var (old, site, device) = await AddAsync("2101");
        await using var power = new ArmsPower(old);
        await ConnectedAsync(old, device);
        string key = await KeyAsync(old);
        JsonNode swapped = await world.Node.Operator.PostAsync($"/routers/sites/{site}/swap", new { distributionId = "0001-0000-0101-0000-0000-0000-0000-2102", key = "lskey" });
        Assert.Equal(site, (string)swapped["siteId"]!);
        await DdosNode.UntilAsync(() => Task.FromResult(old.State != ArmsBoxState.Connected));
        Assert.Equal(421, await AskAsync(old, "rs-solicitation", "lskey"));
        Assert.Equal(420, await AskAsync(old, "config-solicitation", key));
        SimulatedArmsBox fresh = world.Box("2102");
        await using var other = new ArmsPower(fresh);
        await DdosNode.UntilAsync(() => Task.FromResult(fresh.State == ArmsBoxState.Connected));
        Assert.Equal("version one", fresh.Text(0));
        string subscription = (string)swapped["subscriptionId"]!;
        Assert.Equal("0001-0000-0101-0000-0000-0000-0000-2102", (string)(await world.Node.Operator.GetAsync("/subscriptions/" + subscription))["settings"]!["device"]!);
        Assert.Equal(HttpStatusCode.Conflict, await world.Node.Operator.StatusAsync(HttpMethod.Post, $"/routers/sites/{site}/swap", new { distributionId = "0001-0000-0101-0000-0000-0000-0000-2102", key = "lskey" }));
        Assert.Equal(HttpStatusCode.NotFound, await world.Customer.StatusAsync(HttpMethod.Post, $"/routers/sites/{site}/swap", new { distributionId = "0001-0000-0101-0000-0000-0000-0000-2103", key = "lskey" }));
    }

    private async Task<(SimulatedArmsBox Box, string Site, string Device)> AddAsync(string code, params string[] faults) => await world.AddBoxAsync(code, "version one", faults);

    private Task ConnectedAsync(SimulatedArmsBox box, string device) =>
        DdosNode.UntilAsync(async () => box.State == ArmsBoxState.Connected && (bool)(await world.Customer.GetAsync($"/routers/devices/{device}/arms"))["tunnel"]!);

    private async Task PullAsync(SimulatedArmsBox box, string device)
    {
        int before = box.Configured;
        await world.Customer.PostAsync($"/routers/devices/{device}/pulls", new { });
        await DdosNode.UntilAsync(() => Task.FromResult(box.Configured > before && box.State == ArmsBoxState.Connected));
    }

    private Task<JsonNode> PlanAsync(string site) => world.Customer.PostAsync("/routers/pushes", new { sites = new[] { site }, why = "a test" });

    private Task<JsonNode> StartAsync(JsonNode plan) => world.Customer.PostAsync($"/routers/pushes/{(string)plan["id"]!}/start", new { });

    private async Task<JsonObject> RowAsync(string site) => (JsonObject)((JsonArray)(await world.Customer.GetAsync($"/routers/sites/{site}/pushes"))["items"]!)[0]!;

    private async Task<JsonArray> BoxesAsync(JsonNode plan) => (JsonArray)(await world.Customer.GetAsync($"/routers/pushes/{(string)plan["id"]!}/boxes"))["items"]!;

    private async Task<JsonObject> OutcomeAsync(string site)
    {
        await DdosNode.UntilAsync(async () => (string)(await RowAsync(site))["state"]! is not ("waiting" or "asked" or "accepted"));
        return await RowAsync(site);
    }

    private async Task<string> PageAsync(string path) => WebUtility.HtmlDecode(await (await world.Customer.Http.GetAsync(path, Cancel)).Content.ReadAsStringAsync(Cancel));

    private async Task<string> KeyAsync(SimulatedArmsBox box)
    {
        ArmsMessage answer = await PostAsync(box, "lskey", new ArmsMessage { Type = "rs-solicitation", DistributionId = box.Id, Body = [] });
        return answer["rs-preshared-key"]!;
    }

    private async Task<int> DoneAsync(SimulatedArmsBox box, string key, long transaction) =>
        (await PostAsync(box, key, new ArmsMessage { Type = "configure-done", TransactionResult = 100, DistributionId = box.Id, TransactionId = transaction, Body = [] })).ResultCode!.Value;

    private async Task<int> AskAsync(SimulatedArmsBox box, string type, string key) => (await PostAsync(box, key, new ArmsMessage { Type = type, DistributionId = box.Id, Body = [new ArmsField("trigger", "power on boot")] })).ResultCode!.Value;

    private async Task<ArmsMessage> PostAsync(SimulatedArmsBox box, string key, ArmsMessage message)
    {
        byte[] answer = await ArmsWire.PostAsync(world.LocationServer, box.Id.ToString(), key, ArmsWriter.Write(message, declared: false), null, isLocation: true, isLegacy: false, Cancel);
        Assert.True(ArmsReader.TryRead(answer, null, out ArmsMessage? read, out _));
        return read!;
    }
}

/// <summary>Boxes that are switched on until it is disposed.</summary>
internal sealed class ArmsPower : IAsyncDisposable
{
    private readonly CancellationTokenSource _off = new();
    private readonly Task _life;

    public ArmsPower(params SimulatedArmsBox[] boxes) => _life = Task.WhenAll(boxes.Select(box => box.RunAsync(_off.Token)));

    public async ValueTask DisposeAsync()
    {
        await _off.CancelAsync();
        await _life;
        _off.Dispose();
    }
}

public sealed class Arms_pushes_on_sqlite(RoutersNode world) : Arms_pushes(world), IClassFixture<RoutersNode>;

public sealed class Arms_pushes_on_postgres(RoutersNodeOnPostgres world) : Arms_pushes(world), IClassFixture<RoutersNodeOnPostgres>;
