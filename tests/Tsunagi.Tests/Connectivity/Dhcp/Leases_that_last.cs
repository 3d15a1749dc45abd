using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Dhcp6;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Store;
using Tsunagi.Protocols.Net.Dhcp;
using Tsunagi.Tests.Testing.CrashDisks;

namespace Tsunagi.Tests.Connectivity.Dhcp;

/// <summary>Leases over time, restarts and nodes, on both stores where the store decides.</summary>
public sealed class Leases_that_last
{
    private static readonly Ask Prefix = new(Dhcp6Code.IaPd);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<SqlDialect> BothStores => ConnectivityWorld.BothStores;

    [Theory]
    [MemberData(nameof(BothStores))]
    public async Task What_the_store_did_not_know_yet_is_known_after_a_restart(SqlDialect store)
    {
        await using var world = await Dhcp6World.OpenAsync(dialect: store);
        world.Set(world.Line("a", "na", "tight"), world.Line("b", "na", "tight"), world.Line("probe"));
        var bound = await world.BindAsync("a");
        Assert.Empty(await world.LeasesAsync());

        // Nothing was brought into the store before the node stopped.
        await using var again = await world.AgainAsync();
        Assert.Equal(bound.ToString(), (await again.AskAsync(Dhcp6Type.Renew, "a", Dhcp6World.Named(bound))).ToString());
        Assert.NotEqual(bound.Prefix.Block, (await again.BindAsync("b")).Prefix.Block);
        Assert.Equal("ln_a", await again.HolderAsync(bound.Prefix.Block.Address.ToString()));
        await again.ProjectAsync();
        Assert.Equal(4, (await again.LeasesAsync("bound")).Count);
    }

    [Fact]
    public async Task What_a_share_does_not_know_the_book_does()
    {
        await using var world = await Dhcp6World.OpenAsync();
        var bound = (await world.BindAsync("a", asks: Prefix)).Prefix.Block;

        // The pool's share forgets it: as if it had been read from the store too early.
        world.World.Get<AddressShares>().Release(world.Book.OfPart(bound)!.Pool, "ln_a", bound, 0);
        await world.World.Get<AddressShares>().LookAsync(Cancel);
        Assert.NotEqual(bound, (await world.BindAsync("b", asks: Prefix)).Prefix.Block);

        // A session's end does not free what is leased.
        world.World.Get<IAddressPools>().Release(world.Line("a"), bound.ToNetwork());
        world.World.Time.Advance(TimeSpan.FromSeconds(301));
        await world.World.Get<AddressShares>().LookAsync(Cancel);
        Assert.Equal("ln_a", world.Book.OfPart(bound)!.LineId);
    }

    [Fact]
    public async Task A_pool_that_is_used_up_refuses_tells_and_gives_again()
    {
        await using var world = await Dhcp6World.OpenAsync();
        Line[] lines = [.. Enumerable.Range(0, 5).Select(i => world.Line("t" + i, null, "tight")), world.Line("probe")];
        world.Set(lines);
        for (var i = 0; i < 4; i++)
        {
            await world.BindAsync("t" + i, asks: Prefix);
            await world.LookAsync();
        }

        Assert.Equal("Advertise pd1 NoPrefixAvail", (await world.AskAsync(Dhcp6Type.Solicit, "t4", [Prefix])).ToString());
        Assert.Contains("PoolUsedUp", Assert.Single(await world.EventsAsync(Dhcp6Events.Refused)), StringComparison.Ordinal);
        await world.World.Get<PoolWatch>().JudgeAsync(Cancel);
        Assert.NotEmpty(await world.EventsAsync("connectivity.pool.low"));
        Assert.NotEmpty(await world.EventsAsync("connectivity.pool.exhausted"));
        Assert.Equal("Reply Success", (await world.AskAsync(Dhcp6Type.Release, "t0", [.. Dhcp6World.Named(await world.AskAsync(Dhcp6Type.Solicit, "t0", [Prefix]))])).ToString());
        world.World.Time.Advance(TimeSpan.FromSeconds(301));
        await world.LookAsync();
        await world.BindAsync("t4", asks: Prefix);
    }

    [Theory]
    [MemberData(nameof(BothStores))]
    public async Task A_lease_ends_at_its_time_and_is_kept_for_its_client_a_while(SqlDialect store)
    {
        await using var world = await Dhcp6World.OpenAsync(dialect: store);
        var bound = await world.BindAsync("a");
        var until = world.Book.OfLine("ln_a")[0].ValidUntil;
        world.World.Time.Advance(TimeSpan.FromSeconds((2 * 3_600) + 59));
        await world.LookAsync();
        Assert.Equal(2, world.Book.Bound);
        Assert.Equal(bound.ToString(), (await world.AskAsync(Dhcp6Type.Renew, "a", Dhcp6World.Named(bound))).ToString());
        world.World.Time.Advance(TimeSpan.FromSeconds((2 * 3_600) + 61));
        await world.LookAsync();
        Assert.Equal(0, world.Book.Bound);
        var ended = await world.LeasesAsync("expired");
        Assert.Equal(2, ended.Count);
        Assert.All(ended, row => Assert.Equal(until + (((2 * 3_600) + 59) * 1_000_000L), row.EndedAt));
        Assert.Equal("", await world.HolderAsync(bound.Prefix.Block.Address.ToString()));
        Assert.Equal("Reply na1 NoBinding pd1 NoBinding", (await world.AskAsync(Dhcp6Type.Renew, "a", Dhcp6World.Named(bound))).ToString());
    }

