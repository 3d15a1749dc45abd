using System.Net;
using Tsunagi.Connectivity;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Connectivity.Addresses;

/// <summary>Prefixes, pools and what they give, on both stores.</summary>
public sealed class Plan_of_addresses
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<SqlDialect> BothStores => ConnectivityWorld.BothStores;

    [Theory]
    [MemberData(nameof(BothStores))]
    public async Task Prefixes_nest_and_the_next_free_one_is_taken(SqlDialect store)
    {
        await using var world = await ConnectivityWorld.OpenAsync(store);
        var book = world.Get<PrefixBook>();
        var kita = await world.AddTenantAsync("Kita");
        var aggregate = await AddAsync(world, "198.51.100.0/24", PrefixState.Container, "JPNIC");
        await AddAsync(world, "198.51.100.0/26");
        Assert.Equal("connectivity.prefix.aggregate", (await book.AddAsync(world.Operator, new NewPrefix { Cidr = "198.51.100.128/25", Rir = "APNIC" }, Cancel)).Refusal?.Code);
        Assert.Equal("connectivity.prefix.taken", (await book.AddAsync(world.Operator, new NewPrefix { Cidr = "198.51.100.0/26" }, Cancel)).Refusal?.Code);
        var next = ConnectivityWorld.Value(await book.AddNextAsync(world.Operator, aggregate.Id, new NextPrefix { Length = 26, TenantId = kita.Id }, Cancel));
        Assert.Equal("198.51.100.64/26", next.Cidr);
        var larger = ConnectivityWorld.Value(await book.AddNextAsync(world.Operator, aggregate.Id, new NextPrefix { Length = 25 }, Cancel));
        Assert.Equal("198.51.100.128/25", larger.Cidr);
        Assert.Equal("connectivity.prefix.full", (await book.AddNextAsync(world.Operator, aggregate.Id, new NextPrefix { Length = 27 }, Cancel)).Refusal?.Code);
        Assert.Equal("connectivity.prefix.length", (await book.AddNextAsync(world.Operator, aggregate.Id, new NextPrefix { Length = 24 }, Cancel)).Refusal?.Code);

        // The same numbers in another VRF are another prefix.
        var vrf = ConnectivityWorld.Value(await book.AddVrfAsync(world.Operator, new NewVrf("customer-7", "64500:7"), Cancel));
        ConnectivityWorld.Value(await book.AddAsync(world.Operator, new NewPrefix { Cidr = "198.51.100.0/26", VrfId = vrf.Id }, Cancel));

        // A tenant sees its own and changes nothing.
        var customer = ConnectivityWorld.CallerOf(kita);
        Assert.Equal(["198.51.100.64/26"], (await book.ListAsync(customer, "", "", "", "", "", 10, Cancel)).Select(static row => row.Cidr));
        Assert.Equal(RefusalKind.Forbidden, (await book.ChangeAsync(customer, next.Id, new PrefixChange { Note = "mine" }, null, Cancel)).Refusal?.Kind);
        Assert.Equal(["198.51.100.0/24", "198.51.100.64/26"], (await book.ListAsync(world.Operator, "198.51.100.70", Vrf.Global, "", "", "", 10, Cancel)).Select(static row => row.Cidr));
        Assert.Equal(3, PrefixTree.Direct((await book.InsideAsync(world.Operator, Vrf.Global, aggregate.Block, Cancel)).Where(row => row.Id != aggregate.Id)).Count);
    }

    [Theory]
    [InlineData("198.51.100.0/25", 32, null, "connectivity.pool.overlaps")]
    [InlineData("203.0.113.0/24", 32, null, "connectivity.pool.no-prefix")]
    [InlineData("198.51.100.128/25", 24, null, "connectivity.pool.part")]
    [InlineData("198.51.100.128/25", 32, "198.51.100.1", "connectivity.pool.reserved")]
    [InlineData("192.0.2.0/25", 32, null, "connectivity.pool.prefix-state")]
    [InlineData("198.51.100.128/25", 32, "198.51.100.129", null)]
    public async Task A_pool_lies_in_an_active_prefix_and_in_no_other_pool(string cidr, int part, string? reserved, string? code)
    {
        await using var world = await ConnectivityWorld.OpenAsync();
        await AddAsync(world, "198.51.100.0/24");
        await AddAsync(world, "192.0.2.0/24", PrefixState.Reserved);
        await PoolAsync(world, "first", "198.51.100.0/26", 32);
        var added = await world.Get<PoolBook>().AddAsync(world.Operator, new NewPool { Name = "second", Cidr = cidr, PartLength = part, Reserved = reserved is null ? null : [reserved] }, Cancel);
        Assert.Equal(code, added.Refusal?.Code);
    }

    [Theory]
    [MemberData(nameof(BothStores))]
    public async Task What_is_given_back_rests_before_it_is_given_again(SqlDialect store)
    {
        await using var world = await ConnectivityWorld.OpenAsync(store);
        await AddAsync(world, "198.51.100.0/30");
        var pool = await PoolAsync(world, "small", "198.51.100.0/30", 32, restSeconds: 3_600, reserved: "198.51.100.0");
        var desk = world.Get<AssignmentDesk>();
        async Task<string> TakeAsync() => await desk.AssignAsync(world.Operator, pool.Id, new NewAssignment { Device = "router 1" }, Cancel) is { Ok: true, Value: var row } ? row.Cidr : "none";
        Assert.Equal("198.51.100.1/32", await TakeAsync());
        Assert.Equal("198.51.100.2/32", await TakeAsync());
        Assert.Equal("198.51.100.3/32", await TakeAsync());
        Assert.Equal("none", await TakeAsync());

        var allocator = world.Get<AddressAllocator>();
        ConnectivityWorld.Value(await allocator.ReleaseAsync(world.Operator, pool, 2, Cancel));
        Assert.Equal("none", await TakeAsync());
        Assert.Equal("connectivity.address.taken", (await desk.AssignAsync(world.Operator, pool.Id, new NewAssignment { Cidr = "198.51.100.2" }, Cancel)).Refusal?.Code);
        world.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, await allocator.FreeRestedAsync(Cancel));
        Assert.Equal("198.51.100.2/32", await TakeAsync());
    }

    [Theory]
    [MemberData(nameof(BothStores))]
    public async Task A_delegated_prefix_grows_where_it_is_and_not_over_another(SqlDialect store)
    {
        await using var world = await ConnectivityWorld.OpenAsync(store);
        await AddAsync(world, "2001:db8:100::/44");
        var pool = await PoolAsync(world, "pd", "2001:db8:100::/44", 56);
        Assert.Equal(PoolPolicy.Sparse, pool.Policy);
        var subscription = await world.BroadbandAsync(await world.AddTenantAsync("Kita"), new { delegatedPrefixPool = "pd" }, quantity: 3);
        var lines = new List<string>();
        foreach (var name in (string[])["a", "b", "c"])
        {
            lines.Add((await world.AddLineAsync(subscription, name)).Line.DelegatedPrefix);
        }

        Assert.Equal(["2001:db8:100::/56", "2001:db8:108::/56", "2001:db8:104::/56"], lines);
        await world.ReconcileAsync();
        Assert.Equal(IPNetwork.Parse("2001:db8:108::/56"), world.Snapshot.ByUserName("b")!.Addresses.DelegatedPrefix);

        var allocator = world.Get<AddressAllocator>();
        var slot = (long)pool.Block.NumberOf(AddressBlock.Parse("2001:db8:108::/56"), 56);
        var grown = ConnectivityWorld.Value(await allocator.GrowAsync(world.Operator, pool, slot, 50, Cancel));
        Assert.Equal("2001:db8:108::/50", grown.Cidr);
        await world.FollowAsync();
        Assert.Equal(IPNetwork.Parse("2001:db8:108::/50"), world.Snapshot.ByUserName("b")!.Addresses.DelegatedPrefix);
        ConnectivityWorld.Value(await world.Get<AssignmentDesk>().AssignAsync(world.Operator, pool.Id, new NewAssignment { Cidr = "2001:db8:100:100::/56", Device = "near a" }, Cancel));
        Assert.Equal("connectivity.address.no-room", (await allocator.GrowAsync(world.Operator, pool, 0, 54, Cancel)).Refusal?.Code);
        Assert.Equal("connectivity.address.taken", (await world.Get<AssignmentDesk>().AssignAsync(world.Operator, pool.Id, new NewAssignment { Cidr = "2001:db8:108:100::/56" }, Cancel)).Refusal?.Code);

        // The line's end gives all of it back.
        var id = world.Snapshot.ByUserName("b")!.LineId;
        ConnectivityWorld.Value(await world.Lines.EndAsync(world.Operator, id, null, Cancel));
        Assert.All((await world.Get<PoolBook>().AssignmentsAsync(world.Operator, pool.Id, id, -1, 10, Cancel)), static row => Assert.Equal(AssignmentRow.Resting, row.State));
        world.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(64, await allocator.FreeRestedAsync(Cancel));
    }

    [Theory]
    [MemberData(nameof(BothStores))]
    public async Task Many_ask_at_once_on_two_nodes_and_each_gets_its_own(SqlDialect store)
    {
        await using var one = await ConnectivityWorld.OpenAsync(store);
        await using var two = await one.BesideAsync();
        await AddAsync(one, "10.0.0.0/16");
        var pool = await PoolAsync(one, "wide", "10.0.0.0/16", 32);
        var request = new AddressRequest("", one.Root.Id, one.Root.TenantPath);
        async Task<List<string>> AskAsync(ConnectivityWorld world)
        {
            var got = new List<string>();
            for (var i = 0; i < 20; i++)
            {
                got.Add(ConnectivityWorld.Value(await world.Get<AddressAllocator>().TakeAsync(pool, request, Cancel)).Cidr);
            }

            return got;
        }

        var all = (await Task.WhenAll(Enumerable.Range(0, 32).Select(i => AskAsync(i % 2 == 0 ? one : two)))).SelectMany(static got => got).ToList();
        Assert.Equal(640, all.Count);
        Assert.Equal(640, all.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(640L, await one.Stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM connectivity_assignment"), Cancel));
        Assert.Equal(640L, await one.Stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM connectivity_holding WHERE to_at IS NULL"), Cancel));
    }

    [Fact]
    public async Task A_line_asks_again_and_gets_the_same_and_a_pool_that_is_used_up_says_why_not()
    {
        await using var world = await ConnectivityWorld.OpenAsync();
        await AddAsync(world, "198.51.100.0/31");
        var pool = await PoolAsync(world, "two", "198.51.100.0/31", 32, reserved: "198.51.100.0");
        var tenant = await world.AddTenantAsync("Kita");
        var subscription = await world.BroadbandAsync(tenant, new { userName = "first", ipv4Pool = "two" });
        await world.ReconcileAsync();
        var late = await world.BroadbandAsync(tenant, new { userName = "late", ipv4Pool = "two" });
        await world.ReconcileAsync();
        var line = world.Snapshot.ByUserName("first")!;
        Assert.Equal("198.51.100.1", line.Addresses.V4!.ToString());
        Assert.Null(world.Snapshot.ByUserName("late")!.Addresses.V4);
        Assert.Equal("a line has no address: the pool two is used up", await world.WhyNotAsync(late.Id));
        var again = ConnectivityWorld.Value(await world.Get<AddressAllocator>().TakeAsync(pool, new AddressRequest(line.LineId, tenant.Id, tenant.TenantPath), Cancel));
        Assert.Equal("198.51.100.1/32", again.Cidr);

        await world.Get<PoolWatch>().JudgeAsync(Cancel);
        await OutboxMove.RunAsync(world.Stores, world.Stores, world.Get<Tsunagi.Core.Events.EventCatalogue>(), world.Time, Cancel);
        var told = await world.Stores.Projections.ReadAsync(static reader => reader.QueryAsync<string>("SELECT type FROM event WHERE type LIKE 'connectivity.pool%' ORDER BY position"), Cancel);
        Assert.Contains(ConnectivityEvents.PoolExhausted, told);
        Assert.Single(told, static type => type == ConnectivityEvents.PoolLow);

        // A held address is not taken by hand for another line, nor given back under the line's feet.
        Assert.Equal("connectivity.address.taken", (await world.Lines.ChangeAsync(world.Operator, world.Snapshot.ByUserName("late")!.LineId, new() { V4 = "198.51.100.1" }, null, Cancel)).Refusal?.Code);
        Assert.Equal("connectivity.address.of-line", (await world.Get<AddressAllocator>().ReleaseAsync(world.Operator, pool, 1, Cancel)).Refusal?.Code);

        ConnectivityWorld.Value(await world.Lines.EndAsync(world.Operator, line.LineId, null, Cancel));
        world.Time.Advance(TimeSpan.FromDays(2));
        await world.Get<AddressAllocator>().FreeRestedAsync(Cancel);
        await world.ReconcileAsync();
        Assert.Equal("198.51.100.1", world.Snapshot.ByUserName("late")!.Addresses.V4!.ToString());
        _ = subscription;
    }

    [Fact]
    public async Task A_line_that_waits_for_a_pool_gets_its_address_when_there_is_one()
    {
        await using var world = await ConnectivityWorld.OpenAsync();
        await world.BroadbandAsync(await world.AddTenantAsync("Kita"), new { userName = "kita", ipv4Pool = "later" });
        await world.ReconcileAsync();
        Assert.Equal("later", world.Snapshot.ByUserName("kita")!.Addresses.V4Pool);
        await AddAsync(world, "198.51.100.0/30");
        await PoolAsync(world, "later", "198.51.100.0/30", 32);
        await world.Get<AddressShares>().LookAsync(Cancel);
        await world.FollowAsync();
        Assert.Equal("198.51.100.0", world.Snapshot.ByUserName("kita")!.Addresses.V4!.ToString());
    }

    [Fact]
    public async Task A_pool_that_runs_low_is_told_before_it_is_used_up_and_once()
    {
        await using var world = await ConnectivityWorld.OpenAsync();
        await AddAsync(world, "10.0.0.0/24");
        var pool = await PoolAsync(world, "ends", "10.0.0.0/24", 32);
        var watch = world.Get<PoolWatch>();
        for (var day = 0; day < 6; day++)
        {
            for (var i = 0; i < 12; i++)
            {
                ConnectivityWorld.Value(await world.Get<AddressAllocator>().TakeAsync(pool, new AddressRequest("", world.Root.Id, world.Root.TenantPath), Cancel));
            }

            await watch.JudgeAsync(Cancel);
            await watch.JudgeAsync(Cancel);
            world.Time.Advance(TimeSpan.FromDays(1));
        }

        // 72 of 256 are used, 12 a day: 15.3 days are left on the sixth day, 14 two days later.
        Assert.Equal(0L, await ToldAsync());
        for (var i = 0; i < 24; i++)
        {
            ConnectivityWorld.Value(await world.Get<AddressAllocator>().TakeAsync(pool, new AddressRequest("", world.Root.Id, world.Root.TenantPath), Cancel));
        }

        await watch.JudgeAsync(Cancel);
        await watch.JudgeAsync(Cancel);
        Assert.Equal(1L, await ToldAsync());

        async Task<long> ToldAsync() => await world.Stores.Control.ReadAsync(
            static reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM outbox WHERE event LIKE '%connectivity.pool.low%'"), Cancel);
    }

    internal static async Task<PrefixRow> AddAsync(ConnectivityWorld world, string cidr, string state = PrefixState.Active, string? rir = null) =>
        ConnectivityWorld.Value(await world.Get<PrefixBook>().AddAsync(world.Operator, new NewPrefix { Cidr = cidr, State = state, Rir = rir }, Cancel));

    internal static async Task<PoolRow> PoolAsync(
        ConnectivityWorld world, string name, string cidr, int part, string purpose = PoolPurpose.Lines, long? restSeconds = null, string? reserved = null) =>
        ConnectivityWorld.Value(await world.Get<PoolBook>().AddAsync(
            world.Operator, new NewPool { Name = name, Cidr = cidr, PartLength = part, Purpose = purpose, RestSeconds = restSeconds, Reserved = reserved is null ? null : [reserved] }, Cancel));
}
