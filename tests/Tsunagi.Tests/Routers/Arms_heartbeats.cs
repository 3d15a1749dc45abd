using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Heartbeats;
using Tsunagi.Routers.Simulate;
using Tsunagi.Tests.Ddos;
using Tsunagi.Tests.Host;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Routers;

/// <summary>Boxes that tell that they live: from the pull that gives them their passphrase to the page; who is not heard is told, and not ten thousand times.</summary>
public abstract class Arms_heartbeats(RoutersNode world)
{
    private const long Second = UnixMicros.PerSecond;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Stores Stores => world.Node.Services.GetRequiredService<Stores>();

    [Fact]
    public async Task Are_sent_as_the_box_was_told_and_seen_by_its_own_tenant_until_it_leaves_the_site()
    {
        var (box, site, device) = await world.AddBoxAsync("AB01");
        await using (var power = new ArmsPower(box))
        {
            await DdosNode.UntilAsync(async () => ((JsonArray)(await BeatAsync(device))["minutes"]!).Any(static minute => minute!["inBps"]![0] is not null));
            JsonNode heartbeat = await BeatAsync(device);
            Assert.Equal((true, false, "127.0.0.1"), ((bool)heartbeat["expected"]!, (bool)heartbeat["silent"]!, (string)heartbeat["address"]!));
            Assert.InRange((int)heartbeat["cpuPercent"]!, 0, 100);
            Assert.Equal(256 << 20, (long)heartbeat["memoryUsed"]! + (long)heartbeat["memoryAvailable"]!);
            Assert.Equal([0, 1], ((JsonArray)heartbeat["interfaces"]!).Select(static one => (int)one!["index"]!));
            foreach (string address in (string[])["/console/routers/devices/" + device, "/console/routers/sites/" + site])
            {
                string page = WebUtility.HtmlDecode(await (await world.Customer.Http.GetAsync(address, Cancel)).Content.ReadAsStringAsync(Cancel));
                Assert.Contains("Traffic by the minute", page, StringComparison.Ordinal);
                Assert.Contains("from 127.0.0.1", page, StringComparison.Ordinal);
            }

            // The store knows it too: a node that starts, or another one, says when it was heard.
            await DdosNode.UntilAsync(async () => await ReadAsync("SELECT heard_at FROM router_heartbeat WHERE device_id = @Device", device) > 0);

            // Somebody else's customer sees nothing of it.
            var (_, other) = await world.Node.AddTenantAsync(null, "customer", "beats-" + Guid.NewGuid().ToString("N")[..8]);
            Assert.Equal(HttpStatusCode.NotFound, await other.StatusAsync(HttpMethod.Get, $"/routers/devices/{device}/heartbeat"));
            other.Dispose();

            // Taken off, not one more of its heartbeats is taken, and nothing of it is left.
            string subscription = (string)(await world.Customer.GetAsync($"/routers/devices/{device}"))["subscriptionId"]!;
            await world.Node.Operator.AskAsync(HttpMethod.Patch, $"/subscriptions/{subscription}", new { settings = new { site = "Box AB01", device = "0001-0000-0101-0000-0000-0000-0000-AB02" } });
            await world.Customer.PostAsync($"/routers/devices/{device}/release", new { });
            Assert.Equal(0, await ReadAsync("SELECT count(*) FROM router_heartbeat WHERE device_id = @Device", device));
            Assert.Equal(0, await ReadAsync("SELECT count(*) FROM router_heartbeat_hour WHERE device_id = @Device", device));
            Assert.Null(world.Node.Services.GetRequiredService<HeartbeatBook>().Read(box.Id));
            Assert.Equal(HeartbeatOutcome.Nobody, await LookedUpAsync(new Heartbeat { DistributionId = box.Id }.Write("0123456789abcdef0123456789abcdef"u8)));
        }
    }

    [Fact]
    public async Task Of_a_box_that_this_node_forgot_are_known_again_by_what_the_store_has()
    {
        var (box, _, device) = await world.AddBoxAsync("AB11");
        HeartbeatBook book = world.Node.Services.GetRequiredService<HeartbeatBook>();
        await using var power = new ArmsPower(box);
        await DdosNode.UntilAsync(async () => (await BeatAsync(device))["heardAt"] is not null);

        // As after a start, or on a node beside.
        book.Forget(box.Id.ToString());
        Assert.Null(book.Read(box.Id));
        await Eventually.HoldsAsync(() => book.Read(box.Id) is not null);
        Assert.True(book.Read(box.Id)!.FirstAt > 0);
    }

