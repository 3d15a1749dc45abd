using System.Net;
using Tsunagi.Connectivity;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Tests.Connectivity.Addresses;

/// <summary>Shares of a pool that nodes give sessions addresses from, on both stores.</summary>
public sealed class Addresses_of_sessions
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<SqlDialect> BothStores => ConnectivityWorld.BothStores;

    [Theory]
    [MemberData(nameof(BothStores))]
    public async Task Two_nodes_give_from_their_own_shares_and_never_the_same(SqlDialect store)
    {
        await using var one = await ConnectivityWorld.OpenAsync(store);
        await using var two = await one.BesideAsync();
        await Plan_of_addresses.AddAsync(one, "10.0.0.0/24");
        await Plan_of_addresses.PoolAsync(one, "dynamic", "10.0.0.0/24", 32, PoolPurpose.Sessions, restSeconds: 60, reserved: "10.0.0.0");
        await one.Get<AddressShares>().LookAsync(Cancel);
        await two.Get<AddressShares>().LookAsync(Cancel);
        Assert.False(one.Get<IAddressPools>().TryAllocate("nobody's", LineOf("x"), out _, out var isKnown));
        Assert.False(isKnown);

        var given = new HashSet<IPNetwork>();
        for (var i = 0; i < 300; i++)
        {
            var world = i % 2 == 0 ? one : two;
            if (!world.Get<IAddressPools>().TryAllocate("dynamic", LineOf($"ln_{i}"), out var address, out isKnown))
            {
                Assert.True(isKnown);
                await world.Get<AddressShares>().LookAsync(Cancel);
                if (!world.Get<IAddressPools>().TryAllocate("dynamic", LineOf($"ln_{i}"), out address, out _))
                {
                    continue;
                }
            }

            Assert.True(given.Add(address), $"{address} was given twice");
            Assert.NotEqual("10.0.0.0/32", address.ToString());
        }

        Assert.Equal(255, given.Count);
    }

    [Fact]
    public async Task The_same_line_gets_the_same_until_it_starts_and_what_ended_rests()
    {
        await using var world = await ConnectivityWorld.OpenAsync();
        await Plan_of_addresses.AddAsync(world, "10.0.0.0/29");
        await Plan_of_addresses.PoolAsync(world, "dynamic", "10.0.0.0/29", 32, PoolPurpose.Sessions, restSeconds: 60);
        var shares = world.Get<AddressShares>();
        await shares.LookAsync(Cancel);
        var (a, b) = (LineOf("ln_a"), LineOf("ln_b"));
        Assert.True(shares.TryAllocate("dynamic", a, out var first, out _));
        Assert.True(shares.TryAllocate("dynamic", a, out var again, out _));
        Assert.Equal(first, again);
        shares.InUse(a, first);
        await shares.LookAsync(Cancel);
        Assert.True(shares.TryAllocate("dynamic", a, out var second, out _));
        Assert.NotEqual(first, second);

        // Another line's end of it changes nothing; its own lets it rest.
        shares.Release(b, first);
        shares.Release(a, first);
        await shares.LookAsync(Cancel);
        Assert.True(shares.TryAllocate("dynamic", b, out var third, out _));
        Assert.NotEqual(first, third);
        world.Time.Advance(TimeSpan.FromSeconds(61));
        await shares.LookAsync(Cancel);
        Assert.True(shares.TryAllocate("dynamic", LineOf("ln_c"), out var fourth, out _));
        Assert.Equal(first, fourth);

        // A promise that nobody took up ends.
        world.Time.Advance(TimeSpan.FromMinutes(10));
        await shares.LookAsync(Cancel);
        world.Time.Advance(TimeSpan.FromSeconds(61));
        await shares.LookAsync(Cancel);
        Assert.True(shares.TryAllocate("dynamic", LineOf("ln_d"), out _, out _));
        Assert.Equal(1, shares.UsedOf((await world.Get<PoolBook>().ListAsync(world.Operator, "", 1, Cancel))[0].Id));
    }

    [Theory]
    [MemberData(nameof(BothStores))]
    public async Task After_a_restart_what_sessions_hold_is_not_given_again(SqlDialect store)
    {
        await using var world = await ConnectivityWorld.OpenAsync(store);
        var tenant = await world.AddTenantAsync("Kita");
        await Plan_of_addresses.AddAsync(world, "10.0.0.0/29");
        await Plan_of_addresses.PoolAsync(world, "dynamic", "10.0.0.0/29", 32, PoolPurpose.Sessions, restSeconds: 600);
        await world.Get<AddressShares>().LookAsync(Cancel);
        Assert.True(world.Get<IAddressPools>().TryAllocate("dynamic", LineOf("ln_a"), out var held, out _));
        var now = world.Time.NowMicros();
        await world.Stores.Control.WriteAsync(
            async transaction =>
            {
                await AssignmentHistory.OpenAsync(transaction,
                [
                    new Holding(Vrf.Global, held, "ln_a", tenant.Id, tenant.TenantPath, "s1", now, null, "node-1"),
                    new Holding(Vrf.Global, IPNetwork.Parse("10.0.0.1/32"), "ln_b", tenant.Id, tenant.TenantPath, "s2", now - UnixMicros.PerSecond, now, "node-1"),
                ]);
                return true;
            },
            Cancel);

        await using var again = await world.BesideAsync("node-1");
        var shares = again.Get<AddressShares>();
        var given = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            await shares.LookAsync(Cancel);
            if (shares.TryAllocate("dynamic", LineOf($"ln_{i}"), out var address, out _))
            {
                given.Add(address.ToString());
            }
        }

        Assert.Equal(6, given.Count);
        Assert.DoesNotContain(held.ToString(), given);
        Assert.DoesNotContain("10.0.0.1/32", given);
    }

    private static Line LineOf(string id) => new() { LineId = id, TenantId = "t", TenantPath = "t/" };
}
