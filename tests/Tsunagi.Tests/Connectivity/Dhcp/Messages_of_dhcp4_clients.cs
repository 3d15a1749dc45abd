using System.Net;
using System.Net.Sockets;
using System.Text;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Dhcp4;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Protocols.Net.Dhcp;

namespace Tsunagi.Tests.Connectivity.Dhcp;

/// <summary>What each message of DHCPv4 is answered, and what is answered to nobody.</summary>
public sealed class Messages_of_dhcp4_clients
{
    private const string Here = "127.0.0.1";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Four_messages_give_a_lease_that_is_known_everywhere()
    {
        await using var world = await Dhcp4World.OpenAsync();
        var offer = await world.AskAsync(new Said(Dhcp4Type.Discover, "a"));
        Assert.Equal("Offer 10.20.0.1 3600", offer.ToString());
        Assert.Equal(0, world.Book.Bound);
        var ack = await world.AskAsync(new Said(Dhcp4Type.Request, "a") { Named = "10.20.0.1", Server = Here });
        Assert.Equal("Ack 10.20.0.1 3600", ack.ToString());

        // The mask of the pool, T1 and T2, the client's id and the relay's words as they came.
        Assert.Equal(("fffffc00", "00000708", "00000c4e"), (ack.Text(Dhcp4Code.SubnetMask), ack.Text(Dhcp4Code.RenewalTime), ack.Text(Dhcp4Code.RebindingTime)));
        Assert.Equal("0061", ack.Text(Dhcp4Code.ClientId));
        Assert.Equal(Dhcp4World.Circuit("port a"), ack.Options[Dhcp4Code.RelayAgent]);
        Assert.Equal((1, 1), (world.Book.Bound, world.Book.Bound4));
        await world.ProjectAsync();
        var lease = Assert.Single(await world.LeasesAsync(text: "10.20.0.1"));
        Assert.Equal(("address4", "10.20.0.1/32", "ln_a", "0061", "020000000161", "127.0.0.1 port a"), (lease.Kind, lease.Prefix, lease.LineId, lease.Duid, lease.Hardware, lease.Relay));
        Assert.Equal("ln_a", Assert.Single((await world.World.Get<Tsunagi.Connectivity.Addresses.HolderDesk>().FindAsync(
            Tsunagi.Connectivity.Addresses.Vrf.Global, IPAddress.Parse("10.20.0.1"), null, Tsunagi.Core.Time.UnixMicros.From(world.World.Time.GetUtcNow()), Tsunagi.Core.Time.UnixMicros.From(world.World.Time.GetUtcNow()) + 1, Cancel)).Holders).LineId);
    }

    [Fact]
    public async Task An_offer_is_kept_for_its_line_for_a_while_and_no_longer()
    {
        await using var world = await Dhcp4World.OpenAsync();
        Assert.Equal("10.20.0.1", (await world.AskAsync(new Said(Dhcp4Type.Discover, "a"))).Address!.ToString());
        Assert.Equal("10.20.0.2", (await world.AskAsync(new Said(Dhcp4Type.Discover, "b"))).Address!.ToString());
        Assert.Equal("10.20.0.1", (await world.AskAsync(new Said(Dhcp4Type.Discover, "a"))).Address!.ToString());

        // Not taken: it rests, and is anybody's.
        world.World.Time.Advance(TimeSpan.FromMinutes(6));
        await world.LookAsync();
        world.World.Time.Advance(TimeSpan.FromMinutes(6));
        await world.LookAsync();
        Assert.Equal("10.20.0.1", (await world.AskAsync(new Said(Dhcp4Type.Discover, "c"))).Address!.ToString());
    }