    [Fact]
    public async Task With_another_passphrase_are_told_once_and_change_nothing()
    {
        var (box, _, device) = await world.AddBoxAsync("AB21");
        await using (var power = new ArmsPower(box))
        {
            await DdosNode.UntilAsync(async () => (await BeatAsync(device))["heardAt"] is not null);
        }

        // Its pull was a while ago.
        HeartbeatBook book = world.Node.Services.GetRequiredService<HeartbeatBook>();
        long heard = book.Read(box.Id)!.HeardAt;
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        byte[] forged = new Heartbeat { DistributionId = box.Id, Records = [new HeartbeatCpu(0, 99).ToRecord()] }.Write("forged"u8);
        await DdosNode.UntilAsync(async () =>
        {
            await socket.SendToAsync(forged, world.Node.Services.GetRequiredService<HeartbeatListener>().EndPoints[0], Cancel);
            return (await EventsAsync("routers.box.heartbeat-refused@1", device)) > 0;
        });
        Assert.Equal(1, await EventsAsync("routers.box.heartbeat-refused@1", device));
        Assert.Equal(heard, book.Read(box.Id)!.HeardAt);
    }

    [Fact]
    public async Task Of_one_box_that_stay_away_are_told_and_told_as_heard_after_two_in_succession()
    {
        // Four that live and one that does not: no more than one event.
        var (silent, site, device) = await world.AddBoxAsync("AB31");
        await HeardAsync(device, secondsAgo: 600, streak: 9);
        for (int i = 2; i < 8; i++)
        {
            var (_, _, other) = await world.AddBoxAsync("AB3" + i);
            await HeardAsync(other, secondsAgo: -3_600, streak: 9);
        }

        await DdosNode.UntilAsync(async () => await EventsAsync("routers.box.silent@1", device) == 1);
        Assert.True((bool)(await BeatAsync(device))["silent"]!);
        Assert.Equal(0, await ReadAsync("SELECT count(*) FROM router_heartbeat WHERE silent_told = 2", device));
        string page = WebUtility.HtmlDecode(await (await world.Customer.Http.GetAsync("/console/routers/sites/" + site, Cancel)).Content.ReadAsStringAsync(Cancel));
        Assert.Contains("silent", page, StringComparison.Ordinal);

        // One heartbeat is not enough.
        await HeardAsync(device, secondsAgo: -3_600, streak: 1);
        await world.Node.Services.GetRequiredService<HeartbeatWatch>().LookAsync(Cancel);
        Assert.Equal(0, await EventsAsync("routers.box.heard@1", device));
        Assert.True((bool)(await BeatAsync(device))["silent"]!);
        await HeardAsync(device, secondsAgo: -3_600, streak: 2);
        await DdosNode.UntilAsync(async () => await EventsAsync("routers.box.heard@1", device) == 1);
        Assert.False((bool)(await BeatAsync(device))["silent"]!);
        Assert.Equal(1, await EventsAsync("routers.box.silent@1", device));
    }

    private async Task<JsonNode> BeatAsync(string device) => await world.Customer.GetAsync($"/routers/devices/{device}/heartbeat");

    private ValueTask<long> ReadAsync(string sql, string device) => Stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>(sql, new { Device = device }), Cancel);

    private async Task<int> EventsAsync(string type, string device) =>
        ((JsonArray)(await world.Node.Operator.GetAsync("/events?limit=200&type=" + type))["items"]!).Count(one => one!.ToJsonString().Contains(device, StringComparison.Ordinal) && ((string)one["type"]!) == type);

    /// <summary>As if any node had heard the box then.</summary>
    private async Task HeardAsync(string device, int secondsAgo, int streak) => await Stores.Control.WriteAsync(
        transaction => transaction.ExecuteAsync(
            """
            INSERT INTO router_heartbeat (device_id, tenant_path, first_at, keyed_at, heard_at, address, streak, cpu, memory_used, memory_available, interfaces, silent_at, silent_told)
            SELECT d.id, d.tenant_path, 1, 1, @Heard, '', @Streak, 5, 1, 1, '', 0, 0 FROM router_device d WHERE d.id = @Device
            ON CONFLICT (device_id) DO UPDATE SET heard_at = excluded.heard_at, streak = excluded.streak
            """,
            new { Device = device, Heard = TimeProvider.System.NowMicros() - (secondsAgo * Second), Streak = (long)streak }),
        Cancel);

    /// <summary>What becomes of a heartbeat whose sender the store is asked for.</summary>
    private async Task<HeartbeatOutcome> LookedUpAsync(byte[] datagram)
    {
        HeartbeatBook book = world.Node.Services.GetRequiredService<HeartbeatBook>();
        world.Node.Services.GetRequiredService<HeartbeatListener>().Take(datagram, 1);
        await Eventually.HoldsAsync(() => book.Take(datagram, 1, TimeProvider.System.NowMicros()) == HeartbeatOutcome.Nobody);
        return book.Take(datagram, 1, TimeProvider.System.NowMicros());
    }
}

