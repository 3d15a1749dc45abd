using System.Net;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Dhcp4;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Core.Disk;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Net.Dhcp;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.CrashDisks;

namespace Tsunagi.Tests.Connectivity.Dhcp;

/// <summary>Leases of DHCPv4 over time, restarts and nodes; its limits at their values and one past them; what configuration may not say.</summary>
public sealed class Dhcp4_leases_that_last
{
    private const string Here = "127.0.0.1";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<SqlDialect> BothStores => ConnectivityWorld.BothStores;

    [Theory]
    [MemberData(nameof(BothStores))]
    public async Task What_the_store_did_not_know_yet_is_known_after_a_restart(SqlDialect store)
    {
        await using var world = await Dhcp4World.OpenAsync(dialect: store);
        var address = await world.BindAsync("a");
        Assert.Empty(await world.LeasesAsync());
        await using var again = await world.AgainAsync();
        Assert.Equal($"Ack {address} 3600", (await again.RenewAsync("a", address)).ToString());
        Assert.NotEqual(address, await again.BindAsync("b"));
        Assert.Equal(2, again.Book.Bound4);
    }

    [Fact]
    public async Task What_is_over_ends_after_its_grace_and_rests()
    {
        await using var world = await Dhcp4World.OpenAsync();
        var address = await world.BindAsync("a");
        world.World.Time.Advance(TimeSpan.FromSeconds(3_630));
        await world.LookAsync();
        Assert.Equal(1, world.Book.Bound);
        world.World.Time.Advance(TimeSpan.FromSeconds(31));
        await world.LookAsync();
        Assert.Equal("expired", Assert.Single(await world.LeasesAsync()).State);
        Assert.NotEqual(address, await world.BindAsync("b"));
    }

    [Fact]
    public async Task Another_node_goes_on_once_the_store_knows_and_says_nothing_of_what_it_does_not_know()
    {
        await using var one = await Dhcp4World.OpenAsync();
        var address = await one.BindAsync("a");
        await using var two = await one.BesideAsync();

        // The first node has not told the store yet: the second neither gives nor refuses it.
        await two.IsNotAnsweredAsync(new Said(Dhcp4Type.Request, "a") { Using = address });
        await one.ProjectAsync();
        await two.LookAsync();
        await two.SendAsync(new Said(Dhcp4Type.Request, "a") { Using = address });
        var hearing = two.HearAsync();
        while (!hearing.IsCompleted)
        {
            // It is answered when the store has it.
            await two.ProjectAsync();
            await Task.WhenAny(hearing, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancel));
        }

