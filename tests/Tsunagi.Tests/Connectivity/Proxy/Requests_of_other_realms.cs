using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tsunagi.Connectivity.Proxy;
using Tsunagi.Protocols.Net.Radius;
using Tsunagi.Tests.Connectivity.Radius;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Connectivity.Proxy;

public class Requests_of_other_realms
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reach_the_home_server_with_the_password_hidden_anew_and_our_proxy_state_last()
    {
        await using var world = await ProxyWorld.OpenAsync();
        var request = world.Radius.Access((ref writer) =>
        {
            Name(ref writer, "joe@ISP.example");
            Span<byte> hidden = stackalloc byte[128];
            writer.Add(RadiusType.UserPassword, hidden[..world.Radius.Shared.HidePassword("a password of more than sixteen octets"u8, writer.Authenticator, hidden)]);
            writer.Add(RadiusType.ProxyState, "first"u8);
            writer.Add(RadiusType.NasPortId, "port 7");
            writer.Add(RadiusType.ProxyState, "second"u8);
        });
        world.Homes[0].Answers = static asked => [FakeHomeServer.Answer(asked, static (ref writer) => writer.Add(RadiusType.SessionTimeout, 60))];
        Assert.Equal("AccessAccept: Session-Timeout = 60, Proxy-State = 0x6669727374, Proxy-State = 0x7365636f6e64", await world.AccessAsync(request));

        var sent = Assert.Single(world.Homes[0].Requests);
        Assert.True(RadiusPacket.TryParse(sent, null, out var packet, out _));
        Assert.Equal(RadiusPacket.HeaderOctets, packet.MessageAuthenticatorAt);
        Assert.True(FakeHomeServer.Shared.VerifyMessageAuthenticator(packet));
        Assert.False(packet.Authenticator.SequenceEqual(request.AsSpan(4, 16)));
        var shown = RadiusDecoder.Decode(packet, RadiusDictionary.Standard, FakeHomeServer.Shared, packet.Authenticator.ToArray()).Select(static pair => pair.ToString()).Skip(1).ToList();
        Assert.Equal(
            ["User-Name = \"joe@ISP.example\"", "User-Password = \"a password of more than sixteen octets\"", "Proxy-State = 0x6669727374", "NAS-Port-Id = \"port 7\"", "Proxy-State = 0x7365636f6e64"],
            shown[..^1]);
        Assert.StartsWith("Proxy-State = 0x", shown[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task By_chap_say_their_challenge_where_it_was_the_authenticator()
    {
        await using var world = await ProxyWorld.OpenAsync(realm: static realm => realm with { Strip = true });
        var request = world.Radius.Access(static (ref writer) =>
        {
            Name(ref writer, "joe@isp.example");
            Span<byte> chap = stackalloc byte[Chap.PasswordOctets];
            Chap.Answer(5, "secret"u8, writer.Authenticator, chap);
            writer.Add(RadiusType.ChapPassword, chap);
        });
        Assert.Equal("AccessAccept: ", await world.AccessAsync(request));
        Assert.True(RadiusPacket.TryParse(Assert.Single(world.Homes[0].Requests), null, out var packet, out _));
        Assert.True(packet.TryFind(RadiusType.ChapChallenge, out ReadOnlySpan<byte> challenge) & packet.TryFind(RadiusType.ChapPassword, out ReadOnlySpan<byte> proof));
        Assert.True(Chap.Verify(proof, "secret"u8, challenge));
        Assert.True(packet.TryFind(RadiusType.UserName, out ReadOnlySpan<byte> name));
        Assert.Equal("joe", Encoding.ASCII.GetString(name));
    }

    [Fact]
    public async Task Are_answered_with_what_the_realm_allows_and_keys_hidden_anew()
    {
        await using var world = await ProxyWorld.OpenAsync(realm: static realm => realm with { Allow = ["Framed-IP-Address", "Mikrotik"], Deny = ["Idle-Timeout"], Reply = ["Framed-Pool=guests"] });
        world.Homes[0].Answers = static asked =>
        [
            FakeHomeServer.Answer(asked, (ref writer) =>
            {
                writer.Add(RadiusType.UserName, "joe@isp.example");
                writer.Add(RadiusType.ServiceType, 2);
                writer.Add(RadiusType.ServiceType, 6);
                writer.Add(RadiusType.FramedIpAddress, IPAddress.Parse("192.0.2.7"));
                writer.Add(RadiusType.FramedRoute, "0.0.0.0/0 192.0.2.7 1");
                writer.Add(RadiusType.FilterId, "none");
                writer.Add(RadiusType.IdleTimeout, 1);
                writer.Add(RadiusType.Class, "theirs"u8);
                writer.Add(RadiusType.Class, "ts1:ln_other"u8);
                writer.AddVendor(14988, 8, "1M/1M"u8);
                writer.AddVendor(9, 1, "shell:priv-lvl=15"u8);
                Span<byte> key = stackalloc byte[64];
                var length = FakeHomeServer.Shared.HideSalted("a key of 16 octs"u8, 0x8123, asked.AsSpan(4, 16), key);
                writer.AddVendor(311, 16, key[..length]);
            }),
        ];
        Assert.Equal(
            "AccessAccept: User-Name = \"joe@isp.example\", Service-Type = Framed-User, Framed-IP-Address = 192.0.2.7, Mikrotik-Rate-Limit = \"1M/1M\", MS-MPPE-Send-Key = 0x61206b6579206f66203136206f637473, Framed-Pool = \"guests\"",
            await world.AccessAsync(world.Radius.Pap("joe@isp.example", "secret")));

        // A name of ours would have the session accounted as ours.
        world.Homes[0].Answers = static asked => [FakeHomeServer.Answer(asked, static (ref writer) => writer.Add(RadiusType.UserName, "joe"), RadiusCode.AccessReject)];
        Assert.Equal("AccessReject: ", await world.AccessAsync(world.Radius.Pap("joe@isp.example", "secret", identifier: 2)));
        world.Homes[0].Answers = static asked => [FakeHomeServer.Answer(asked, static (ref writer) => writer.Add(RadiusType.State, "more"u8), RadiusCode.AccessChallenge)];
        Assert.Equal("AccessChallenge: State = 0x6d6f7265", await world.AccessAsync(world.Radius.Pap("joe@isp.example", "secret", identifier: 3)));
    }

    [Fact]
    public async Task That_come_again_are_passed_on_as_they_are_and_answered_from_the_cache_when_they_were()
    {
        await using var world = await ProxyWorld.OpenAsync();
        world.Homes[0].Answers = asked => world.Homes[0].Requests.Count < 2 ? [] : [FakeHomeServer.Answer(asked)];
        var request = world.Radius.Pap("joe@isp.example", "secret");
        using var nas = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await nas.SendAsync(request, world.Radius.AuthenticatesAt, Cancel);
        await Eventually.HoldsAsync(() => world.Homes[0].Requests.Count == 1);
        await nas.SendAsync(request, world.Radius.AuthenticatesAt, Cancel);
        var first = (await nas.ReceiveAsync(Cancel)).Buffer;
        Assert.Equal("AccessAccept: ", world.Radius.Show(first, request));
        await nas.SendAsync(request, world.Radius.AuthenticatesAt, Cancel);
        Assert.Equal(first, (await nas.ReceiveAsync(Cancel)).Buffer);
        var sent = world.Homes[0].Requests.ToArray();
        Assert.Equal(2, sent.Length);
        Assert.Equal(sent[0], sent[1]);
    }

    [Fact]
    public async Task Of_an_old_home_server_may_come_unsigned_where_an_operator_says_so_and_never_signed_wrong()
    {
        await using var world = await ProxyWorld.OpenAsync(proxy: static options => options with { Servers = [options.Servers[0] with { MessageAuthenticator = false }] });
        world.Homes[0].Answers = static asked =>
        [
            FakeHomeServer.Answer(asked, isSigned: false, secret: new RadiusSecret("another"u8)), WronglySigned(asked), FakeHomeServer.Answer(asked, static (ref writer) => writer.Add(RadiusType.ReplyMessage, "old"), isSigned: false),
        ];
        Assert.Equal("AccessAccept: Reply-Message = \"old\"", await world.AccessAsync(world.Radius.Pap("joe@isp.example", "secret")));
        Assert.Equal(2, world.Proxy.Servers.Single().Access!.Forged);

        // Right in its authenticator, wrong in its Message-Authenticator.
        static byte[] WronglySigned(byte[] asked) => FakeHomeServer.Answer(asked, static (ref writer) => writer.Add(RadiusType.MessageAuthenticator, new byte[16]), isSigned: false);
    }

    [Fact]
    public async Task With_eap_are_never_answered_unsigned_whatever_an_operator_says()
    {
        await using var world = await ProxyWorld.OpenAsync(proxy: static options => options with { Servers = [options.Servers[0] with { MessageAuthenticator = false }] });
        world.Homes[0].Answers = static asked => [FakeHomeServer.Answer(asked, isSigned: false), FakeHomeServer.Answer(asked, static (ref writer) => writer.Add(RadiusType.ReplyMessage, "signed"))];
        var request = world.Radius.Access(static (ref writer) =>
        {
            Name(ref writer, "joe@isp.example");
            writer.Add(RadiusType.EapMessage, [2, 1, 0, 5, 1]);
        });
        Assert.Equal("AccessAccept: Reply-Message = \"signed\"", await world.AccessAsync(request));
        Assert.Equal(1, world.Proxy.Servers.Single().Access!.Forged);

        // Nor may what was no EAP become it.
        world.Homes[0].Answers = static asked => [FakeHomeServer.Answer(asked, static (ref writer) => writer.Add(RadiusType.EapMessage, [3, 1, 0, 4]), isSigned: false), FakeHomeServer.Answer(asked, isSigned: false)];
        Assert.Equal("AccessAccept: ", await world.AccessAsync(world.Radius.Pap("joe@isp.example", "secret", identifier: 2)));
        Assert.Equal(2, world.Proxy.Servers.Single().Access!.Forged);
    }

    [Fact]
    public async Task Of_hostile_home_servers_are_answered_only_by_what_is_authentic()
    {
        await using var world = await ProxyWorld.OpenAsync();
        var forger = new RadiusSecret("another"u8);
        world.Homes[0].Answers = asked =>
        [
            FakeHomeServer.Answer(asked, secret: forger),
            FakeHomeServer.Answer(asked, isSigned: false),
            FakeHomeServer.Answer(asked, code: RadiusCode.AccountingResponse),
            [.. FakeHomeServer.Answer(asked)[..^1]],
            [.. FakeHomeServer.Answer(asked, static (ref writer) => writer.Add(RadiusType.ReplyMessage, "x"))[..25]],
            TooLong(asked),
            [2, asked[1], 0, 3],
            FakeHomeServer.Answer([asked[0], (byte)(asked[1] + 1), .. asked[2..]]),
            FakeHomeServer.Answer(asked, static (ref writer) =>
            {
                writer.Add(RadiusType.ProxyState, "extra"u8);
                writer.Add(RadiusType.ReplyMessage, "right");
            }),
        ];
        Assert.Equal("AccessAccept: Reply-Message = \"right\"", await world.AccessAsync(world.Radius.Pap("joe@isp.example", "secret")));
        Assert.Equal(7, world.Proxy.Servers.Single().Access!.Forged);

        // Without any of our Proxy-States it is right all the same: what it answers is told by identifier and authenticator.
        world.Homes[0].Answers = static asked => [FakeHomeServer.Answer(asked, hasStates: false)];
        Assert.Equal("AccessAccept: ", await world.AccessAsync(world.Radius.Pap("joe@isp.example", "secret", identifier: 2)));

        // What fills a packet leaves no room for the access server's own Proxy-States: no answer, and none cut short.
        world.Homes[0].Answers = static asked => [FakeHomeServer.Answer(asked, static (ref writer) =>
        {
            for (var i = 0; i < 15; i++)
            {
                writer.Add(RadiusType.ReplyMessage, new string('a', 253));
            }
        }, hasStates: false)];
        var full = world.Radius.Access(static (ref writer) =>
        {
            Name(ref writer, "joe@isp.example");
            writer.Add(RadiusType.ProxyState, new byte[250]);
        });
        Assert.Null(await world.Radius.AskAsync(world.Radius.AuthenticatesAt, full, seconds: 0.3));
    }

    [Fact]
    public async Task Of_an_own_proxy_in_a_circle_end_here()
    {
        await using var world = await ProxyWorld.OpenAsync();
        Assert.Equal("AccessAccept: ", await world.AccessAsync(world.Radius.Pap("joe@isp.example", "secret")));
        Assert.True(RadiusPacket.TryParse(world.Homes[0].Requests.Single(), null, out var sent, out _));
        Assert.True(sent.TryFind(RadiusType.ProxyState, out ReadOnlySpan<byte> found));
        var mark = found.ToArray();
        var back = world.Radius.Access((ref writer) =>
        {
            Name(ref writer, "joe@isp.example");
            writer.Add(RadiusType.ProxyState, mark);
        });
        Assert.Null(await world.Radius.AskAsync(world.Radius.AuthenticatesAt, back, seconds: 0.3));
        Assert.Single(world.Homes[0].Requests);
    }

    [Fact]
    public async Task Go_to_the_next_home_server_while_the_first_is_silent_which_dies_and_comes_back()
    {
        await using var world = await ProxyWorld.OpenAsync(homes: 2);
        await world.LearnStatusAsync();
        world.Homes[0].IsUp = false;
        var lane = world.Proxy.Realms[0].Servers[0].Access!;
        Assert.Equal("AccessAccept: ", await world.AccessAsync(world.Radius.Pap("joe@isp.example", "secret")));
        Assert.Single(world.Homes[1].Requests);
        Assert.NotEqual(HomeState.Answering, lane.State);

        // Others are asked first from now on; three Status-Servers unanswered, and it is dead.
        Assert.NotNull(await world.Radius.AskAsync(world.Radius.AuthenticatesAt, world.Radius.Pap("joe@isp.example", "secret", identifier: 2)));
        await Eventually.HoldsAsync(() =>
        {
            world.Pass(TimeSpan.FromSeconds(1));
            return lane.State == HomeState.Dead;
        });
        world.Homes[0].IsUp = true;
        await Eventually.HoldsAsync(() =>
        {
            world.Pass(TimeSpan.FromSeconds(1));
            return lane.State == HomeState.Answering;
        });
        Assert.True(world.Homes[0].Asked >= 3);
        Assert.Equal([true, false], world.Proxy.TakeChanges().Select(static change => change.IsDead));
        Assert.Equal("AccessAccept: ", await world.AccessAsync(world.Radius.Pap("joe@isp.example", "secret", identifier: 3)));
        Assert.Single(world.Homes[0].Requests);
    }

    [Fact]
    public async Task Are_not_answered_when_all_home_servers_are_dead_and_operators_are_told()
    {
        await using var world = await ProxyWorld.OpenAsync();
        await world.LearnStatusAsync();
        world.Homes[0].IsUp = false;
        Assert.Null(await world.WithTimeAsync(world.Radius.AskAsync(world.Radius.AuthenticatesAt, world.Radius.Pap("joe@isp.example", "secret"), seconds: 1)));
        await Eventually.HoldsAsync(() =>
        {
            world.Pass(TimeSpan.FromSeconds(1));
            return world.Proxy.Servers.Single().Access!.State == HomeState.Dead;
        });

        // At once: nothing is waited for, and nobody is rejected.
        var sent = world.Proxy.Servers.Single().Access!.Sent;
        Assert.Null(await world.Radius.AskAsync(world.Radius.AuthenticatesAt, world.Radius.Pap("joe@isp.example", "secret", identifier: 2), seconds: 0.3));
        Assert.Equal(sent, world.Proxy.Servers.Single().Access!.Sent);
        await world.Radius.World.Get<ProxyWatch>().LookAsync(Cancel);
        Assert.Equal(1, await world.Radius.World.Stores.Control.ReadAsync(
            static reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM outbox WHERE event LIKE '%connectivity.home-server.dead%'"), Cancel));
    }

    [Fact]
    public async Task Are_bounded_in_how_many_wait_and_have_as_many_identifiers_as_sockets()
    {
        await using var world = await ProxyWorld.OpenAsync(proxy: static options => options with { MostSockets = 2, MostInFlight = 600 });
        world.Homes[0].Answers = static _ => [];
        var lane = world.Proxy.Servers.Single().Access!;
        WriteRequest write = (identifier, buffer) =>
        {
            world.Radius.Pap("joe@isp.example", "secret", identifier: identifier).CopyTo(buffer);
            return 60;
        };
        var asked = Enumerable.Range(0, 512).Select(_ => lane.AskAsync(write, null, Cancel)).ToList();
        Assert.Equal((512, 512L), (lane.InFlight, lane.Sent));
        Assert.Null(await lane.AskAsync(write, null, Cancel));
        Assert.Equal(512, lane.Sent);
        world.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.All(await Task.WhenAll(asked), static answer => Assert.Null(answer));
        await Eventually.HoldsAsync(() => lane.InFlight <= 1);

        await using var narrow = await ProxyWorld.OpenAsync(proxy: static options => options with { MostInFlight = 1 });
        narrow.Homes[0].Answers = static _ => [];
        var first = narrow.Radius.AskAsync(narrow.Radius.AuthenticatesAt, narrow.Radius.Pap("joe@isp.example", "secret"), seconds: 1);
        await Eventually.HoldsAsync(() => narrow.Homes[0].Requests.Count == 1);
        Assert.Null(await narrow.Radius.AskAsync(narrow.Radius.AuthenticatesAt, narrow.Radius.Pap("joe@isp.example", "secret", identifier: 2), seconds: 0.3));
        Assert.Single(narrow.Homes[0].Requests);
        await first;
    }

    [Fact]
    public async Task Are_spread_by_user_and_a_user_stays_where_it_is()
    {
        await using var world = await ProxyWorld.OpenAsync(homes: 3, realm: static realm => realm with { Balanced = true });
        var places = new Dictionary<string, int>();
        for (var i = 0; i < 60; i++)
        {
            var user = $"u{i % 30}@isp.example";
            var before = world.Homes.Select(static home => home.Requests.Count).ToList();
            Assert.Equal("AccessAccept: ", await world.AccessAsync(world.Radius.Pap(user, "secret", identifier: (byte)i)));
            var place = world.Homes.Select((home, at) => home.Requests.Count > before[at] ? at : -1).Max();
            Assert.Equal(place, places.TryAdd(user, place) ? place : places[user]);
        }

        Assert.Equal([0, 1, 2], places.Values.Distinct().Order());
    }

    [Fact]
    public async Task Are_accounted_when_the_home_server_has_acknowledged_and_not_before()
    {
        await using var world = await ProxyWorld.OpenAsync();
        world.Radius.Set(world.Radius.Line("joe", "secret"));
        world.Homes[0].IsUp = false;
        Assert.Null(await world.AccountAsync(world.Radius.Accounting(1, "s1", user: "joe@isp.example"), 1));
        world.Homes[0].IsUp = true;
        await Eventually.HoldsAsync(() =>
        {
            world.Pass(TimeSpan.FromSeconds(1));
            return world.Proxy.Servers.Single().Account!.State == HomeState.Answering;
        });
        Assert.NotNull(await world.AccountAsync(world.Radius.Accounting(1, "s1", user: "joe@isp.example", identifier: 2)));
        Assert.True(RadiusPacket.TryParse(world.Homes[0].Requests.Single(), null, out var packet, out _));
        Assert.True(FakeHomeServer.Shared.VerifyRequest(packet));

        // Our own log has it too, as nobody's line: who used an address is asked of us.
        await world.Radius.ProjectAsync();
        var session = Assert.Single(await world.Radius.SessionsAsync());
        Assert.Equal(("joe@isp.example", ""), (session.UserName, session.LineId));
    }

    [Fact]
    public async Task That_fail_on_their_way_are_no_fault_of_the_accounting_log()
    {
        await using var world = await ProxyWorld.OpenAsync(proxy: static options => options with { ProbesToDie = 1 });
        world.Homes[0].Answers = static _ => [];
        world.Proxy.Servers.Single().Account!.Changed = static _ => throw new InvalidOperationException("a fault of ours");
        var failed = 0;
        using var listener = new MeterListener { InstrumentPublished = static (instrument, own) => own.EnableMeasurementEvents(instrument) };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) =>
        {
            foreach (var tag in tags)
            {
                // No other test has it.
                failed += instrument.Name == "tsunagi.connectivity.radius.dropped" && tag.Value is "proxy-failed" ? 1 : 0;
            }
        });
        listener.Start();
        var asked = world.Radius.AskAsync(world.Radius.AccountsAt, world.Radius.Accounting(1, "s1", user: "joe@isp.example"), seconds: 0.5);
        await Eventually.HoldsAsync(() => world.Homes[0].Requests.Count == 1);
        world.Time.Advance(TimeSpan.FromSeconds(3));
        await Eventually.HoldsAsync(() => Volatile.Read(ref failed) == 1);
        Assert.Null(await asked);
    }

    private static void Name(ref RadiusWriter writer, string name) => writer.Add(RadiusType.UserName, name);

    private static byte[] TooLong(byte[] asked)
    {
        var octets = new byte[5_000];
        FakeHomeServer.Answer(asked).CopyTo(octets, 0);
        (octets[2], octets[3]) = (5_000 >> 8, 5_000 & 0xFF);
        return octets;
    }
}
