using System.Net;
using System.Net.Security;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Radius;
using Tsunagi.Connectivity.RadSec;
using Tsunagi.Connectivity.Sessions;
using Tsunagi.Protocols.Net.Radius;
using Tsunagi.Tests.Connectivity.Radius;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Connectivity.RadSec;

/// <summary>RFC 6614: whose connection it is, what is answered on it, and when it is cut.</summary>
public class Connections_of_access_servers
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Are_known_by_the_fingerprint_that_an_access_server_states_whoever_signed_it()
    {
        await using var world = await RadSecWorld.OpenAsync();
        using var stranger = new TestAuthority("Another");
        using var certificate = stranger.Sign("bras1", null, TestAuthority.ForServers);
        world.Set(RadSecPeers.FingerprintOf(certificate), world.Radius.Line("joe", "secret"));
        await using var stream = await world.ConnectAsync(certificate);
        Assert.Equal("AccessAccept", await AccessAsync(stream, "secret"));
        Assert.Equal("AccessReject", await AccessAsync(stream, "wrong"));
        Assert.Equal((byte)RadiusCode.AccessAccept, (await RadSecWorld.AskAsync(stream, RadSecWorld.Status()))![0]);
        Assert.Empty(world.Refused);

        // The datagrams of the same address are nobody's.
        Assert.Null(await world.Radius.AskAsync(world.Radius.AuthenticatesAt, world.Radius.Pap("joe", "secret"), seconds: 0.3));
    }

    [Theory]
    [InlineData("bras1.example.net", "BRAS1.example.net", TestAuthority.ForClients, true)]
    [InlineData("bras1.example.net", null, TestAuthority.ForClients, true)] // by its common name, since it has no other
    [InlineData("bras1.example.net", "other.example.net", TestAuthority.ForClients, false)] // the common name counts only where there is no other
    [InlineData("bras1.example.net", "bras1.example.net", TestAuthority.ForServers, false)]
    public async Task Are_known_by_a_name_that_our_authority_vouches_for(string commonName, string? dnsName, string usage, bool isKnown)
    {
        await using var world = await RadSecWorld.OpenAsync();
        world.Set("bras1.example.net");
        using var certificate = world.Authority.Sign(commonName, dnsName, usage);
        Assert.Equal(!isKnown, await world.IsRefusedAsync(certificate));
        Assert.Equal(isKnown ? 0 : 1, world.Refused.Count);
    }

    [Fact]
    public async Task Are_refused_and_told_of_once_where_the_certificate_is_nobodys_or_not_valid()
    {
        await using var world = await RadSecWorld.OpenAsync();
        using var stranger = new TestAuthority("Another");
        using var unsigned = stranger.Sign("bras1", "bras1.example.net");
        using var unnamed = world.Authority.Sign("bras2", "bras2.example.net");
        using var past = world.Authority.Sign("bras1", "bras1.example.net", until: new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero));
        world.Set("bras1.example.net");
        Assert.True(await world.IsRefusedAsync(unsigned));
        Assert.True(await world.IsRefusedAsync(unsigned));
        Assert.True(await world.IsRefusedAsync(unnamed));
        Assert.True(await world.IsRefusedAsync(past));
        Assert.True(await world.IsRefusedAsync(null));
        string[] problems = [.. world.Refused.Select(static refused => refused.Problem).Order(StringComparer.Ordinal)];
        Assert.Equal(4, problems.Length);
        Assert.Equal("it shows no certificate", problems[0]);
        Assert.Equal("its certificate is not valid now", problems[1]);
        Assert.StartsWith("no access server states", problems[2], StringComparison.Ordinal);
        Assert.StartsWith("no authority", problems[3], StringComparison.Ordinal);

        // A stated fingerprint does not outlive its certificate either.
        world.Set(RadSecPeers.FingerprintOf(past));
        Assert.True(await world.IsRefusedAsync(past));

        await world.Radius.World.Get<RadiusWatch>().LookAsync(Cancel);
        await world.Radius.World.Get<RadiusWatch>().LookAsync(Cancel);
        var told = await world.Radius.World.Stores.Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM outbox WHERE event LIKE @Type", new { Type = "%connectivity.nas.certificate-refused@1%" }), Cancel);
        Assert.Equal(4, told);
    }

    [Fact]
    public async Task Carry_many_requests_at_once_in_pieces_of_any_length_and_accounting_that_is_durable_before_it_is_answered()
    {
        const int asked = 200;
        await using var world = await RadSecWorld.OpenAsync(options: RadiusWorld.Options(static authenticate => authenticate with { GuessesPerMinute = 1_000 }));
        using var certificate = world.Authority.Sign("bras1", "bras1.example.net");
        world.Set("bras1.example.net", world.Radius.Line("joe", "secret") with { Plan = new LinePlan { SimultaneousUse = 0 } });
        await using var stream = await world.ConnectAsync(certificate);
        byte[] all = [];
        for (var i = 0; i < asked; i++)
        {
            all = [.. all, .. i % 2 == 0 ? RadSecWorld.Pap("joe", i % 4 == 0 ? "secret" : "wrong", (byte)i) : RadSecWorld.Accounting(1, $"session {i}", (byte)i)];
        }

        var random = new Random(5);
        var writing = Task.Run(
            async () =>
            {
                for (var at = 0; at < all.Length;)
                {
                    var length = Math.Min(random.Next(1, 700), all.Length - at);
                    await stream.WriteAsync(all.AsMemory(at, length), Cancel);
                    at += length;
                }
            },
            Cancel);
        var codes = new RadiusCode[asked];
        for (var i = 0; i < asked; i++)
        {
            var answer = await RadSecWorld.ReadAsync(stream);
            Assert.NotNull(answer);
            codes[answer[1]] = (RadiusCode)answer[0];
        }

        await writing;
        Assert.All(codes.Select(static (code, i) => (code, i)), static each => Assert.Equal(
            each.i % 2 == 1 ? RadiusCode.AccountingResponse : each.i % 4 == 0 ? RadiusCode.AccessAccept : RadiusCode.AccessReject, each.code));
        await world.Radius.ProjectAsync();
        Assert.Equal(asked / 2, (await world.Radius.SessionsAsync()).Count);
    }

    [Theory]
    [InlineData("length 19", new byte[] { 1, 1, 0, 19 })]
    [InlineData("length 4097", new byte[] { 1, 1, 16, 1 })]
    [InlineData("attribute beyond the end", new byte[] { 1, 1, 0, 22, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 1, 9 })]
    [InlineData("accounting signed by nobody", new byte[] { 4, 1, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 })]
    [InlineData("a request to us signed by nobody", new byte[] { 43, 1, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 })]
    public async Task Are_cut_when_what_comes_is_no_packet_or_not_authentic(string what, byte[] octets)
    {
        await using var world = await RadSecWorld.OpenAsync();
        using var certificate = world.Authority.Sign("bras1", "bras1.example.net");
        world.Set("bras1.example.net");
        await using var stream = await world.ConnectAsync(certificate);
        Assert.NotNull(await RadSecWorld.AskAsync(stream, RadSecWorld.Status()));
        Assert.True(await IsCutAsync(stream, octets), what);
    }

    [Fact]
    public async Task Are_cut_when_their_access_server_is_removed_or_states_another_certificate()
    {
        await using var world = await RadSecWorld.OpenAsync();
        using var certificate = world.Authority.Sign("bras1", "bras1.example.net");
        world.Set("bras1.example.net");
        await using var stream = await world.ConnectAsync(certificate);
        Assert.NotNull(await RadSecWorld.AskAsync(stream, RadSecWorld.Status()));
        world.Set("bras9.example.net");
        Assert.True(await IsCutAsync(stream, RadSecWorld.Status(2)));
    }

    [Fact]
    public async Task Are_cut_when_nothing_comes_for_the_time_that_is_set()
    {
        await using var world = await RadSecWorld.OpenAsync(static options => options with { IdleAfter = TimeSpan.FromMinutes(1) });
        using var certificate = world.Authority.Sign("bras1", "bras1.example.net");
        world.Set("bras1.example.net");
        await using var stream = await world.ConnectAsync(certificate);
        Assert.NotNull(await RadSecWorld.AskAsync(stream, RadSecWorld.Status()));
        world.Radius.World.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.NotNull(await RadSecWorld.AskAsync(stream, RadSecWorld.Status(2)));
        var end = RadSecWorld.ReadAsync(stream);
        while (!end.IsCompleted)
        {
            world.Radius.World.Time.Advance(TimeSpan.FromSeconds(30));
            await Task.Yield();
        }

        Assert.Null(await end);
        Assert.Empty(world.Radius.World.Get<RadSecConnections>().Of("na_1"));
    }

    [Fact]
    public async Task Are_cut_when_their_answers_are_not_read()
    {
        await using var world = await RadSecWorld.OpenAsync(static options => options with { MostAnswersWaiting = 16 });
        using var certificate = world.Authority.Sign("bras1", "bras1.example.net");
        world.Set("bras1.example.net");
        await using var stream = await world.ConnectAsync(certificate);
        Assert.NotNull(await RadSecWorld.AskAsync(stream, RadSecWorld.Status()));

        // Proxy-State comes back with the answer: long ones fill what the kernel keeps for who does not read.
        var request = RadSecWorld.Status(2, proxyStates: 15);
        var open = world.Radius.World.Get<RadSecConnections>();
        try
        {
            for (var sent = 0; sent < 50_000 && open.Of("na_1").Count > 0; sent++)
            {
                await stream.WriteAsync(request, Cancel);
            }
        }
        catch (IOException)
        {
            // Cut while it was written to.
        }

        await Eventually.HoldsAsync(() => open.Of("na_1").Count == 0);
    }

    [Fact]
    public void Refusals_are_kept_up_to_a_number_and_each_certificate_once()
    {
        var refused = new RefusedCertificates();
        for (var i = 0; i < 1_500; i++)
        {
            refused.Add(new RefusedCertificate("192.0.2.1", "CN=x", $"sha256:{i % 1_200}", "why"));
        }

        Assert.Equal(1_000, refused.All.Count);
    }

    [Fact]
    public async Task Decline_what_is_asked_of_access_servers_only()
    {
        await using var world = await RadSecWorld.OpenAsync();
        using var certificate = world.Authority.Sign("bras1", "bras1.example.net");
        world.Set("bras1.example.net");
        await using var stream = await world.ConnectAsync(certificate);
        var buffer = new byte[64];
        var writer = new RadiusWriter(buffer, RadiusCode.CoaRequest, 7);
        Assert.True(writer.TryFinishSigned(RadSecConnection.Secret, out var length));
        var answer = await RadSecWorld.AskAsync(stream, buffer[..length]);
        Assert.True(RadiusPacket.TryParse(answer, null, out var nak, out _));
        Assert.True(RadSecConnection.Secret.VerifyAnswer(nak, buffer.AsSpan(4, 16)));
        Assert.Equal((RadiusCode.CoaNak, 7), (nak.Code, nak.Identifier));
        Assert.True(nak.TryFind(RadiusType.ErrorCause, out uint cause));
        Assert.Equal(406u, cause);
    }

    [Fact]
    public async Task Take_disconnect_requests_to_their_access_server()
    {
        await using var world = await RadSecWorld.OpenAsync();
        using var certificate = world.Authority.Sign("bras1", "bras1.example.net");
        world.Set("bras1.example.net", world.Radius.Line("joe", "secret"));
        await using var stream = await world.ConnectAsync(certificate);
        Assert.NotNull(await RadSecWorld.AskAsync(stream, RadSecWorld.Accounting(1, "a", 3)));
        await world.Radius.ProjectAsync();
        var session = Assert.Single(await world.Radius.SessionsAsync());
        var acting = world.Radius.World.Get<SessionActs>().DisconnectAsync(world.Radius.World.Operator, session.Id, "a test", Cancel).AsTask();
        var asked = await RadSecWorld.ReadAsync(stream);
        Assert.True(RadiusPacket.TryParse(asked, null, out var request, out _));
        Assert.True(RadSecConnection.Secret.VerifyRequest(request) && RadSecConnection.Secret.VerifyMessageAuthenticator(request));
        Assert.Equal(RadiusCode.DisconnectRequest, request.Code);
        var buffer = new byte[64];
        var writer = new RadiusWriter(buffer, RadiusCode.DisconnectAck, request.Identifier);
        Assert.True(writer.TryFinishAnswer(RadSecConnection.Secret, request.Authenticator, out var length));
        await stream.WriteAsync(buffer.AsMemory(0, length), Cancel);
        var act = ConnectivityWorld.Value(await acting);
        Assert.Equal(("ack", 1), (act.Outcome, act.Tries));
        Assert.StartsWith("tls 127.0.0.1:", act.Target, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Say_that_nobody_answers_when_they_end_before_they_do()
    {
        await using var world = await RadSecWorld.OpenAsync();
        using var certificate = world.Authority.Sign("bras1", "bras1.example.net");
        world.Set("bras1.example.net", world.Radius.Line("joe", "secret"));
        var stream = await world.ConnectAsync(certificate);
        Assert.NotNull(await RadSecWorld.AskAsync(stream, RadSecWorld.Accounting(1, "a", 3)));
        await world.Radius.ProjectAsync();
        var session = Assert.Single(await world.Radius.SessionsAsync());
        var acting = world.Radius.World.Get<SessionActs>().DisconnectAsync(world.Radius.World.Operator, session.Id, "a test", Cancel).AsTask();
        Assert.NotNull(await RadSecWorld.ReadAsync(stream));
        await stream.DisposeAsync();
        Assert.Equal("no-answer", ConnectivityWorld.Value(await acting).Outcome);
    }

    private static async Task<string> AccessAsync(Stream stream, string password)
    {
        var request = RadSecWorld.Pap("joe", password, 9);
        var answer = await RadSecWorld.AskAsync(stream, request);
        Assert.True(RadiusPacket.TryParse(answer, null, out var packet, out _));
        Assert.True(RadSecConnection.Secret.VerifyAnswer(packet, request.AsSpan(4, 16)) && RadSecConnection.Secret.VerifyMessageAuthenticator(packet, request.AsSpan(4, 16)));
        return packet.Code.ToString();
    }

    private static async Task<bool> IsCutAsync(SslStream stream, byte[] octets)
    {
        try
        {
            return await RadSecWorld.AskAsync(stream, octets) is null;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
