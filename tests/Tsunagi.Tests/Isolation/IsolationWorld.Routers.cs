using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Routers.Heartbeats;
using Tsunagi.Tests.Host;

namespace Tsunagi.Tests.Isolation;

/// <summary>Routers that called, their versions and pushes.</summary>
internal sealed partial class IsolationWorld
{
    /// <summary>A router on the owner's site, read whole; a call on it is open for the owner and for the operator.</summary>
    private async Task FillRoutersAsync(string tenant)
    {
        var op = Node.Operator;
        _things["shop"] = Id(await op.PostAsync("/sites", new { tenantId = tenant, name = "Owner's shop" }));
        var subscription = Id(await op.PostAsync("/subscriptions", new { tenantId = tenant, plan = "router", name = "Owner's router", settings = new { site = "Owner's shop", device = "00E0FC-OWNERBOX1" } }));
        await UntilAsync(async () => (JsonArray)(await Owner.GetAsync($"/subscriptions/{subscription}/running"))["items"]!, static nodes => nodes.Any(static node => node!["whyNotYet"] is null));
        var acs = Node.Services.GetRequiredService<global::Tsunagi.Routers.Cwmp.AcsListener>().EndPoints[0];
        await using var fleet = new global::Tsunagi.Routers.Simulate.SimulatedFleet(new Uri($"http://{acs}/"), TimeProvider.System);
        var router = new global::Tsunagi.Routers.Simulate.SimulatedRouter(global::Tsunagi.Routers.Simulate.SimulatedTree.BuiltIn(tr181: true), "00E0FC", "OWNERBOX1");
        fleet.Add(router);
        Assert.True(await fleet.CallAsync(router, CancellationToken.None), router.Last);
        _things["device"] = (string)((JsonArray)(await Owner.GetAsync("/routers/devices"))["items"]!).Single()!["id"]!;
        await Owner.PutAsync($"/routers/sites/{_things["site"]}/configuration", new { modules = new[] { new { id = 0, version = "1", text = "Owner's configuration" } } });
        foreach (var api in (TestApi[])[op, Owner])
        {
            await api.PostAsync($"/routers/devices/{_things["device"]}/calls", new { reason = "a test" });
        }

        await AddPullAsync();
        await AddHeartbeatAsync();
        await AddPushesAsync();
        await AddCallsOfOthersAsync();
    }

    /// <summary>Calls of the others on the owner's router, from when they were let in: they still run, and open nothing any more.</summary>
    private async Task AddCallsOfOthersAsync() => await Node.Services.GetRequiredService<Stores>().Control.WriteAsync(
        transaction => transaction.ExecuteAsync(
            """
            INSERT INTO router_call (id, tenant_path, device_id, actor_id, actor_name, reason, opened_at, expires_at)
            SELECT 'rh_of_' || u.id, d.tenant_path, d.id, u.id, u.email, 'a test', @Now, @Until FROM router_device d JOIN identity_user u ON u.email IN @Emails WHERE d.id = @Device
            """,
            new
            {
                Device = _things["device"], Emails = Others.Keys.Select(static name => name + "@users.example").ToArray(),
                Now = TimeProvider.System.NowMicros(), Until = TimeProvider.System.NowMicros() + (long)TimeSpan.FromHours(1).TotalMicroseconds,
            }),
        CancellationToken.None);

    /// <summary>As if the owner's router had pulled its configuration.</summary>
    private async Task AddPullAsync() => await Node.Services.GetRequiredService<Stores>().Control.WriteAsync(
        async transaction =>
        {
            var device = new { Id = _things["device"] };
            await transaction.ExecuteAsync("INSERT INTO router_arms (device_id, tenant_path, given, given_at, taken, taken_at, push, push_at) SELECT d.id, d.tenant_path, 1, 1, 1, 1, '', 0 FROM router_device d WHERE d.id = @Id", device);
            return await transaction.ExecuteAsync(
                """
                INSERT INTO router_pull (id, tenant_path, device_id, site_id, at, kind, cause, firmware, address, code, number)
                SELECT 'rp_one', d.tenant_path, d.id, d.site_id, 1, 'config-solicitation', 'Owner''s cause', '', '', 100, 1 FROM router_device d WHERE d.id = @Id
                """,
                device);
        },
        CancellationToken.None);

