using System.Net;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Dhcp;
using Tsunagi.Connectivity.Dhcp6;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Core.Store;
using Tsunagi.Protocols.Net.Dhcp;

namespace Tsunagi.Tests.Connectivity.Dhcp;

/// <summary>The server against the tables of RFC 8415 section 16 and 18.3, through relays on loopback.</summary>
public sealed class Messages_of_clients
{
    private static readonly Ask Address = new(Dhcp6Code.IaNa);
    private static readonly Ask Prefix = new(Dhcp6Code.IaPd);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Four_messages_give_an_address_a_prefix_and_what_is_asked_for()
    {
        await using var world = await Dhcp6World.OpenAsync(static options => options with
        {
            Pools = [new Dhcp6PoolOption { Name = "pd", PreferredLifetime = TimeSpan.FromMinutes(30), ValidLifetime = TimeSpan.FromHours(3), DnsServers = ["2001:db8::53", "2001:db8::54"], AftrName = "aftr.isp.example" }],
        });
        var offer = await world.AskAsync(Dhcp6Type.Solicit, "a", Dhcp6World.Both, wants: [Dhcp6Code.DnsServers]);
        Assert.Equal("Advertise na1 2001:db8:1::/128 3600/7200 pd1 2001:db8:100::/56 1800/10800", offer.ToString());
        Assert.Empty(world.Book.OfLine("ln_a"));
        Assert.Equal((900u, 1_440u), (offer.Of(Dhcp6Code.IaPd).T1, offer.Of(Dhcp6Code.IaPd).T2));
        Assert.Equal([.. IPAddress.Parse("2001:db8::53").GetAddressBytes(), .. IPAddress.Parse("2001:db8::54").GetAddressBytes()], offer.Options[Dhcp6Code.DnsServers]);
        Assert.False(offer.Options.ContainsKey(Dhcp6Code.AftrName));

        var reply = await world.AskAsync(Dhcp6Type.Request, "a", Dhcp6World.Named(offer), offer.ServerId, wants: [Dhcp6Code.AftrName]);
        Assert.Equal("Reply na1 2001:db8:1::/128 3600/7200 pd1 2001:db8:100::/56 1800/10800", reply.ToString());
        Assert.Equal("port a", Assert.Single(reply.Interfaces));
        Assert.True(reply.Options.ContainsKey(Dhcp6Code.AftrName));
        Assert.Equal(Dhcp6World.Duid("a"), reply.Options[Dhcp6Code.ClientId]);
        Assert.NotEqual(reply.Prefix.Block, (await world.BindAsync("b")).Prefix.Block);

        // Asked again, the same.
        Assert.Equal(reply.Prefix, (await world.AskAsync(Dhcp6Type.Request, "a", Dhcp6World.Named(offer), offer.ServerId)).Prefix);
        await world.ProjectAsync();
        Assert.Equal(4, (await world.LeasesAsync("bound")).Count);
    }

    [Fact]
    public async Task Two_messages_are_enough_where_both_sides_want_it()
    {
        await using var world = await Dhcp6World.OpenAsync();
        var reply = await world.AskAsync(Dhcp6Type.Solicit, "a", Dhcp6World.Both, isRapid: true);
        Assert.Equal("Reply na1 2001:db8:1::/128 3600/7200 pd1 2001:db8:100::/56 3600/7200", reply.ToString());
        Assert.True(reply.Options.ContainsKey(Dhcp6Code.RapidCommit));
        Assert.Equal(2, world.Book.OfLine("ln_a").Count);

        await using var four = await Dhcp6World.OpenAsync(static options => options with { RapidCommit = false });
        Assert.Equal(Dhcp6Type.Advertise, (await four.AskAsync(Dhcp6Type.Solicit, "a", Dhcp6World.Both, isRapid: true)).Type);

        // Nothing to give is nothing to commit.
        world.Set(world.Line("a", null, null), world.Line("probe"));
        Assert.Equal("Advertise na2 NoAddrsAvail pd2 NoPrefixAvail ta3 NoAddrsAvail", (await world.AskAsync(Dhcp6Type.Solicit, "z", [Address with { Iaid = 2 }, Prefix with { Iaid = 2 }, new Ask(Dhcp6Code.IaTa, 3)], line: "a", isRapid: true)).ToString());
    }