    [Fact]
    public async Task Renewing_goes_through_the_relay_or_past_it()
    {
        await using var world = await Dhcp4World.OpenAsync();
        world.Set(world.Line("a") with { Addresses = new LineAddresses { V4 = IPAddress.Loopback } }, world.Line("probe"));
        var address = await world.BindAsync("a");
        world.World.Time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal("Ack 127.0.0.1 3600", (await world.RenewAsync("a", address)).ToString());

        // By unicast nobody says whose it is but the address that it sends from, and its own id.
        var direct = new Said(Dhcp4Type.Request, "a") { Using = address, Relay = null };
        var ack = await world.AskAsync(direct);
        Assert.Equal("Ack 127.0.0.1 3600", ack.ToString());
        Assert.False(ack.Options.ContainsKey(Dhcp4Code.RelayAgent));
        await world.IsNotAnsweredAsync(direct with { ClientId = [0, 9, 9] });
        using var elsewhere = new UdpClient(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
        await elsewhere.SendAsync(Dhcp4World.Message(direct, 99), world.At, Cancel);
        await world.IsNotAnsweredAsync(direct with { Using = "10.20.0.9" });
        Assert.Equal(0, elsewhere.Available);
        await world.SendAsync(new Said(Dhcp4Type.Release, "a") { Using = address, Server = Here, Relay = null });
        await world.LastsAsync(0);
        await world.IsNotAnsweredAsync(direct);
    }

    [Fact]
    public async Task Who_was_switched_on_again_is_told_what_holds()
    {
        await using var world = await Dhcp4World.OpenAsync();
        var address = await world.BindAsync("a");
        await world.BindAsync("b");
        Said Again(string client, string named) => new(Dhcp4Type.Request, client) { Named = named };
        Assert.Equal("Ack 10.20.0.1 3600", (await world.AskAsync(Again("a", address))).ToString());

        // Another than its own, another's, one of another link: no. One that nobody is known to have: another server may know (RFC 2131 section 4.3.2).
        var nak = await world.AskAsync(Again("a", "10.20.0.77"));
        Assert.Equal(("Nak", true), (nak.ToString(), nak.IsBroadcast));
        Assert.Equal("Nak", (await world.AskAsync(Again("c", address))).ToString());
        Assert.Equal("Nak", (await world.AskAsync(Again("c", "192.168.1.5"))).ToString());
        await world.IsNotAnsweredAsync(Again("c", "10.20.0.77"));
    }

    [Fact]
    public async Task An_address_of_the_server_that_was_here_before_goes_on_where_it_is_free()
    {
        await using var world = await Dhcp4World.OpenAsync();
        Assert.Equal("Ack 10.20.0.7 3600", (await world.RenewAsync("a", "10.20.0.7")).ToString());
        Assert.Equal("Nak", (await world.RenewAsync("b", "10.20.0.7")).ToString());

        // Not of this node's share; the subnet's own address.
        await world.IsNotAnsweredAsync(new Said(Dhcp4Type.Request, "b") { Using = "10.20.3.200" });
        await world.IsNotAnsweredAsync(new Said(Dhcp4Type.Request, "b") { Using = "10.20.0.0" });
        await using var strict = await Dhcp4World.OpenAsync(static options => options with { AdoptLeases = false });
        await strict.IsNotAnsweredAsync(new Said(Dhcp4Type.Request, "a") { Using = "10.20.0.7" });
    }

    [Fact]
    public async Task Who_chose_another_server_or_names_what_was_not_offered()
    {
        await using var world = await Dhcp4World.OpenAsync();
        await world.AskAsync(new Said(Dhcp4Type.Discover, "a"));
        await world.IsNotAnsweredAsync(new Said(Dhcp4Type.Request, "a") { Named = "10.20.0.1", Server = "192.0.2.9" });
        Assert.Equal("Nak", (await world.AskAsync(new Said(Dhcp4Type.Request, "a") { Named = "10.20.0.50", Server = Here })).ToString());
        Assert.Equal(0, world.Book.Bound);
        Assert.Equal("Ack 10.20.0.1 3600", (await world.AskAsync(new Said(Dhcp4Type.Request, "a") { Named = "10.20.0.1", Server = Here })).ToString());

        // What a client would like it gets where it is free.
        Assert.Equal("Offer 10.20.0.30 3600", (await world.AskAsync(new Said(Dhcp4Type.Discover, "b") { Named = "10.20.0.30" })).ToString());
        Assert.Equal("Offer 10.20.0.3 3600", (await world.AskAsync(new Said(Dhcp4Type.Discover, "c") { Named = "10.20.0.1" })).ToString());
    }

    [Fact]
    public async Task What_is_declined_rests_and_what_is_released_is_free()
    {
        await using var world = await Dhcp4World.OpenAsync();
        var address = await world.BindAsync("a");
        await world.IsNotAnsweredAsync(new Said(Dhcp4Type.Decline, "a") { Named = "10.20.0.9", Server = Here });
        Assert.Equal(1, world.Book.Bound);
        await world.IsNotAnsweredAsync(new Said(Dhcp4Type.Decline, "a") { Named = address, Server = Here });
        await world.LastsAsync(0);
        var other = await world.BindAsync("a");
        Assert.NotEqual(address, other);
        await world.SendAsync(new Said(Dhcp4Type.Release, "a") { Using = other, Server = Here });
        await world.LastsAsync(0);
        await world.IsNotAnsweredAsync(new Said(Dhcp4Type.Release, "a") { Using = other, Server = Here });
        await world.ProjectAsync();
        Assert.Equal(("declined", "released"), (Assert.Single(await world.LeasesAsync("declined")).State, Assert.Single(await world.LeasesAsync("released")).State));
        Assert.Contains("10.20.0.1/32", Assert.Single(await world.EventsAsync(Dhcp4Events.Declined)), StringComparison.Ordinal);

        // An hour later what was released has rested and what was declined has not, also after a restart.
        await using var again = await world.AgainAsync();
        again.World.Time.Advance(TimeSpan.FromHours(1));
        await again.LookAsync();
        Assert.Equal(other, (await again.AskAsync(new Said(Dhcp4Type.Discover, "b") { Named = other })).Address!.ToString());
        Assert.NotEqual(address, (await again.AskAsync(new Said(Dhcp4Type.Discover, "c") { Named = address })).Address!.ToString());
    }

    [Fact]
    public async Task Who_has_an_address_is_told_the_rest()
    {
        await using var world = await Dhcp4World.OpenAsync(static options => options with { Default = new Dhcp4PoolOption { DnsServers = ["10.20.0.53"], Routers = ["10.20.0.1"] } });
        var ack = await world.AskAsync(new Said(Dhcp4Type.Inform, "a") { Using = "10.20.0.200", Wants = [Dhcp4Code.DnsServers] });
        Assert.Equal(("Ack", "0a140035", ""), (ack.ToString(), ack.Text(Dhcp4Code.DnsServers), ack.Text(Dhcp4Code.LeaseTime)));
        Assert.Equal(0, world.Book.Bound);
    }

    [Fact]
    public async Task Two_messages_where_the_client_asks_for_it_and_does_not_prefer_IPv6()
    {
        static Dhcp4ServerOptions Waiting(Dhcp4ServerOptions options) => options with { Default = new Dhcp4PoolOption { LeaseTime = TimeSpan.FromHours(1), Ipv6OnlyWait = TimeSpan.FromMinutes(30) } };
        await using var world = await Dhcp4World.OpenAsync(Waiting);
        var ack = await world.AskAsync(new Said(Dhcp4Type.Discover, "a") { IsRapid = true });
        Assert.Equal(("Ack 10.20.0.1 3600", true, ""), (ack.ToString(), ack.Options.ContainsKey(Dhcp4Code.RapidCommit), ack.Text(Dhcp4Code.Ipv6OnlyPreferred)));
        var offer = await world.AskAsync(new Said(Dhcp4Type.Discover, "b") { IsRapid = true, Wants = [Dhcp4Code.Ipv6OnlyPreferred] });
        Assert.Equal(("Offer 10.20.0.2 3600", "00000708"), (offer.ToString(), offer.Text(Dhcp4Code.Ipv6OnlyPreferred)));
        await using var slow = await Dhcp4World.OpenAsync(static options => options with { RapidCommit = false });
        Assert.Equal(Dhcp4Type.Offer, (await slow.AskAsync(new Said(Dhcp4Type.Discover, "a") { IsRapid = true })).Type);
    }

    [Fact]
    public async Task What_relays_say_of_the_place_the_server_and_the_link()
    {
        await using var world = await Dhcp4World.OpenAsync();
        world.Set(
            world.Line("a"), world.Line("both") with { CircuitId = "1/2", RemoteId = "0x0001" }, world.Line("user") with { CircuitId = null, UserName = "kim@isp.example" }, world.Line("probe"));
        byte[] both = [.. Dhcp4World.Circuit("1/2"), .. Dhcp4World.Sub(2, 0, 1)];
        Assert.Equal(both, (await world.AskAsync(new Said(Dhcp4Type.Discover, "x") { Information = both })).Options[Dhcp4Code.RelayAgent]);
        Assert.Equal(Dhcp4Type.Offer, (await world.AskAsync(new Said(Dhcp4Type.Discover, "y") { Information = Dhcp4World.Sub(6, Encoding.UTF8.GetBytes("kim@isp.example")) })).Type);
        await world.IsNotAnsweredAsync(new Said(Dhcp4Type.Discover, "z") { Information = Dhcp4World.Circuit("nowhere") });
        await world.IsNotAnsweredAsync(new Said(Dhcp4Type.Discover, "z") { Information = [1, 200, 0] });
        Assert.Contains("nowhere", Assert.Single(await world.EventsAsync(Dhcp4Events.UnknownClient)), StringComparison.Ordinal);

        // RFC 5107: what clients know the server by, and may ask it by; RFC 3527: a link that the line's pool is not of gets nothing of it.
        byte[] override4 = [.. Dhcp4World.Circuit("port a"), .. Dhcp4World.Sub(11, 192, 0, 2, 7), .. Dhcp4World.Sub(5, 10, 20, 1, 1)];
        var offer = await world.AskAsync(new Said(Dhcp4Type.Discover, "a") { Information = override4 });
        Assert.Equal("192.0.2.7", offer.Server.ToString());
        Assert.Equal("Ack", (await world.AskAsync(new Said(Dhcp4Type.Request, "a") { Information = override4, Server = "192.0.2.7", Named = offer.Address!.ToString() })).ToString()[..3]);
        await world.IsNotAnsweredAsync(new Said(Dhcp4Type.Discover, "a") { Information = [.. Dhcp4World.Circuit("port a"), .. Dhcp4World.Sub(5, 10, 99, 0, 1)] });
        Assert.Contains("OtherLink", Assert.Single(await world.EventsAsync(Dhcp4Events.Refused)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Relays_that_are_none_of_ours()
    {
        await using var world = await Dhcp4World.OpenAsync();

        // The second is answered at the address that it names, if at all.
        using var named = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var stranger = new UdpClient(new IPEndPoint(IPAddress.Parse("127.0.0.9"), ((IPEndPoint)named.Client.LocalEndPoint!).Port));
        using var dropped = new DroppedHere(world);
        await stranger.SendAsync(Dhcp4World.Message(new Said(Dhcp4Type.Discover, "a") { Relay = "127.0.0.9" }, 1), world.At, Cancel);
        await stranger.SendAsync(Dhcp4World.Message(new Said(Dhcp4Type.Discover, "a"), 1), world.At, Cancel);

        // One of ours that wants its answers elsewhere; one without its address; and what is no question.
        await world.IsNotAnsweredAsync(new Said(Dhcp4Type.Discover, "a") { Relay = "127.0.0.8" });
        await world.IsNotAnsweredAsync(new Said(Dhcp4Type.Discover, "a") { Relay = null });
        await world.IsNotAnsweredAsync(new Said(Dhcp4Type.Offer, "a"));
        Assert.Equal((0, 0), (stranger.Available, named.Available));
        Assert.Equal((3, 1, 1), (dropped["unknown-relay"], dropped["not-relayed"], dropped["other-type"]));
        Assert.Empty(await world.EventsAsync(Dhcp4Events.UnknownClient));
        var told = await world.EventsAsync(Dhcp4Events.UnknownRelay);
        Assert.Equal(2, told.Count);
        Assert.Contains(told, static each => each.Contains("127.0.0.8", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Answers_go_to_the_port_that_the_relay_names()
    {
        await using var world = await Dhcp4World.OpenAsync(static options => options with { RelayPort = 9 });
        Assert.Equal(Dhcp4Type.Offer, (await world.AskAsync(new Said(Dhcp4Type.Discover, "a") { Information = [.. Dhcp4World.Circuit("port a"), 19, 0] })).Type);
    }

    [Fact]
    public async Task Where_nobody_says_who_it_is_the_client_does()
    {
        await using var world = await Dhcp4World.OpenAsync();
        byte[] duid = [255, 0, 0, 0, 1, 0, 3, 0, 1, 2, 0, 0, 0, 0, 9];
        Line By(string name, string remote) => world.Line(name) with { CircuitId = null, RemoteId = remote };
        world.Set(By("mac", "mac:020000000171"), By("id", "client:000909"), By("duid", "duid:00030001020000000009"), world.Line("probe"));
        Assert.Equal(Dhcp4Type.Offer, (await world.AskAsync(new Said(Dhcp4Type.Discover, "q") { Information = [], ClientId = [] })).Type);
        Assert.Equal(Dhcp4Type.Offer, (await world.AskAsync(new Said(Dhcp4Type.Discover, "r") { Information = [], ClientId = [0, 9, 9] })).Type);
        Assert.Equal(Dhcp4Type.Offer, (await world.AskAsync(new Said(Dhcp4Type.Discover, "s") { Information = [], ClientId = duid })).Type);
        await world.IsNotAnsweredAsync(new Said(Dhcp4Type.Discover, "t") { Information = [] });
        Assert.Equal(["ln_duid", "ln_id", "ln_mac"], await BoundAsync(world, ("q", []), ("r", [0, 9, 9]), ("s", duid)));
    }

    [Fact]
    public async Task Client_ids_and_messages_as_long_as_they_may_be_and_one_past_it()
    {
        await using var world = await Dhcp4World.OpenAsync();
        using var dropped = new DroppedHere(world);
        byte[] Id(int octets) => [.. Enumerable.Repeat((byte)7, octets)];

        // RFC 6842: it goes back as it came. One octet is too short to tell clients by (RFC 2132 section 9.14): the hardware address does.
        var bound = await world.AskAsync(new Said(Dhcp4Type.Discover, "a") { ClientId = Id(255), IsRapid = true });
        Assert.Equal((Dhcp4Type.Ack, Convert.ToHexStringLower(Id(255))), (bound.Type, bound.Text(Dhcp4Code.ClientId)));
        var tiny = await world.AskAsync(new Said(Dhcp4Type.Discover, "b") { ClientId = Id(1), IsRapid = true });
        Assert.Equal((Dhcp4Type.Ack, "07"), (tiny.Type, tiny.Text(Dhcp4Code.ClientId)));
        Assert.Equal("01" + Convert.ToHexStringLower(Dhcp4World.Hardware("b")), world.Book.OfLine("ln_b")[0].Duid);
        await world.IsNotAnsweredAsync(new Said(Dhcp4Type.Discover, "a") { ClientId = Id(256) });
        await world.IsNotAnsweredAsync(new Said(Dhcp4Type.Discover, "a") { ClientId = Id(1_150) });
        Assert.Equal(2, dropped["malformed"]);

        // What is behind the end of the options is padding.
        var longest = Dhcp4World.Message(new Said(Dhcp4Type.Discover, "c"), 77);
        Array.Resize(ref longest, 1_500);
        await world.Relay.SendAsync(longest, world.At, Cancel);
        Assert.Equal(77u, (await world.HearAsync()).TransactionId);
        Array.Resize(ref longest, 1_501);
        await world.Relay.SendAsync(longest, world.At, Cancel);
        await world.IsNotAnsweredAsync(new Said(Dhcp4Type.Discover, "nobody"));
        Assert.Equal(1, dropped["too-long"]);
    }

    [Fact]
    public async Task A_suspended_line_has_nothing_or_the_garden()
    {
        await using var world = await Dhcp4World.OpenAsync();
        var address = await world.BindAsync("a");
        var suspended = world.Line("a") with { SuspendedFor = "non-payment" };
        world.Set(suspended, world.Line("probe"));
        Assert.Equal("Nak", (await world.RenewAsync("a", address)).ToString());
        await world.IsNotAnsweredAsync(new Said(Dhcp4Type.Discover, "a"));
        Assert.Equal(0, world.Book.Bound);
        await world.ProjectAsync();
        Assert.Equal("withdrawn", Assert.Single(await world.LeasesAsync()).State);

        await using var garden = await Dhcp4World.OpenAsync(static options => options with { WalledGardenDnsServers = ["10.9.9.9"], Default = new Dhcp4PoolOption { DnsServers = ["10.20.0.53"], Routers = ["10.20.0.1"] } });
        garden.Set(suspended with { LineId = "ln_a" }, garden.Line("probe"));
        var ack = await garden.AskAsync(new Said(Dhcp4Type.Discover, "a") { IsRapid = true, Wants = [Dhcp4Code.DnsServers, Dhcp4Code.Routers] });
        Assert.Equal((300u, "0a090909", "0a140001"), (ack.Seconds, ack.Text(Dhcp4Code.DnsServers), ack.Text(Dhcp4Code.Routers)));
    }

    [Fact]
    public async Task A_plan_that_names_another_pool_moves_its_line_at_the_next_renewal()
    {
        await using var world = await Dhcp4World.OpenAsync();
        var address = await world.BindAsync("a");
        world.Set(world.Line("a", "other"), world.Line("probe"));
        Assert.Equal("Nak", (await world.RenewAsync("a", address)).ToString());
        Assert.StartsWith("10.20.4.", await world.BindAsync("a"), StringComparison.Ordinal);
    }

    private static async Task<string[]> BoundAsync(Dhcp4World world, params (string Client, byte[] Id)[] clients)
    {
        foreach (var (client, id) in clients)
        {
            Assert.Equal(Dhcp4Type.Ack, (await world.AskAsync(new Said(Dhcp4Type.Discover, client) { Information = [], ClientId = id, IsRapid = true })).Type);
        }

        await world.ProjectAsync();
        return [.. (await world.LeasesAsync("bound")).Select(static lease => lease.LineId).Order(StringComparer.Ordinal)];
    }
}
