using Tsunagi.Connectivity;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Dhcp;
using Tsunagi.Connectivity.Dhcp6;
using Tsunagi.Connectivity.Leases;
using Tsunagi.Core.Disk;
using Tsunagi.Protocols.Net.Dhcp;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.CrashDisks;

namespace Tsunagi.Tests.Connectivity.Dhcp;

/// <summary>Each limit at its value and one past it, and what configuration may not say.</summary>
public sealed class Limits_of_the_server
{
    private static readonly Ask Prefix = new(Dhcp6Code.IaPd);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Leases_at_the_same_time()
    {
        await using var world = await Dhcp6World.OpenAsync(static options => options with { MostLeases = 3 });
        await world.BindAsync("a");
        Assert.Equal("Reply na1 2001:db8:1::1/128 3600/7200 pd1 NoPrefixAvail", (await world.AskAsync(Dhcp6Type.Request, "b", Dhcp6World.Both)).ToString());
        Assert.Contains("BookFull", Assert.Single(await world.EventsAsync(Dhcp6Events.Refused)), StringComparison.Ordinal);
        Assert.Equal(3, world.Book.Bound);
    }

    [Fact]
    public async Task Clients_of_a_line_at_the_same_time()
    {
        await using var world = await Dhcp6World.OpenAsync(static options => options with { MostPerLine = 2 });
        var one = (await world.BindAsync("one", "a", Prefix)).Prefix.Block;
        world.World.Time.Advance(TimeSpan.FromSeconds(1));
        var two = (await world.BindAsync("two", "a", Prefix)).Prefix.Block;
        Assert.NotEqual(one, two);
        world.World.Time.Advance(TimeSpan.FromSeconds(1));
        await world.AskAsync(Dhcp6Type.Renew, "one", [Prefix with { Named = [one] }], line: "a");
        world.World.Time.Advance(TimeSpan.FromSeconds(1));

        // The third takes over what was heard longest ago.
        Assert.Equal(two, (await world.BindAsync("three", "a", Prefix)).Prefix.Block);
        Assert.Equal(2, world.Book.OfLine("ln_a").Count);
    }

    [Fact]
    public async Task Messages_of_a_line_in_a_minute()
    {
        await using var world = await Dhcp6World.OpenAsync(static options => options with { MessagesPerMinute = 3 });
        for (var i = 0; i < 3; i++)
        {
            await world.AskAsync(Dhcp6Type.Solicit, "a", [Prefix]);
        }

        await world.IsNotAnsweredAsync(Dhcp6Type.Solicit, "a", [Prefix]);
        await world.IsNotAnsweredAsync(Dhcp6Type.Solicit, "a", [Prefix]);
        Assert.Contains("ln_a", Assert.Single(await world.EventsAsync(Dhcp6Events.Flooded)), StringComparison.Ordinal);
        Assert.Equal(Dhcp6Type.Advertise, (await world.AskAsync(Dhcp6Type.Solicit, "b", [Prefix])).Type);
        world.World.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(Dhcp6Type.Advertise, (await world.AskAsync(Dhcp6Type.Solicit, "a", [Prefix])).Type);
    }

    [Fact]
    public async Task Associations_and_relays_of_a_message()
    {
        await using var world = await Dhcp6World.OpenAsync(static options => options with { MostAssociations = 3, TrustedRelays = 32 });
        Ask[] Of(int count) => [.. Enumerable.Range(1, count).Select(static iaid => new Ask(Dhcp6Code.IaTa, (uint)iaid))];
        Assert.Equal(3, (await world.AskAsync(Dhcp6Type.Solicit, "a", Of(3))).Associations.Count);
        await world.IsNotAnsweredAsync(Dhcp6Type.Solicit, "a", Of(4));

        Hop[] Through(int relays) => [.. Enumerable.Repeat(new Hop("uplink"), relays - 1), new Hop("port a")];
        Assert.Equal(8, (await world.AskAsync(Dhcp6World.Relayed(world.Message(Dhcp6Type.Solicit, "a", [Prefix]), Through(8)))).Interfaces.Count);
        await world.IsNotAnsweredAsync(Dhcp6World.Relayed(world.Message(Dhcp6Type.Solicit, "a", [Prefix]), Through(9)));
    }

    [Fact]
    public async Task Relays_that_are_believed()
    {
        await using var world = await Dhcp6World.OpenAsync(static options => options with { TrustedRelays = 3 });
        Hop[] Through(int relays) => [.. Enumerable.Repeat(new Hop("uplink"), relays - 1), new Hop("port a")];
        Assert.Equal(3, (await world.AskAsync(Dhcp6World.Relayed(world.Message(Dhcp6Type.Solicit, "a", [Prefix]), Through(3)))).Interfaces.Count);
        await world.IsNotAnsweredAsync(Dhcp6World.Relayed(world.Message(Dhcp6Type.Solicit, "a", [Prefix]), Through(4)));
    }