    [Fact]
    public async Task Renew_and_rebind_go_on_and_what_is_unknown_has_no_binding()
    {
        await using var world = await Dhcp6World.OpenAsync();
        var bound = await world.BindAsync("a");
        var until = world.Book.OfLine("ln_a")[0].ValidUntil;
        world.World.Time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(bound.ToString(), (await world.AskAsync(Dhcp6Type.Renew, "a", Dhcp6World.Named(bound))).ToString());
        Assert.Equal(until + (30 * 60 * 1_000_000L), world.Book.OfLine("ln_a")[0].ValidUntil);
        Assert.Equal(bound.ToString(), (await world.AskAsync(Dhcp6Type.Rebind, "a", Dhcp6World.Named(bound))).ToString());

        Assert.Equal("Reply na7 NoBinding pd1 2001:db8:100::/56 3600/7200", (await world.AskAsync(Dhcp6Type.Renew, "a", [Address with { Iaid = 7 }, Prefix with { Named = [bound.Prefix.Block] }])).ToString());
        Assert.Equal("Reply na7 NoBinding", (await world.AskAsync(Dhcp6Type.Renew, "b", [Address with { Iaid = 7 }])).ToString());

        // Another server may know.
        await world.IsNotAnsweredAsync(Dhcp6Type.Rebind, "b", Dhcp6World.Both);

        // What it names beyond its own is not to be used.
        Assert.Equal(
            "Reply pd1 2001:db8:100::/56 3600/7200 2001:db8:999::/56 0/0", (await world.AskAsync(Dhcp6Type.Renew, "a", [Prefix with { Named = [bound.Prefix.Block, AddressBlock.Parse("2001:db8:999::/56")] }])).ToString());
    }

    [Fact]
    public async Task What_is_released_rests_and_who_had_it_is_known()
    {
        await using var world = await Dhcp6World.OpenAsync();
        world.Set(world.Line("a", "na", "tight"), world.Line("b", "na", "tight"), world.Line("probe"));
        var bound = await world.BindAsync("a");
        await world.ProjectAsync();
        Assert.Equal("ln_a", await world.HolderAsync("2001:db8:200:ff:1:2:3:4"));
        Assert.Equal("", await world.HolderAsync("2001:db8:200:100::1"));
        Assert.Equal("Reply Success", (await world.AskAsync(Dhcp6Type.Release, "a", Dhcp6World.Named(bound))).ToString());
        Assert.Equal("Reply Success na1 NoBinding pd1 NoBinding", (await world.AskAsync(Dhcp6Type.Release, "a", Dhcp6World.Named(bound))).ToString());
        await world.LookAsync();
        Assert.Equal("", await world.HolderAsync("2001:db8:200::1"));
        Assert.Equal(2, (await world.LeasesAsync("released")).Count);
        var other = (await world.BindAsync("b")).Prefix.Block;
        Assert.NotEqual(bound.Prefix.Block, other);
        world.World.Time.Advance(TimeSpan.FromSeconds(301));
        await world.LookAsync();
        Assert.Equal("ln_b", await world.HolderAsync(other.Address.ToString()));
        Assert.Equal(bound.Prefix.Block, (await world.BindAsync("a")).Prefix.Block);

        // Something that is not the client's is not taken from whose it is.
        Assert.Equal("Reply Success", (await world.AskAsync(Dhcp6Type.Release, "a", [Prefix with { Named = [other] }])).ToString());
        Assert.Equal("ln_b", await world.HolderAsync(other.Address.ToString()));
    }