    /// <summary>As if the owner's router had sent heartbeats.</summary>
    private async Task AddHeartbeatAsync() => await Node.Services.GetRequiredService<Stores>().Control.WriteAsync(
        async transaction =>
        {
            // Its hour has a minute that the page still shows.
            var (minute, hour) = (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 60, default(HeartbeatMinutes));
            hour.Begin(minute);
            hour.Now.Cpu = 5;
            var device = new { Id = _things["device"], Minute = minute, Cells = hour.ToText() };
            await transaction.ExecuteAsync(
                """
                INSERT INTO router_heartbeat (device_id, tenant_path, first_at, keyed_at, heard_at, address, streak, cpu, memory_used, memory_available, interfaces, silent_at, silent_told)
                SELECT d.id, d.tenant_path, 1, 1, 1, '192.0.2.77', 2, 5, 25, 75, '0 1000 2000 - -', 0, 0 FROM router_device d WHERE d.id = @Id
                """,
                device);
            return await transaction.ExecuteAsync("INSERT INTO router_heartbeat_hour (device_id, tenant_path, first_at, minute, cells) SELECT d.id, d.tenant_path, 1, @Minute, @Cells FROM router_device d WHERE d.id = @Id", device);
        },
        CancellationToken.None);

    /// <summary>As if the owner's other site had a router with ARMS, and pushes to it: one that runs, those that are planned and given up.</summary>
    private async Task AddPushesAsync() => await Node.Services.GetRequiredService<Stores>().Control.WriteAsync(
        async transaction =>
        {
            var site = new { Site = _things["site"], Device = "rt_arms" };
            await transaction.ExecuteAsync(
                """
                INSERT INTO router_device (id, tenant_path, tenant_id, subscription_id, site_id, site_name, identity, manufacturer, oui, product_class, serial, model, hardware, software, root, address, connection_url,
                  state, tags, first_at, informed_at, events, adopted_at, read_at, parameters, silent_after, silent_told, waked_at, waked)
                SELECT @Device, s.tenant_path, s.tenant_id, 's_arms', s.id, s.name, '0001-0000-0101-0000-0000-0000-0000-0001', '', '', 'SA 0101', '0000', 'Owner''s ARMS', '', '', 'Arms', '', '', 'configured', '', 1, 1, '', 0, 0, 0,
                  9000000000000000, 0, 0, '' FROM site s WHERE s.id = @Site
                """,
                site);
            foreach (var (name, id, state) in ((string, string, string)[])[("push", "ru_one", "planned"), ("push2", "ru_two", "planned"), ("push3", "ru_three", "planned"), ("push4", "ru_four", "planned")])
            {
                _things[name] = id;
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO router_push (id, tenant_path, state, why, rings, ring, ring_at, budget, boxes, made_by, made_at, started_at, ended_at, cause)
                    SELECT @Id, s.tenant_path, @State, 'Owner''s push', '1', -1, 0, 0, 1, 'owner', 1, 0, 0, '' FROM site s WHERE s.id = @Site
                    """,
                    new { Id = id, State = state, Site = _things["site"] });
            }

            return await transaction.ExecuteAsync(
                """
                INSERT INTO router_push_box (id, tenant_path, push_id, site_id, site_name, device_id, identity, ring, number, formerly, state, transaction_id, asked_at, ended_at, attempts, cause)
                SELECT 'rx_one', d.tenant_path, 'ru_one', d.site_id, d.site_name, d.id, d.identity, 0, 1, 0, 'confirmed', 7, 1, 1, 1, 'Owner''s cause' FROM router_device d WHERE d.id = @Device
                """,
                site);
        },
        CancellationToken.None);
}
