using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Connectivity.Account;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Meters;
using Tsunagi.Connectivity.Proxy;
using Tsunagi.Connectivity.Sessions;
using Tsunagi.Core.Events;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Tests.Connectivity.Proxy;

/// <summary>Accounting of a realm whose reports are acknowledged here and relayed later.</summary>
public class Reports_that_are_relayed
{
    private const string User = "joe@isp.example";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Are_acknowledged_while_the_home_server_is_away_and_reach_it_once_and_in_their_order()
    {
        await using var world = await OpenAsync();
        world.Homes[0].IsUp = false;
        foreach (var (status, seconds, identifier) in new[] { (1u, 0u, 1), (3u, 60u, 2), (3u, 60u, 3), (2u, 90u, 4), (2u, 90u, 5) })
        {
            // The access server did not hear us and says the same again, under another identifier.
            await world.Radius.AccountAsync(world.Radius.Report(status, "s1", seconds, seconds * 10, 0, identifier: (byte)identifier, user: User));
            await world.Radius.AccountAsync(world.Radius.Report(status, "s2", seconds, seconds * 10, 0, identifier: (byte)(identifier + 100), user: User));
            world.Time.Advance(TimeSpan.FromSeconds(1));
        }

        await world.Radius.ProjectAsync();
        await RelayAsync(world);
        Assert.Empty(world.Homes[0].Requests);
        Assert.Equal([new RelayWaiting("isp.example", 6, await OldestAsync(world))], await RelayBook.WaitingAsync(world.Radius.World.Stores, Cancel));

        world.Homes[0].IsUp = true;
        for (var turn = 0; turn < 100 && world.Homes[0].Requests.Count < 6; turn++)
        {
            world.Pass(TimeSpan.FromSeconds(10));
            await RelayAsync(world);
        }

        world.Pass(TimeSpan.FromHours(1));
        await RelayAsync(world);
        var told = world.Homes[0].Requests.Select(Tell).ToList();
        Assert.Equal(["s1 Start 0", "s1 Interim-Update 60", "s1 Stop 90"], told.Where(static each => each.StartsWith("s1", StringComparison.Ordinal)));
        Assert.Equal(["s2 Start 0", "s2 Interim-Update 60", "s2 Stop 90"], told.Where(static each => each.StartsWith("s2", StringComparison.Ordinal)));
        Assert.Empty(await RelayBook.WaitingAsync(world.Radius.World.Stores, Cancel));

        // What happened when is told by how long it lay here, and what was hidden is none of it.
        Assert.True(RadiusPacket.TryParse(world.Homes[0].Requests.First(), null, out var first, out _));
        Assert.True(FakeHomeServer.Shared.VerifyRequest(first) && first.TryFind(RadiusType.AcctDelayTime, out uint delay) && delay >= 10);
        Assert.Equal(2, (await world.Radius.SessionsAsync()).Count);
    }

    [Fact]
    public async Task Reach_the_home_server_once_though_two_nodes_were_told()
    {
        await using var world = await OpenAsync();
        var report = world.Radius.Report(1, "s1", 0, 0, 0, user: User);
        await world.Radius.AccountAsync(report);
        await world.Radius.ProjectAsync();
        await using (var other = await world.Radius.BesideAsync("node-2", world.Options with { Account = world.Options.Account with { Directory = "accounting-2" } }))
        {
            await other.AccountAsync(report);
            await other.ProjectAsync();
        }

        await RelayAsync(world);
        Assert.Equal("s1 Start 0", Tell(Assert.Single(world.Homes[0].Requests)));
        Assert.Empty(await RelayBook.WaitingAsync(world.Radius.World.Stores, Cancel));

        // The same id of a session of another day is another session.
        world.Time.Advance(TimeSpan.FromHours(1));
        await world.Radius.AccountAsync(world.Radius.Report(1, "s1", 0, 0, 0, identifier: 9, user: User));
        await world.Radius.ProjectAsync();
        await RelayAsync(world);
        Assert.Equal(2, world.Homes[0].Requests.Count);
    }