    [Fact]
    public async Task A_declined_address_is_given_to_nobody_for_its_time_also_after_a_restart()
    {
        await using var world = await Dhcp6World.OpenAsync(static options => options with { DeclinesPerHour = 2 });
        var first = await world.BindAsync("a", asks: Address);
        Assert.Equal("Reply Success", (await world.AskAsync(Dhcp6Type.Decline, "a", Dhcp6World.Named(first))).ToString());
        var second = await world.BindAsync("a", asks: Address);
        Assert.NotEqual(first.Address.Block, second.Address.Block);
        Assert.Single(await world.EventsAsync(Dhcp6Events.Declined));
        await world.LookAsync();
        await using var again = await world.AgainAsync(static options => options with { DeclinesPerHour = 1 });
        again.World.Time.Advance(TimeSpan.FromHours(1));
        await again.LookAsync();
        Assert.NotEqual(first.Address.Block, (await again.BindAsync("b", asks: Address)).Address.Block);

        // At the limit of declines it rests long; one more rests as what is released does.
        Assert.Equal("Reply Success", (await again.AskAsync(Dhcp6Type.Decline, "a", Dhcp6World.Named(second))).ToString());
        var third = await again.BindAsync("a", asks: Address);
        Assert.Equal("Reply Success", (await again.AskAsync(Dhcp6Type.Decline, "a", Dhcp6World.Named(third))).ToString());
        await again.ProjectAsync();
        Assert.Equal(2, (await again.LeasesAsync("declined")).Count);
        Assert.Single(await again.LeasesAsync("released"));
        again.World.Time.Advance(TimeSpan.FromHours(24));
        await again.LookAsync();
        Assert.Equal(first.Address.Block, (await again.BindAsync("c", asks: Address)).Address.Block);
    }

    [Fact]
    public async Task Confirm_says_whether_an_address_is_of_the_link()
    {
        await using var world = await Dhcp6World.OpenAsync();
        var bound = await world.BindAsync("a");
        Assert.Equal("Reply Success", (await world.AskAsync(Dhcp6Type.Confirm, "a", [Address with { Named = [bound.Address.Block] }])).ToString());
        Assert.Equal("Reply NotOnLink", (await world.AskAsync(Dhcp6Type.Confirm, "a", [Address with { Named = [bound.Address.Block, AddressBlock.Parse("2001:db8:9::1")] }])).ToString());
        await world.IsNotAnsweredAsync(Dhcp6Type.Confirm, "a", [Address]);
        world.Set(world.Line("a", null), world.Line("probe"));
        await world.IsNotAnsweredAsync(Dhcp6Type.Confirm, "a", [Address with { Named = [bound.Address.Block] }]);
    }

    [Fact]
    public async Task A_request_for_an_address_of_another_link_is_told_so()
    {
        await using var world = await Dhcp6World.OpenAsync();
        Assert.Equal("Reply na1 NotOnLink pd1 2001:db8:100::/56 3600/7200", (await world.AskAsync(Dhcp6Type.Request, "a", [Address with { Named = [AddressBlock.Parse("2001:db8:9::1")] }, Prefix])).ToString());
    }

    [Fact]
    public async Task Information_needs_no_address_and_no_name()
    {
        await using var world = await Dhcp6World.OpenAsync(static options => options with { Default = options.Default with { Domains = ["isp.example"], NtpServers = ["2001:db8::123", "ntp.isp.example"] } });
        var told = await world.AskAsync(Dhcp6World.Relayed(world.Message(Dhcp6Type.InformationRequest, "", [], wants: [Dhcp6Code.DomainList, 56, 21]), new Hop("port a")));
        Assert.Equal("Reply", told.ToString());
        Assert.Equal("\u0003isp\u0007example\0"u8.ToArray(), told.Options[Dhcp6Code.DomainList]);
        Assert.Equal([0, 1, 0, 16, .. IPAddress.Parse("2001:db8::123").GetAddressBytes(), 0, 3, 0, 17, .. "\u0003ntp\u0003isp\u0007example\0"u8], told.Options[56]);
        Assert.False(told.Options.ContainsKey(Dhcp6Code.ClientId) || told.Options.ContainsKey(21));
    }