    [Fact]
    public async Task A_client_that_comes_again_while_its_release_is_written_keeps_its_lease()
    {
        var held = new HeldDisk(new RealDisk());
        await using var world = await Dhcp6World.OpenAsync(disk: held);
        var bound = await world.BindAsync("a", asks: Prefix);
        held.Hold();
        var duid = world.World.Get<LeaseKeeper>().Duid;
        await world.SendAsync(Dhcp6World.Relayed(world.Message(Dhcp6Type.Release, "a", Dhcp6World.Named(bound), duid), new Hop("port a")));
        await held.HoldsOneAsync();
        await world.SendAsync(Dhcp6World.Relayed(world.Message(Dhcp6Type.Renew, "a", Dhcp6World.Named(bound), duid), new Hop("port a")));

        // Not before it is on the disk.
        await world.NothingIsSaidAsync();
        held.LetGo();
        Assert.Equal(["Reply pd1 2001:db8:100::/56 3600/7200", "Reply Success"], [.. ((string[])[(await world.HearAsync()).ToString(), (await world.HearAsync()).ToString()]).OrderDescending(StringComparer.Ordinal)]);
        await world.LookAsync();
        Assert.Single(await world.LeasesAsync("bound"));
        await using var again = await world.AgainAsync();
        Assert.Equal("ln_a", again.Book.OfPart(bound.Prefix.Block)!.LineId);
    }

    [Theory]
    [MemberData(nameof(BothStores))]
    public async Task The_other_node_goes_on_with_what_one_gave(SqlDialect store)
    {
        await using var one = await Dhcp6World.OpenAsync(dialect: store);
        await using var two = await one.BesideAsync();
        Line[] lines = [one.Line("a", "na", "tight"), one.Line("b", "na", "tight"), one.Line("probe")];
        one.Set(lines);
        two.Set(lines);
        var bound = await one.BindAsync("a");
        await one.ProjectAsync();

        // What two does not know yet it leaves to others; then it goes on with it, once the store knows.
        await two.IsNotAnsweredAsync(Dhcp6Type.Rebind, "a", Dhcp6World.Named(bound));
        await two.LookAsync();
        one.World.Time.Advance(TimeSpan.FromMinutes(90));
        await two.SendAsync(Dhcp6World.Relayed(two.Message(Dhcp6Type.Rebind, "a", Dhcp6World.Named(bound)), new Hop("port a")));
        await two.NothingIsSaidAsync();
        Assert.DoesNotContain(await one.LeasesAsync(), static row => row.Node == "node-2");
        var heard = two.HearAsync(60);
        while (!heard.IsCompleted)
        {
            await two.ProjectAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancel);
        }

        Assert.Equal(bound.ToString(), (await heard).ToString());

        // One knows that it lives on, beyond the time that one had given it; nobody else gets it, on either node.
        one.World.Time.Advance(TimeSpan.FromMinutes(60));
        await one.LookAsync();
        await two.LookAsync();
        Assert.Equal(2, one.Book.Bound);
        Assert.NotEqual(bound.Prefix.Block, (await one.BindAsync("b")).Prefix.Block);

        // It ends by who answered last, and rests where it came from.
        one.World.Time.Advance(TimeSpan.FromMinutes(65));
        await two.LookAsync();
        await one.LookAsync();
        Assert.Null(one.Book.OfPart(bound.Prefix.Block));
        Assert.Equal(2, (await one.LeasesAsync("expired")).Count);
        Assert.Equal("", await one.HolderAsync(bound.Prefix.Block.Address.ToString()));
        one.World.Time.Advance(TimeSpan.FromSeconds(301));
        await one.LookAsync();
        Assert.Equal(bound.Prefix.Block, (await one.BindAsync("a")).Prefix.Block);
    }

    [Fact]
    public async Task Another_nodes_lease_is_not_gone_on_with_behind_its_time()
    {
        await using var one = await Dhcp6World.OpenAsync();
        await using var two = await one.BesideAsync();
        var bound = await one.BindAsync("a");
        await one.ProjectAsync();
        await two.LookAsync();
        one.World.Time.Advance(TimeSpan.FromMinutes(121));
        await two.IsNotAnsweredAsync(Dhcp6Type.Rebind, "a", Dhcp6World.Named(bound));
        Assert.Equal("Advertise pd1 NoPrefixAvail", (await two.AskAsync(Dhcp6Type.Solicit, "a", [Prefix])).ToString());
    }

    [Fact]
    public async Task Old_leases_are_read_and_forgotten()
    {
        await using var world = await Dhcp6World.OpenAsync();
        var bound = await world.BindAsync("a");
        await world.ProjectAsync();
        var row = (await world.LeasesAsync())[0];
        var store = world.World.Get<LeaseStore>();
        Assert.Equal(row, await store.FindAsync(world.World.Operator, row.Id, Cancel));
        foreach (var text in (string[])[row.Id, row.Prefix, bound.Address.Block.Address.ToString(), row.Duid, row.LineId])
        {
            Assert.NotEmpty(await store.ListAsync(world.World.Operator, text, "bound", "", "", "", 10, Cancel));
        }

        Assert.Single(await store.ListAsync(world.World.Operator, "", "", "ln_a", "pd", "", 10, Cancel));
        var stranger = ConnectivityWorld.CallerOf(await world.World.AddTenantAsync("Kita"));
        Assert.Null(await store.FindAsync(stranger, row.Id, Cancel));
        Assert.Empty(await store.ListAsync(stranger, "", "", "", "", "", 10, Cancel));
    }
}