        Assert.Equal($"Ack {address} 3600", (await hearing).ToString());
        await one.LookAsync();
        Assert.Equal("node-2", one.Book.OfLine("ln_a")[0].Node);
    }

    [Fact]
    public async Task A_pool_that_is_used_up_tells_and_gives_neither_its_ends_nor_its_router()
    {
        await using var world = await Dhcp4World.OpenAsync(static options => options with { Pools = [new Dhcp4PoolOption { Name = "tight", Routers = ["10.20.8.1"] }] });
        string[] names = ["a", "b", "c", "d", "e"];
        world.Set([.. names.Select(name => world.Line(name, "tight")), world.Line("late", "tight"), world.Line("probe")]);
        var given = new List<string>();

        // Its shares are of one address each, and the first two are the subnet's own and the router's.
        foreach (var _ in names.Take(2))
        {
            await world.IsNotAnsweredAsync(new Said(Dhcp4Type.Discover, "a"));
            await world.LookAsync();
        }

        foreach (var name in names)
        {
            await world.LookAsync();
            given.Add(await world.BindAsync(name));
        }

        Assert.Equal(["10.20.8.2", "10.20.8.3", "10.20.8.4", "10.20.8.5", "10.20.8.6"], given.Order(StringComparer.Ordinal));
        await world.LookAsync();
        await world.IsNotAnsweredAsync(new Said(Dhcp4Type.Discover, "late"));
        Assert.Contains("PoolUsedUp", (await world.EventsAsync(Dhcp4Events.Refused))[^1], StringComparison.Ordinal);
        Assert.Contains(world.World.Get<Tsunagi.Connectivity.Addresses.AddressShares>().Exhausted, static each => each.Pool.Name == "tight");
    }

    [Fact]
    public async Task Who_changes_the_router_keeps_the_address_and_lines_may_have_more()
    {
        await using var world = await Dhcp4World.OpenAsync();
        var address = await world.BindAsync("a");
        world.World.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(address, await world.BindAsync("new", "a"));
        Assert.Equal("Nak", (await world.RenewAsync("a", address)).ToString());
        await using var two = await Dhcp4World.OpenAsync(static options => options with { MostPerLine = 2 });
        Assert.Equal(["10.20.0.1", "10.20.0.2"], [await two.BindAsync("one", "a"), await two.BindAsync("two", "a")]);
        two.World.Time.Advance(TimeSpan.FromSeconds(1));
        await two.BindAsync("three", "a");
        Assert.Equal(2, two.Book.OfLine("ln_a").Count);
    }

    [Fact]
    public async Task Messages_of_a_line_in_a_minute()
    {
        await using var world = await Dhcp4World.OpenAsync(static options => options with { MessagesPerMinute = 3 });
        for (var i = 0; i < 3; i++)
        {
            await world.AskAsync(new Said(Dhcp4Type.Discover, "a"));
        }

        await world.IsNotAnsweredAsync(new Said(Dhcp4Type.Discover, "a"));
        await world.IsNotAnsweredAsync(new Said(Dhcp4Type.Discover, "a"));
        Assert.Contains("ln_a", Assert.Single(await world.EventsAsync(Dhcp4Events.Flooded)), StringComparison.Ordinal);
        world.World.Time.Advance(TimeSpan.FromMinutes(1));
        await world.AskAsync(new Said(Dhcp4Type.Discover, "a"));
    }

    [Fact]
    public async Task Addresses_that_a_line_may_decline_in_an_hour()
    {
        await using var world = await Dhcp4World.OpenAsync(static options => options with { DeclinesPerHour = 1 });
        foreach (var expected in (string[])["declined", "released"])
        {
            var address = await world.BindAsync("a");
            await world.SendAsync(new Said(Dhcp4Type.Decline, "a") { Named = address, Server = Here });
            await world.LastsAsync(0);
            await world.ProjectAsync();
            Assert.Equal(address + "/32", Assert.Single(await world.LeasesAsync(expected)).Prefix);
        }
    }

    [Fact]
    public async Task What_is_not_on_the_disk_is_not_acknowledged_and_a_failing_disk_refuses_nobody()
    {
        var held = new HeldDisk(new RealDisk());
        await using var world = await Dhcp4World.OpenAsync(static options => options with { MostInFlight = 1 }, disk: held);
        await world.AskAsync(new Said(Dhcp4Type.Discover, "a"));
        held.Hold();
        await world.SendAsync(new Said(Dhcp4Type.Request, "a") { Named = "10.20.0.1", Server = Here });
        await held.HoldsOneAsync();

        // One more waits for nothing and is not answered, as is who waits before the disk; offers go on.
        await world.IsNotAnsweredAsync(new Said(Dhcp4Type.Discover, "b") { IsRapid = true });
        Assert.Equal(0, world.Relay.Available);
        Assert.Empty(world.Book.OfLine("ln_b"));
        held.LetGo();
        Assert.Equal("Ack 10.20.0.1 3600", (await world.HearAsync()).ToString());
    }

    [Fact]
    public async Task A_lease_whose_first_record_was_lost_is_acknowledged_when_it_is_written_and_has_a_holder_then()
    {
        var disk = new HeldDisk(new RealDisk());
        await using var world = await Dhcp4World.OpenAsync(disk: disk);
        await world.AskAsync(new Said(Dhcp4Type.Discover, "a"));
        disk.FailNext();
        await world.SendAsync(new Said(Dhcp4Type.Request, "a") { Named = "10.20.0.1", Server = Here });
        await Eventually.HoldsAsync(() => disk.HasFailed);
        Assert.Equal(Dhcp4Type.Offer, (await world.AskAsync(new Said(Dhcp4Type.Discover, "probe"))).Type);
        Assert.Equal(0, world.Relay.Available);

        // The log is opened again within a second, and the client asks again.
        await Eventually.HoldsAsync(() =>
        {
            world.World.Time.Advance(TimeSpan.FromSeconds(1));
            return world.World.Get<LeaseLog>() is { Openings: 2, Stream: not null };
        });
        Assert.Equal("Ack 10.20.0.1 3600", (await world.AskAsync(new Said(Dhcp4Type.Request, "a") { Named = "10.20.0.1", Server = Here })).ToString());
        await world.ProjectAsync();
        Assert.Equal("bound", Assert.Single(await world.LeasesAsync()).State);
        Assert.Equal(["ln_a"], await HoldersAsync(world, "10.20.0.1"));
    }

    [Fact]
    public async Task Who_comes_again_while_its_end_is_written_holds_the_address_on()
    {
        var disk = new HeldDisk(new RealDisk());
        await using var world = await Dhcp4World.OpenAsync(disk: disk);
        var address = await world.BindAsync("a");
        world.World.Time.Advance(TimeSpan.FromMinutes(1));
        disk.Hold();
        await world.SendAsync(new Said(Dhcp4Type.Release, "a") { Using = address, Server = Here });
        await disk.HoldsOneAsync();
        var again = await world.SendAsync(new Said(Dhcp4Type.Request, "a") { Using = address });
        Assert.Equal(Dhcp4Type.Offer, (await world.AskAsync(new Said(Dhcp4Type.Discover, "probe"))).Type);
        disk.LetGo();
        var ack = await world.HearAsync();
        Assert.Equal((again, $"Ack {address} 3600"), (ack.TransactionId, ack.ToString()));
        Assert.Equal(1, world.Book.Bound);
        world.World.Time.Advance(TimeSpan.FromMinutes(1));
        await world.LookAsync();
        Assert.Equal(["bound", "released"], (await world.LeasesAsync()).Select(static lease => lease.State).Order(StringComparer.Ordinal));
        Assert.Equal(["ln_a"], await HoldersAsync(world, address));

        // It is nobody else's, now and after a restart.
        await using var later = await world.AgainAsync();
        Assert.Equal(1, later.Book.Bound);
        Assert.NotEqual(address, (await later.AskAsync(new Said(Dhcp4Type.Discover, "b") { Named = address })).Address!.ToString());
    }

    [Fact]
    public async Task A_node_whose_book_may_be_behind_refuses_nobody()
    {
        await using var one = await Dhcp4World.OpenAsync();
        var first = await one.BindAsync("a");
        await one.ProjectAsync();
        await using var two = await one.BesideAsync();
        await one.SendAsync(new Said(Dhcp4Type.Release, "a") { Using = first, Server = Here });
        await one.LastsAsync(0);
        var second = await one.BindAsync("a");
        Assert.NotEqual(first, second);

        // The second node knows the first lease alone: neither is the new address another's, nor the old one a's for certain.
        Assert.Equal(first + "/32", two.Book.OfLine("ln_a")[0].Prefix.ToString());
        await two.IsNotAnsweredAsync(new Said(Dhcp4Type.Request, "a") { Named = second });
        await two.IsNotAnsweredAsync(new Said(Dhcp4Type.Request, "b") { Named = first });

        // The node that gave it knows.
        Assert.Equal("Nak", (await one.AskAsync(new Said(Dhcp4Type.Request, "b") { Named = second })).ToString());
    }

    private static async Task<IReadOnlyList<string>> HoldersAsync(Dhcp4World world, string address)
    {
        var now = UnixMicros.From(world.World.Time.GetUtcNow());
        return [.. (await world.World.Get<HolderDesk>().FindAsync(Vrf.Global, IPAddress.Parse(address), null, now, now + 1, Cancel)).Holders.Select(static each => each.LineId)];
    }

    public static TheoryData<Dhcp4PoolOption, string> WrongPools => new()
    {
        { new Dhcp4PoolOption(), "no name" },
        { new Dhcp4PoolOption { Name = "p", DnsServers = ["2001:db8::1"] }, "p.dnsServers: \"2001:db8::1\" is no IPv4 address" },
        { new Dhcp4PoolOption { Name = "p", Routers = ["nonsense"] }, "p.routers" },
        { new Dhcp4PoolOption { Name = "p", Subnet = "10.0.0.0/33" }, "p.subnet" },
        { new Dhcp4PoolOption { Name = "p", DomainName = ".." }, "p.domainName" },
        { new Dhcp4PoolOption { Name = "p", Domains = [""] }, "p.domains" },
        { new Dhcp4PoolOption { Name = "p", Mtu = 67 }, "p.mtu" },
        { new Dhcp4PoolOption { Name = "p", Ipv6OnlyWait = TimeSpan.FromSeconds(299) }, "p.ipv6OnlyWait" },
        { new Dhcp4PoolOption { Name = "p", Routes = [new Dhcp4RouteOption { Destination = "10.0.0.0/8", Router = "x" }] }, "p.routes" },
    };

    [Fact]
    public void Configuration_that_cannot_be_told_is_refused_by_name()
    {
        foreach (var (pool, says) in WrongPools.Select(static row => row.Data))
        {
            Assert.Contains(says, Assert.Throws<InvalidOperationException>(() => new Dhcp4Answers(new Dhcp4ServerOptions { Pools = [pool] })).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_server_that_clients_could_not_name_does_not_start()
    {
        await using var world = await ConnectivityWorld.OpenAsync(SqlDialect.Sqlite, Dhcp4World.Options(static options => options with { Listen = ["0.0.0.0:0"] }));
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => world.Get<Dhcp4Server>().StartAsync(Cancel));
        Assert.Contains("connectivity.dhcp4.serverAddress", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_clients_ask_for_is_told_as_far_as_it_fits()
    {
        await using var world = await Dhcp4World.OpenAsync(static options => options with
        {
            Default = new Dhcp4PoolOption
            {
                Subnet = "10.20.0.0/20", Routers = ["10.20.0.1"], DomainName = "isp.example.", Mtu = 1_454, NtpServers = ["10.20.0.2"],
                Domains = [.. Enumerable.Range(0, 12).Select(static i => $"department-{i}.of-a-long-name.isp.example")],
                Routes = [new Dhcp4RouteOption { Destination = "10.64.0.0/10", Router = "10.20.0.3" }],
            },
        });
        var all = new Said(Dhcp4Type.Discover, "a") { Wants = [121, 26, 42, 119, 15, 26, 200], Longest = 1_500 };
        var offer = await world.AskAsync(all);
        Assert.Equal(("fffff000", "0a0a400a140003000a140001", "05ae", "0a140002"), (offer.Text(1), offer.Text(121), offer.Text(26), offer.Text(42)));
        Assert.Equal("isp.example"u8.ToArray(), offer.Options[15]);
        Assert.True(offer.Options[119].Length > 255, "it is in two parts");
        Assert.Equal("10.20.0.2", offer.Address!.ToString());

        // A client that takes no more than it must is not told the long one, and is told what is behind it.
        var shorter = await world.AskAsync(all with { Longest = null });
        Assert.Equal((false, true, true), (shorter.Options.ContainsKey(119), shorter.Options.ContainsKey(15), shorter.Octets <= 548));

        // Who names nothing is told the usual.
        var usual = await world.AskAsync(all with { Wants = [] });
        Assert.Equal(("0a140001", "", ""), (usual.Text(3), usual.Text(26), usual.Text(121)));
    }
}