    public static TheoryData<Dhcp6Type, bool, bool, bool> MustBeDropped => new()
    {
        // kind, with a client's DUID, with a server's, and that is ours
        { Dhcp6Type.Solicit, false, false, false }, { Dhcp6Type.Solicit, true, true, true }, { Dhcp6Type.Request, true, false, false }, { Dhcp6Type.Request, true, true, false },
        { Dhcp6Type.Request, false, true, true }, { Dhcp6Type.Confirm, false, false, false }, { Dhcp6Type.Confirm, true, true, true }, { Dhcp6Type.Renew, true, false, false }, { Dhcp6Type.Renew, true, true, false },
        { Dhcp6Type.Rebind, false, false, false }, { Dhcp6Type.Rebind, true, true, true }, { Dhcp6Type.Decline, true, false, false }, { Dhcp6Type.Decline, true, true, false },
        { Dhcp6Type.Release, true, false, false }, { Dhcp6Type.Release, true, true, false }, { Dhcp6Type.InformationRequest, true, true, false }, { Dhcp6Type.InformationRequest, true, false, false },
        { Dhcp6Type.Advertise, true, true, true }, { Dhcp6Type.Reply, true, true, true }, { Dhcp6Type.Reconfigure, true, true, true }, { Dhcp6Type.RelayReply, true, true, true }, { (Dhcp6Type)99, true, false, false },
    };

    [Fact]
    public async Task Messages_that_their_kind_may_not_be_are_dropped()
    {
        await using var world = await Dhcp6World.OpenAsync();
        await world.BindAsync("a");
        foreach (var (type, hasClient, hasServer, isOurs) in MustBeDropped.Select(static row => row.Data))
        {
            var message = world.Message(type, hasClient ? "a" : "", Dhcp6World.Both, hasServer ? isOurs ? world.World.Get<LeaseKeeper>().Duid : Dhcp6World.Duid("other server") : null);
            await world.IsNotAnsweredAsync(Dhcp6World.Relayed(message, new Hop("port a")));
        }

        // Octets of any kind do no harm.
        var random = new Random(8415);
        for (var i = 0; i < 500; i++)
        {
            var message = Dhcp6World.Relayed(world.Message(Dhcp6Type.Request, "a", Dhcp6World.Both, world.World.Get<LeaseKeeper>().Duid), new Hop("no port"));
            for (var changes = random.Next(1, 6); changes > 0; changes--)
            {
                message[random.Next(message.Length)] = (byte)random.Next(256);
            }

            await world.SendAsync(message[..random.Next(1, message.Length + 1)]);
        }

        await world.IsNotAnsweredAsync([]);
        Assert.Equal(0, world.World.Get<Dhcp6Server>().Faults);
    }