    [Fact]
    public async Task Leases_that_wait_for_the_disk()
    {
        var held = new HeldDisk(new RealDisk());
        await using var world = await Dhcp6World.OpenAsync(static options => options with { MostInFlight = 2 }, disk: held);
        held.Hold();
        await world.SendAsync(Dhcp6World.Relayed(world.Message(Dhcp6Type.Request, "a", [Prefix], world.World.Get<LeaseKeeper>().Duid), new Hop("port a")));
        await world.SendAsync(Dhcp6World.Relayed(world.Message(Dhcp6Type.Request, "b", [Prefix], world.World.Get<LeaseKeeper>().Duid), new Hop("port b")));
        await held.HoldsOneAsync();

        // One more is not written; who asks for nothing new is answered meanwhile, and nobody of the two before the disk has theirs.
        await world.IsNotAnsweredAsync(Dhcp6Type.Request, "c", [Prefix]);
        held.LetGo();
        await world.HearAsync();
        await world.HearAsync();
        Assert.Equal("Reply pd1", (await world.AskAsync(Dhcp6Type.Request, "c", [Prefix])).ToString()[..9]);
    }

    [Fact]
    public async Task Strangers_that_are_told_in_an_hour_and_the_same_one_in_a_while()
    {
        var time = new ManualTime();
        var notes = new Dhcp6Notes(new Dhcp6ServerOptions { StrangersToldPerHour = 2 }, time);
        void Note(string who, bool isStranger = true) => notes.Note(Dhcp6Events.UnknownClient, who, null, new() { ["duid"] = who }, isStranger);
        Note("a");
        Note("a");
        Note("b");
        Note("c");
        Note("line", isStranger: false);
        Assert.Equal(["a", "b", "line"], notes.Take(100).Select(static told => told.Subject).Order(StringComparer.Ordinal));
        Assert.Empty(notes.Take(100));
        Note("a");
        Assert.Empty(notes.Take(100));
        time.Advance(TimeSpan.FromHours(1));
        var later = notes.Take(100);
        Assert.Equal(["a", "c"], later.Select(static told => told.Subject).Order(StringComparer.Ordinal));
        Assert.Contains("\"count\":1", later[0].Facts, StringComparison.Ordinal);
        await Task.CompletedTask;
    }

    [Fact]
    public void Counts_of_who_comes_are_bounded()
    {
        var time = new ManualTime();
        var limit = new MessageLimit(time, 1, TimeSpan.FromMinutes(1), mostKept: 2);
        Assert.True(limit.MayCome("a", out _));
        Assert.False(limit.MayCome("a", out var isFirst));
        Assert.True(isFirst);
        Assert.True(limit.MayCome("b", out _));
        Assert.True(limit.MayCome("c", out _));
        Assert.True(limit.MayCome("a", out _));
    }

    public static TheoryData<Dhcp6PoolOption, string> WrongPools => new()
    {
        { new Dhcp6PoolOption { Name = "p", PreferredLifetime = TimeSpan.FromHours(2), ValidLifetime = TimeSpan.FromHours(1) }, "validLifetime" },
        { new Dhcp6PoolOption { Name = "p", DnsServers = ["192.0.2.1"] }, "192.0.2.1" },
        { new Dhcp6PoolOption { Name = "p", Domains = [""] }, "domain name" },
        { new Dhcp6PoolOption { Name = "p", AftrName = ".." }, "aftrName" },
        { new Dhcp6PoolOption { Name = "p", Softwires = [new SoftwireOption { Kind = SoftwireKind.MapE }] }, "rules and border relays" },
        { new Dhcp6PoolOption { Name = "p", Softwires = [new SoftwireOption { Kind = SoftwireKind.Lw4o6 }] }, "border relays" },
        { new Dhcp6PoolOption { Name = "p", Softwires = [new SoftwireOption { Kind = SoftwireKind.MapT, Rules = [new MappingRuleOption { Ipv4Prefix = "192.0.2.0/24", Ipv6Prefix = "nonsense" }] }] }, "nonsense" },
        { new Dhcp6PoolOption(), "no name" },
    };

