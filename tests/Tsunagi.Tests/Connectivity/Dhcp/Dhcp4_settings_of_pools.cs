using System.Net;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Dhcp4;
using Tsunagi.Protocols.Net.Dhcp;
using Tsunagi.Tests.Connectivity.Addresses;

namespace Tsunagi.Tests.Connectivity.Dhcp;

/// <summary>Which settings a client is told by: its pool's, completed by the default ones, or those of the subnet that its own address lies in; and pools that nothing is given from.</summary>
public sealed class Dhcp4_settings_of_pools
{
    private static readonly byte[] Wants = [3, 6, 108, 121];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_pool_leaves_out_is_told_as_the_default_says_and_routes_go_with_routers()
    {
        await using var world = await Dhcp4World.OpenAsync(static options => options with
        {
            Default = new Dhcp4PoolOption
            {
                DnsServers = ["10.20.0.53"], Routers = ["10.20.0.1"], Routes = [new Dhcp4RouteOption { Destination = "10.64.0.0/10", Router = "10.20.0.3" }], Ipv6OnlyWait = TimeSpan.FromMinutes(30),
            },
            Pools =
            [
                new Dhcp4PoolOption { Name = "v4", DnsServers = ["10.20.0.54"] }, new Dhcp4PoolOption { Name = "other", Routers = ["10.20.4.1"] },
                new Dhcp4PoolOption { Name = "tight", Routes = [new Dhcp4RouteOption { Destination = "10.96.0.0/11", Router = "10.20.8.2" }] },
            ],
        });
        world.Set(world.Line("a"), world.Line("b", "other"), world.Line("c", "tight"), world.Line("probe"));
        Task<Dhcp4Heard> InformAsync(string name) => world.AskAsync(new Said(Dhcp4Type.Inform, name) { Using = "10.20.0.200", Wants = Wants });

        // Routers of its own: no routes of the default's link. Routes alone: the default route is that of the routers it is told.
        Assert.Equal("0a140001 0a140036 00000708 0a0a400a140003000a140001", Told(await InformAsync("a")));
        Assert.Equal("0a140401 0a140035 00000708 ", Told(await InformAsync("b")));
        Assert.Equal("0a140001 0a140035 00000708 0b0a600a140802000a140001", Told(await InformAsync("c")));

        // The default's routers are given to nobody, and who prefers IPv6 is not bound at once.
        var offer = await world.AskAsync(new Said(Dhcp4Type.Discover, "a") { IsRapid = true, Wants = Wants, Named = "10.20.0.1" });
        Assert.Equal("Offer 10.20.0.2 86400", offer.ToString());
    }

    [Fact]
    public async Task An_address_of_the_lines_own_is_told_by_the_subnet_that_it_lies_in()
    {
        await using var world = await Dhcp4World.OpenAsync(static options => options with
        {
            Default = new Dhcp4PoolOption { Subnet = "10.20.0.0/22", Routers = ["10.20.0.1"] },
            Pools = [new Dhcp4PoolOption { Name = "east", Subnet = "10.30.0.0/24", Routers = ["10.30.0.1"] }, new Dhcp4PoolOption { Name = "west", Subnet = "10.31.0.0/24", Routers = ["10.31.0.1"] }],
        });
        Line Own(string name, string address) => world.Line(name) with { Addresses = new LineAddresses { V4 = IPAddress.Parse(address) } };
        world.Set(Own("a", "10.30.0.7"), Own("b", "10.31.0.7"), Own("c", "10.99.0.7"), world.Line("d", "other"), world.Line("e"), world.Line("probe"));
        Said From(string name, params byte[] link) => new(Dhcp4Type.Discover, name) { Wants = Wants, Information = [.. Dhcp4World.Circuit("port " + name), .. Dhcp4World.Sub(5, link)] };
        async Task<string> OfferAsync(string name, params byte[] link) => await world.AskAsync(From(name, link)) is var offer ? $"{offer.Address} {offer.Text(1)} {offer.Text(3)}" : "";
        Assert.Equal("10.30.0.7 ffffff00 0a1e0001", await OfferAsync("a", 10, 30, 0, 1));
        Assert.Equal("10.31.0.7 ffffff00 0a1f0001", await OfferAsync("b", 10, 31, 0, 1));
        await world.IsNotAnsweredAsync(From("a", 10, 31, 0, 1));

        // In no subnet: it is alone. The default's subnet is that of pools which lie in it; the probe has had an offer there.
        Assert.Equal("10.99.0.7 ffffffff 0a140001", await OfferAsync("c", 10, 99, 0, 1));
        Assert.Equal("10.20.4.1 ffffff00 0a140001", await OfferAsync("d", 10, 20, 4, 1));
        Assert.Equal("10.20.0.3 fffffc00 0a140001", await OfferAsync("e", 10, 20, 0, 1));
    }

    [Fact]
    public async Task Pools_that_nothing_can_be_given_from_are_told()
    {
        await using var world = await Dhcp4World.OpenAsync();
        var book = world.World.Get<PrefixBook>();
        var vrf = ConnectivityWorld.Value(await book.AddVrfAsync(world.World.Operator, new NewVrf("customer-7", "64500:7"), Cancel));
        ConnectivityWorld.Value(await book.AddAsync(world.World.Operator, new NewPrefix { Cidr = "10.20.0.0/16", VrfId = vrf.Id }, Cancel));
        ConnectivityWorld.Value(await world.World.Get<PoolBook>().AddAsync(
            world.World.Operator, new NewPool { Name = "vrf", Cidr = "10.20.0.0/22", VrfId = vrf.Id, PartLength = 32, Purpose = PoolPurpose.Sessions }, Cancel));
        await Plan_of_addresses.PoolAsync(world.World, "parts", "10.20.16.0/24", 30, PoolPurpose.Sessions);
        await Plan_of_addresses.AddAsync(world.World, "2001:db8::/32");
        await Plan_of_addresses.PoolAsync(world.World, "six", "2001:db8:1::/64", 96, PoolPurpose.Sessions);
        await world.LookAsync();
        foreach (var (pool, reason) in ((string, string)[])[("vrf", "OtherVrf"), ("parts", "PoolUnfit"), ("six", "PoolUnfit")])
        {
            world.Set(world.Line(pool, pool), world.Line("probe"));
            await world.IsNotAnsweredAsync(new Said(Dhcp4Type.Discover, pool) { Information = [.. Dhcp4World.Circuit("port " + pool)] });
            Assert.Contains(await world.EventsAsync(Dhcp4Events.Refused), told => told.Contains("ln_" + pool, StringComparison.Ordinal) && told.Contains(reason, StringComparison.Ordinal));
        }

        Assert.Equal(0, world.World.Get<Dhcp4Server>().Faults);
    }

    private static string Told(Dhcp4Heard heard) => string.Join(' ', Wants.Select(heard.Text));
}