    [Fact]
    public async Task A_line_is_told_by_its_relay_or_by_its_router()
    {
        await using var world = await Dhcp6World.OpenAsync();
        var line = world.Line("both") with { CircuitId = "port 7", RemoteId = "remote 7" };
        var named = world.Line("user") with { CircuitId = null, UserName = "kita@isp.example" };
        var router = world.Line("router") with { CircuitId = null, RemoteId = "duid:" + Convert.ToHexStringLower(Dhcp6World.Duid("r")) };
        var binary = world.Line("binary") with { CircuitId = "0x00ff", RemoteId = null };
        world.Set(line, named, router, binary, world.Line("probe"));
        async Task<string?> LineOfAsync(string client, params Hop[] hops)
        {
            var heard = await world.AskAsync(Dhcp6World.Relayed(world.Message(Dhcp6Type.Solicit, client, [Prefix], isRapid: true), hops));
            Assert.Equal(hops.Select(static hop => hop.Interface), heard.Interfaces);
            return world.Book.OfPart(heard.Prefix.Block)!.LineId;
        }

        Assert.Equal("ln_both", await LineOfAsync("x", new Hop("port 7", "remote 7")));
        Assert.Equal("ln_both", await LineOfAsync("x", new Hop("uplink 1"), new Hop("port 7", "remote 7")));
        Assert.Equal("ln_user", await LineOfAsync("x", new Hop(null, null, "kita@isp.example")));
        Assert.Equal("ln_router", await LineOfAsync("r", new Hop()));
        await world.IsNotAnsweredAsync(Dhcp6World.Relayed(world.Message(Dhcp6Type.Solicit, "r", [Prefix]), new Hop("another port")));
        await world.IsNotAnsweredAsync(Dhcp6World.Relayed(world.Message(Dhcp6Type.Solicit, "x", [Prefix]), new Hop("port 7")));
        Assert.Equal("0x00ff", RelayedPlace.Text([0, 0xFF]));

        // A client that plays the relay is not believed beyond those that are trusted.
        await world.IsNotAnsweredAsync(Dhcp6World.Relayed(world.Message(Dhcp6Type.Solicit, "x", [Prefix]), new Hop("uplink 1"), new Hop("port 9"), new Hop("port 7", "remote 7")));
        var told = Assert.Single(await world.EventsAsync(Dhcp6Events.UnknownClient), static each => each.Contains("another port", StringComparison.Ordinal));
        Assert.Contains("::1 another port", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_has_its_own_addresses_and_prefix_where_it_has_some()
    {
        await using var world = await Dhcp6World.OpenAsync();
        var own = world.Line("a") with { Addresses = new LineAddresses { V6 = IPAddress.Parse("2001:db8:7::7"), DelegatedPrefix = IPNetwork.Parse("2001:db8:700::/48"), DelegatedPool = "lines" } };
        var link = world.Line("b") with { Addresses = new LineAddresses { LinkPrefix = IPNetwork.Parse("2001:db8:8:8::/64") } };
        world.Set(own, link, world.Line("probe"));
        Assert.Equal("Reply na1 2001:db8:7::7/128 3600/7200 pd1 2001:db8:700::/48 3600/7200", (await world.BindAsync("a")).ToString());
        var inLink = (await world.BindAsync("b", asks: Address)).Address.Block;
        Assert.True(AddressBlock.Parse("2001:db8:8:8::/64").Contains(inLink));
        Assert.Equal("Reply Success", (await world.AskAsync(Dhcp6Type.Confirm, "b", [Address with { Named = [inLink] }])).ToString());

        // The line's record says another prefix: at the next Renew the router has that one, and the old one no more.
        world.Set(own with { Addresses = own.Addresses with { DelegatedPrefix = IPNetwork.Parse("2001:db8:710::/48") } }, link, world.Line("probe"));
        Assert.Equal("Reply pd1 2001:db8:710::/48 3600/7200 2001:db8:700::/48 0/0", (await world.AskAsync(Dhcp6Type.Renew, "a", [Prefix with { Named = [AddressBlock.Parse("2001:db8:700::/48")] }])).ToString());
        await world.LookAsync();
        Assert.Equal("2001:db8:700::/48", Assert.Single(await world.LeasesAsync("withdrawn")).Prefix);
    }

    [Fact]
    public async Task Who_changes_the_router_keeps_the_prefix()
    {
        await using var world = await Dhcp6World.OpenAsync();
        var old = await world.BindAsync("old", "a");
        var lease = world.Book.OfPart(old.Prefix.Block)!.Id;
        world.World.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(old.ToString(), (await world.BindAsync("new", "a")).ToString());
        Assert.Equal(lease, world.Book.OfPart(old.Prefix.Block)!.Id);
        Assert.Equal("Reply na1 NoBinding pd1 NoBinding", (await world.AskAsync(Dhcp6Type.Renew, "old", Dhcp6World.Named(old), line: "a")).ToString());

        // One router does not take from itself.
        Assert.Equal("Advertise pd1 2001:db8:100::/56 3600/7200 pd2 NoPrefixAvail", (await world.AskAsync(Dhcp6Type.Solicit, "new", [Prefix, Prefix with { Iaid = 2 }], line: "a")).ToString());
    }

    [Fact]
    public async Task Suspended_lines_get_nothing_or_the_walled_garden()
    {
        await using var world = await Dhcp6World.OpenAsync();
        var bound = await world.BindAsync("a");
        world.Set(world.Line("a") with { SuspendedFor = "non-payment" }, world.Line("probe"));
        Assert.Equal("Reply na1 2001:db8:1::/128 0/0 pd1 2001:db8:100::/56 0/0", (await world.AskAsync(Dhcp6Type.Renew, "a", Dhcp6World.Named(bound))).ToString());
        Assert.Equal("Advertise na1 NoAddrsAvail pd1 NoPrefixAvail", (await world.AskAsync(Dhcp6Type.Solicit, "a", Dhcp6World.Both, isRapid: true)).ToString());
        Assert.Equal("Reply na1 NoAddrsAvail pd1 NoPrefixAvail", (await world.AskAsync(Dhcp6Type.Request, "a", Dhcp6World.Both)).ToString());
        Assert.Contains("suspended", Assert.Single(await world.EventsAsync(Dhcp6Events.Refused)), StringComparison.Ordinal);

        await using var garden = await Dhcp6World.OpenAsync(static options => options with
        {
            WalledGardenDnsServers = ["2001:db8::bad"], Default = options.Default with { DnsServers = ["2001:db8::53"], AftrName = "aftr.isp.example" },
        });
        garden.Set(garden.Line("a") with { SuspendedFor = "non-payment" }, garden.Line("probe"));
        var walled = await garden.AskAsync(Dhcp6Type.Solicit, "a", Dhcp6World.Both, isRapid: true, wants: [Dhcp6Code.DnsServers, Dhcp6Code.AftrName]);
        Assert.Equal("Reply na1 2001:db8:1::/128 300/300 pd1 2001:db8:100::/56 300/300", walled.ToString());
        Assert.Equal(IPAddress.Parse("2001:db8::bad").GetAddressBytes(), walled.Options[Dhcp6Code.DnsServers]);
        Assert.True(walled.Options.ContainsKey(Dhcp6Code.AftrName));
        garden.Set(garden.Line("a"), garden.Line("probe"));
        var free = await garden.AskAsync(Dhcp6Type.Renew, "a", Dhcp6World.Named(walled), wants: [Dhcp6Code.DnsServers]);
        Assert.Equal("Reply na1 2001:db8:1::/128 3600/7200 pd1 2001:db8:100::/56 3600/7200", free.ToString());
        Assert.Equal(IPAddress.Parse("2001:db8::53").GetAddressBytes(), free.Options[Dhcp6Code.DnsServers]);
    }

    [Fact]
    public async Task Relays_that_are_none_of_ours_are_told_and_not_answered()
    {
        await using var world = await Dhcp6World.OpenAsync(static options => options with { Relays = [] });
        await world.SendAsync(Dhcp6World.Relayed(world.Message(Dhcp6Type.Solicit, "a", Dhcp6World.Both), new Hop("port a")));

        // Nor are clients that send to the relays' address without one.
        await world.SendAsync(world.Message(Dhcp6Type.Solicit, "a", Dhcp6World.Both));
        IReadOnlyList<string> told = [];
        for (var tries = 0; tries < 500 && told.Count == 0; tries++)
        {
            told = await world.EventsAsync(Dhcp6Events.UnknownRelay);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }

        Assert.Contains("::1", Assert.Single(told), StringComparison.Ordinal);

        // An access server is a relay.
        var builder = new LineSnapshotBuilder(world.World.Snapshot) { Version = 9 };
        builder.Set(new Nas { NasId = "na_1", Name = "bras", Sources = [new IPNetwork(IPAddress.IPv6Loopback, 128)], Secret = new byte[] { 1 } });
        world.World.Get<LineSnapshotHolder>().Set(builder.Build());
        Assert.Equal(Dhcp6Type.Advertise, (await world.AskAsync(Dhcp6Type.Solicit, "a", Dhcp6World.Both)).Type);
    }

    [Fact]
    public async Task The_duid_of_the_server_is_the_same_after_a_restart_and_another_on_another_node()
    {
        await using var world = await Dhcp6World.OpenAsync();
        var duid = world.World.Get<LeaseKeeper>().Duid!;
        Assert.Equal(18, duid.Length);
        await using var beside = await world.BesideAsync();
        Assert.NotEqual(duid, beside.World.Get<LeaseKeeper>().Duid);
        await using var again = await world.AgainAsync();
        Assert.Equal(duid, again.World.Get<LeaseKeeper>().Duid);
    }
}