    [Fact]
    public void Configuration_that_cannot_be_told_is_refused_by_name()
    {
        foreach (var (pool, says) in WrongPools.Select(static row => row.Data))
        {
            Assert.Contains(says, Assert.Throws<InvalidOperationException>(() => new PoolAnswers(new Dhcp6ServerOptions { Pools = [pool] })).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Softwires_are_told_as_their_format_has_them()
    {
        var rule = new MappingRuleOption { EaLength = 16, Ipv4Prefix = "192.0.2.0/24", Ipv6Prefix = "2001:db8:4000::/40", IsForwarding = true, Ports = new PortSetOption { Offset = 4, PsidLength = 8, Psid = 0x12 } };
        var answers = new PoolAnswers(new Dhcp6ServerOptions
        {
            Default = new Dhcp6PoolOption
            {
                Softwires =
                [
                    new SoftwireOption { Kind = SoftwireKind.MapE, Rules = [rule], BorderRelays = ["2001:db8::1"] },
                    new SoftwireOption { Kind = SoftwireKind.MapT, Rules = [rule], DefaultMappingRule = "2001:db8:ffff::/64" },
                    new SoftwireOption { Kind = SoftwireKind.Lw4o6, BorderRelays = ["2001:db8::2"], Ipv4Address = "203.0.113.9", BindPrefix = "2001:db8:5000::/56", Ports = new PortSetOption { PsidLength = 6, Psid = 3 } },
                ],
            },
        });
        var buffer = new byte[2_048];
        var writer = new Dhcp6Writer(buffer, Dhcp6Type.Reply, 1);
        foreach (var (code, value) in answers.Default.Options.OrderBy(static each => each.Key))
        {
            writer.Add(code, value);
        }

        Assert.True(writer.TryFinish(out var length));
        Assert.True(DhcpDecoder.TryDecode(DhcpProtocol.Dhcp6, buffer.AsSpan(0, length), null, out var message, out _));
        Assert.Empty(message!.Problems);
        Assert.Equal([94, 95, 96], message.Options.Select(static option => (int)option.Code));
        var shown = string.Join('\n', message.Options);
        foreach (var part in (string[])["192.0.2.0/24", "2001:db8:4000::/40", "2001:db8::1", "2001:db8:ffff::/64", "203.0.113.9", "2001:db8:5000::/56", "2001:db8::2"])
        {
            Assert.Contains(part, shown, StringComparison.Ordinal);
        }

        Assert.True(DhcpEncoder.TryEncode(message, out var octets));
        Assert.Equal(buffer[..length], octets);
    }

    [Fact]
    public void A_lease_is_read_from_the_log_as_it_was_written()
    {
        var lease = new Lease
        {
            Id = "dl_1", LineId = "ln_1", TenantId = "t_1", TenantPath = "t/1/", SubscriptionId = "s_1", Duid = "0001", Iaid = uint.MaxValue, Kind = LeaseKind.Prefix, Prefix = AddressBlock.Parse("2001:db8::/56"),
            Part = AddressBlock.Parse("2001:db8::/48"), Pool = "プール", VrfId = "global", Owner = "node-1", Node = "node-2", SinceAt = 1, HeardAt = 2, ValidUntil = 3, ChangedAt = 4, State = LeaseState.Declined, EndedAt = 5, FreeAt = 6,
            Relay = "2001:db8::1 port 7", Hardware = "0200", NextHop = "fe80::1%port7",
        };
        var octets = LeaseRecord.Write(LeaseStep.Ended, lease);
        Assert.True(LeaseRecord.TryRead(octets, out var step, out var read));
        Assert.Equal((LeaseStep.Ended, lease), (step, read));
        Assert.Equal(lease, LeaseRow.Of(lease, 7).ToLease());
        for (var length = 0; length < octets.Length; length++)
        {
            Assert.False(LeaseRecord.TryRead(octets.AsSpan(0, length), out _, out _));
        }

        // What the version before wrote has no next hop.
        octets[0] = 1;
        Assert.True(LeaseRecord.TryRead(octets.AsSpan(0, octets.Length - 2 - lease.NextHop.Length), out _, out var old));
        Assert.Equal(lease with { NextHop = "" }, old);
        octets[0] = 3;
        Assert.False(LeaseRecord.TryRead(octets, out _, out _));
    }

    [Fact]
    public void An_answer_that_is_too_long_is_none()
    {
        Assert.True(Dhcp6Message.TryParse(new byte[] { 1, 0, 0, 1, 0, 1, 0, 4, 0, 2, 0, 1 }, null, out var message, out _));
        Assert.True(ClientMessage.TryRead(message, [0, 4], 1, out var client, out _));
        var answer = new Answer(Dhcp6Type.Advertise);
        answer.Associations.Add(new AnsweredAssociation(LeaseKind.Prefix, 1, [new AnsweredPart(AddressBlock.Parse("2001:db8::/56"), 1, 2)]));
        var length = answer.Write(client, [0, 4], 0, [], new byte[200], new byte[200]);
        Assert.Equal(length, answer.Write(client, [0, 4], 0, [], new byte[length], new byte[length]));
        Assert.Equal(0, answer.Write(client, [0, 4], 0, [], new byte[length - 1], new byte[length - 1]));
    }
}