/// <summary>The provider's own silence, on a node whose boxes are nobody else's.</summary>
public sealed class Arms_heartbeats_together(HeartbeatsNode world) : IClassFixture<HeartbeatsNode>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_most_boxes_that_stay_away_at_once_are_one_event_and_one_when_they_are_back()
    {
        HeartbeatWatch watch = world.Node.Services.GetRequiredService<HeartbeatWatch>();
        await InsertAsync(40);
        await DdosNode.UntilAsync(async () => await CountAsync("silent_told = 2") == 40);
        await DdosNode.UntilAsync(async () => await EventsAsync("routers.heartbeats.silent") == 1);
        Assert.Equal(0, await EventsAsync("routers.box.silent"));

        // A few come back: it goes on. Then most do, and those that do not are told one by one, after the time of a silence.
        await HeardAsync("device_id <= 'rt_beat_10'", 5);
        await DdosNode.UntilAsync(async () => await CountAsync("silent_told = 2") == 30);
        Assert.Equal(0, await EventsAsync("routers.heartbeats.heard"));
        await HeardAsync("device_id <= 'rt_beat_38'", 5);
        await DdosNode.UntilAsync(async () => await EventsAsync("routers.heartbeats.heard") == 1);
        await watch.LookAsync(Cancel);
        Assert.Equal(0, await EventsAsync("routers.box.silent"));
        await DdosNode.UntilAsync(async () => await EventsAsync("routers.box.silent") == 2);
        Assert.Equal((1, 1, 0), (await EventsAsync("routers.heartbeats.silent"), await EventsAsync("routers.heartbeats.heard"), await EventsAsync("routers.box.heard")));
    }

    private async Task<int> EventsAsync(string type) =>
        ((JsonArray)(await world.Node.Operator.GetAsync("/events?limit=200&type=" + type + "@1"))["items"]!).Count;

    private ValueTask<long> CountAsync(string which) => Stores.Control.ReadAsync(reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM router_heartbeat WHERE " + which), Cancel);

    private Stores Stores => world.Node.Services.GetRequiredService<Stores>();

    private async Task HeardAsync(string which, int streak) => await Stores.Control.WriteAsync(
        transaction => transaction.ExecuteAsync($"UPDATE router_heartbeat SET heard_at = @Now, streak = @Streak WHERE {which}", new { Now = TimeProvider.System.NowMicros() + (3_600 * UnixMicros.PerSecond), Streak = (long)streak }), Cancel);

    private async Task InsertAsync(int boxes) => await Stores.Control.WriteAsync(
        async transaction =>
        {
            for (int i = 1; i <= boxes; i++)
            {
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO router_device (id, tenant_path, tenant_id, subscription_id, site_id, site_name, identity, manufacturer, oui, product_class, serial, model, hardware, software, root, address, connection_url,
                      state, tags, first_at, informed_at, events, adopted_at, read_at, parameters, silent_after, silent_told, waked_at, waked)
                    SELECT @Id, t.tenant_path, t.id, @Id, @Id, '', @Id, '', '', '', '', '', '', '', 'Arms', '', '', 'configured', '', 1, 0, '', 0, 0, 0, 9000000000000000, 0, 0, '' FROM tenant t WHERE t.id = @Tenant
                    """,
                    new { Id = $"rt_beat_{i:00}", world.Tenant });
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO router_heartbeat (device_id, tenant_path, first_at, keyed_at, heard_at, address, streak, cpu, memory_used, memory_available, interfaces, silent_at, silent_told)
                    SELECT d.id, d.tenant_path, 1, 1, @Heard, '', 9, 5, 1, 1, '', 0, 0 FROM router_device d WHERE d.id = @Id
                    """,
                    new { Id = $"rt_beat_{i:00}", Heard = TimeProvider.System.NowMicros() - (600 * UnixMicros.PerSecond) });
            }

            return true;
        },
        Cancel);
}

public sealed class Arms_heartbeats_on_sqlite(HeartbeatsNode world) : Arms_heartbeats(world), IClassFixture<HeartbeatsNode>;

public sealed class Arms_heartbeats_on_postgres(HeartbeatsNodeOnPostgres world) : Arms_heartbeats(world), IClassFixture<HeartbeatsNodeOnPostgres>;

/// <summary>A node that takes heartbeats, of boxes that send one each second; their waits are hurried, so most of theirs come too early.</summary>
public sealed class HeartbeatsNode : RoutersNode
{
    public HeartbeatsNode() => More = Settings;

    internal static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
    {
        ["routers.heartbeats"] = """{"listen":["127.0.0.1:0"],"interval":"00:00:01","missedBeforeSilent":2,"keepEvery":"00:00:00.2"}""",
    };
}

/// <summary>The same on PostgreSQL, in a database of its own.</summary>
public sealed class HeartbeatsNodeOnPostgres : RoutersNode
{
    public HeartbeatsNodeOnPostgres() => More = HeartbeatsNode.Settings;

    protected override async Task<string?> PostgresAsync() => await (await PostgresCluster.SharedAsync()).CopyForNodeAsync();
}