    [Fact]
    public async Task Are_given_up_and_told_when_nobody_took_them_in_time()
    {
        await using var world = await OpenAsync(TimeSpan.FromMinutes(10));
        world.Homes[0].IsUp = false;
        await world.Radius.AccountAsync(world.Radius.Report(1, "s1", 0, 0, 0, user: User));
        await world.Radius.ProjectAsync();
        await RelayAsync(world);
        Assert.Single(await RelayBook.WaitingAsync(world.Radius.World.Stores, Cancel));
        world.Time.Advance(TimeSpan.FromMinutes(11));
        await RelayAsync(world);
        Assert.Empty(await RelayBook.WaitingAsync(world.Radius.World.Stores, Cancel));
        Assert.Equal(
            (1, ""),
            (await world.Radius.World.Stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM outbox WHERE event LIKE '%connectivity.accounting.not-relayed%'"), Cancel),
                await world.Radius.World.Stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<string>("SELECT packet FROM connectivity_relay"), Cancel)));
    }

    [Fact]
    public async Task Are_two_when_they_say_different_things_though_their_counters_are_equal()
    {
        await using var world = await OpenAsync();
        foreach (var (address, delay, identifier) in new[] { (7, 0u, 1), (7, 3u, 2), (8, 0u, 3), (8, 5u, 4) })
        {
            await world.Radius.AccountAsync(world.Radius.Accounting(
                3, "s1",
                (ref writer) =>
                {
                    writer.Add(RadiusType.AcctSessionTime, 60);
                    writer.Add(RadiusType.FramedIpAddress, IPAddress.Parse($"192.0.2.{address}"));
                    writer.Add(RadiusType.AcctDelayTime, delay);
                    writer.Add(RadiusType.ProxyState, [(byte)identifier]);
                },
                (byte)identifier, User));
        }

        await world.Radius.ProjectAsync();
        Assert.Equal(2, Assert.Single(await RelayBook.WaitingAsync(world.Radius.World.Stores, Cancel)).Reports);
    }

    [Fact]
    public async Task Do_not_go_out_again_and_again_when_the_store_does_not_take_that_they_went()
    {
        await using var world = await OpenAsync();
        await world.Radius.AccountAsync(world.Radius.Report(1, "s1", 0, 0, 0, user: User));
        await world.Radius.ProjectAsync();

        // Nothing can be written: nothing is sent.
        await SqlAsync(world, "CREATE TRIGGER full BEFORE UPDATE ON connectivity_relay BEGIN SELECT RAISE(ABORT, 'full'); END");
        await Assert.ThrowsAnyAsync<Exception>(() => LookAsync(world));
        Assert.Empty(world.Homes[0].Requests);

        // It fails between sending and writing: once, and again only when that is due.
        await SqlAsync(world, "DROP TRIGGER full");
        await SqlAsync(world, "CREATE TRIGGER full BEFORE UPDATE OF done_at ON connectivity_relay BEGIN SELECT RAISE(ABORT, 'full'); END");
        await Assert.ThrowsAnyAsync<Exception>(() => LookAsync(world));
        await SqlAsync(world, "DROP TRIGGER full");
        await LookAsync(world);
        Assert.Single(world.Homes[0].Requests);
        world.Time.Advance(TimeSpan.FromSeconds(6));
        await LookAsync(world);
        Assert.Equal(2, world.Homes[0].Requests.Count);
        Assert.Empty(await RelayBook.WaitingAsync(world.Radius.World.Stores, Cancel));
    }

    [Fact]
    public async Task Go_on_when_one_of_them_fails()
    {
        await using var world = await OpenAsync();
        await world.Radius.AccountAsync(world.Radius.Report(1, "s1", 0, 0, 0, user: User));
        await world.Radius.AccountAsync(world.Radius.Report(1, "s2", 0, 0, 0, identifier: 2, user: User));
        await world.Radius.ProjectAsync();
        await SqlAsync(world, "UPDATE connectivity_relay SET packet = '?' WHERE position = (SELECT min(position) FROM connectivity_relay)");
        await LookAsync(world);
        Assert.Equal("s2 Start 0", Tell(Assert.Single(world.Homes[0].Requests)));
        Assert.Equal(1, Assert.Single(await RelayBook.WaitingAsync(world.Radius.World.Stores, Cancel)).Reports);
    }

    [Fact]
    public async Task Of_a_node_that_does_not_come_back_are_given_up_by_another_and_hold_up_none_there()
    {
        await using var world = await OpenAsync(TimeSpan.FromMinutes(10));
        await world.Radius.AccountAsync(world.Radius.Report(1, "s1", 0, 0, 0, user: User));
        await world.Radius.ProjectAsync();
        await SqlAsync(world, "UPDATE connectivity_relay SET node = 'node-9'");
        await world.Radius.AccountAsync(world.Radius.Report(3, "s1", 60, 0, 0, identifier: 2, user: User));
        world.Time.Advance(TimeSpan.FromMinutes(9));
        await world.Radius.ProjectAsync();

        // In their order while the other may come back.
        await LookAsync(world);
        Assert.Empty(world.Homes[0].Requests);
        await SqlAsync(world, "UPDATE connectivity_relay SET received_at = received_at + 300000000 WHERE node <> 'node-9'");
        world.Time.Advance(TimeSpan.FromMinutes(2));
        var now = UnixMicros.NowMicros(world.Time);
        Assert.Single(await RelayBook.DueAsync(world.Radius.World.Stores, "node-1", now, now - (10 * 60 * UnixMicros.PerSecond), 10, Cancel));
        await LookAsync(world);
        Assert.Equal("s1 Interim-Update 60", Tell(Assert.Single(world.Homes[0].Requests)));
        Assert.Empty(await RelayBook.WaitingAsync(world.Radius.World.Stores, Cancel));
        Assert.Equal(1, await ToldAsync(world, "given-up"));
    }

    [Fact]
    public async Task Are_told_when_their_realm_left_the_options_before_they_were_read()
    {
        await using var world = await OpenAsync();
        await world.Radius.AccountAsync(world.Radius.Report(1, "s1", 0, 0, 0, user: User));
        var own = world.Radius.World;
        var options = world.Options with { Proxy = world.Options.Proxy with { Realms = [] } };
        using var proxy = new RadiusProxy(options, own.Get<ConnectivityMetrics>(), own.Time);
        using var projector = new SessionProjector(
            own.Stores, own.Get<AccountingLog>(), own.Get<OpenSessions>(), own.Get<Outbox>(), own.Get<Node>(), options, own.Get<ConnectivityMetrics>(), own.Get<LineSnapshotHolder>(), own.Time,
            NullLogger<SessionProjector>.Instance, null, proxy);
        using var relay = new AccountingRelay(own.Stores, proxy, own.Get<Node>(), own.Get<Outbox>(), options, own.Time, NullLogger<AccountingRelay>.Instance);
        using var consumer = await projector.TryOpenAsync(Cancel);
        Assert.Equal(1, await projector.ProjectAsync(consumer!, TimeSpan.Zero, Cancel));
        await relay.LookAsync(Cancel);
        Assert.Empty(world.Homes[0].Requests);
        Assert.Empty(await RelayBook.WaitingAsync(own.Stores, Cancel));
        Assert.Equal(1, await ToldAsync(world, "no-realm"));
    }

    private static async Task SqlAsync(ProxyWorld world, string sql) => await world.Radius.World.Stores.Control.WriteAsync(transaction => transaction.ExecuteAsync(sql), Cancel);

    private static async Task<long> ToldAsync(ProxyWorld world, string reason) => await world.Radius.World.Stores.Control.ReadAsync(
        reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM outbox WHERE event LIKE '%connectivity.accounting.not-relayed%' AND event LIKE @Reason", new { Reason = $"%{reason}%" }), Cancel);

    private static Task<ProxyWorld> OpenAsync(TimeSpan? kept = null) =>
        ProxyWorld.OpenAsync(realm: static realm => realm with { Account = RelayedAccounting.Stored }, proxy: options => kept is { } time ? options with { RelayKept = time } : options);

    private static Task RelayAsync(ProxyWorld world) => world.WithTimeAsync(LookAsync(world));

    private static async Task<bool> LookAsync(ProxyWorld world)
    {
        await world.Radius.World.Get<AccountingRelay>().LookAsync(Cancel);
        return true;
    }

    private static async Task<long> OldestAsync(ProxyWorld world) =>
        await world.Radius.World.Stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT CAST(min(received_at) AS BIGINT) FROM connectivity_relay"), Cancel);

    private static string Tell(byte[] request)
    {
        Assert.True(RadiusPacket.TryParse(request, null, out var packet, out _));
        var pairs = RadiusDecoder.Decode(packet, RadiusDictionary.Standard, null, null).ToDictionary(static pair => pair.Name, static pair => pair.Text);
        return $"{pairs["Acct-Session-Id"].Trim('"')} {pairs["Acct-Status-Type"]} {pairs["Acct-Session-Time"]}";
    }
}
