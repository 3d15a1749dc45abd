using Tsunagi.Connectivity.Proxy;
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
