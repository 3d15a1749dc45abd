using System.Net;
using System.Security.Cryptography;
using System.Text;
using Tsunagi.Connectivity.Authenticate;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Radius;
using Tsunagi.Connectivity.Sessions;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Tests.Connectivity.Radius;

public class Access_requests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_the_right_password_are_accepted_with_what_the_line_has()
    {
        await using var world = await RadiusWorld.OpenAsync();
        world.Set(world.Line("joe", "secret") with
        {
            Plan = new LinePlan { SessionTimeout = TimeSpan.FromHours(1), InterimInterval = TimeSpan.FromMinutes(10) },
            Addresses = new LineAddresses { V4 = IPAddress.Parse("192.0.2.7"), V6 = IPAddress.Parse("2001:db8::7"), LinkPrefix = IPNetwork.Parse("2001:db8:1::/64"), DelegatedPrefix = IPNetwork.Parse("2001:db8:100::/56"), V6Pool = "unused", Routes = ["198.51.100.0/24 192.0.2.7 1"] },
            Replies = [new LineReply("Framed-MTU", "1492"), new LineReply("Mikrotik-Group", "full")],
        });
        Assert.Equal(
            "AccessAccept: Service-Type = Framed-User, Session-Timeout = 3600, Acct-Interim-Interval = 600, Framed-IP-Address = 192.0.2.7, Framed-IPv6-Address = 2001:db8::7, Framed-IPv6-Prefix = 2001:db8:1::/64, "
            + "Delegated-IPv6-Prefix = 2001:db8:100::/56, Framed-Route = \"198.51.100.0/24 192.0.2.7 1\", Framed-MTU = 1492, Mikrotik-Group = \"full\"",
            await world.AccessAsync(world.Pap("joe", "secret")));
        Assert.Equal("AccessReject: ", await world.AccessAsync(world.Pap("joe", "Secret")));
        Assert.Equal("AccessReject: ", await world.AccessAsync(world.Pap("jo", "secret")));
        Assert.Equal([RejectReason.WrongPassword], world.World.Get<RejectBook>().OfLine("ln_joe").Select(static each => each.Reason));
        Assert.Equal([RejectReason.UnknownUser], world.World.Get<RejectBook>().OfUnknown().Select(static each => each.Reason));
    }

    [Theory]
    [InlineData(NasDialect.Standard, "")]
    [InlineData(NasDialect.MikroTik, ", Mikrotik-Rate-Limit = \"10000k/50000k\"")]
    [InlineData(NasDialect.Cisco, ", Cisco-AVPair = \"lcp:interface-config#1=rate-limit output 50000000 781250 781250 conform-action transmit exceed-action drop\", Cisco-AVPair = \"lcp:interface-config#2=rate-limit input 10000000 156250 156250 conform-action transmit exceed-action drop\"")]
    [InlineData(NasDialect.Juniper, ", ERX-Service-Activate:1 = \"speed(50000000,10000000)\"")]
    [InlineData(NasDialect.Huawei, ", Huawei-Input-Peak-Rate = 10000000, Huawei-Input-Average-Rate = 10000000, Huawei-Output-Peak-Rate = 50000000, Huawei-Output-Average-Rate = 50000000")]
    [InlineData(NasDialect.AccelPpp, ", Filter-Id = \"50000/10000\"")]
    [InlineData(NasDialect.WISPr, ", WISPr-Bandwidth-Max-Up = 10000000, WISPr-Bandwidth-Max-Down = 50000000")]
    public async Task Are_told_speeds_in_the_words_of_the_nas(NasDialect dialect, string speeds)
    {
        await using var world = await RadiusWorld.OpenAsync();
        world.Set(nas => nas with { Dialect = dialect }, world.Line("joe", "secret") with { Plan = new LinePlan { DownBps = 50_000_000, UpBps = 10_000_000 } });
        Assert.Equal("AccessAccept: Service-Type = Framed-User, Acct-Interim-Interval = 300" + speeds, await world.AccessAsync(world.Pap("joe", "secret")));
    }

    [Theory]
    [InlineData(NasDialect.Standard, "Filter-Id = \"garden\"")]
    [InlineData(NasDialect.MikroTik, "Mikrotik-Address-List = \"garden\"")]
    [InlineData(NasDialect.Cisco, "Cisco-AVPair = \"ip:inacl=garden\"")]
    [InlineData(NasDialect.Juniper, "ERX-Service-Activate:2 = \"garden\"")]
    [InlineData(NasDialect.AccelPpp, "Framed-Pool = \"garden\"")]
    public async Task Of_suspended_lines_go_to_the_walled_garden_where_there_is_one(NasDialect dialect, string garden)
    {
        await using var world = await RadiusWorld.OpenAsync();
        var line = world.Line("joe", "secret") with { SuspendedFor = "non-payment", Plan = new LinePlan { DownBps = 1_000_000 } };
        world.Set(nas => nas with { Dialect = dialect, WalledGarden = "garden" }, line);
        Assert.Equal("AccessAccept: Service-Type = Framed-User, Acct-Interim-Interval = 300, " + garden, await world.AccessAsync(world.Pap("joe", "secret")));
        world.Set(nas => nas with { Dialect = dialect }, line);
        Assert.Equal("AccessReject: Reply-Message = \"The line is suspended.\"", await world.AccessAsync(world.Pap("joe", "secret", identifier: 2)));
    }

    [Fact]
    public async Task By_chap_and_mschap_are_proved_and_answered()
    {
        await using var world = await RadiusWorld.OpenAsync();
        byte[] hash = new byte[16];
        MsChap.NtHash("secret", hash);
        world.Set(world.Line("joe", "secret"), world.Line("nt", "x") with { Password = new LinePassword(LinePasswordForm.NtHash, hash) }, world.Line("sha", "x") with { Password = new LinePassword(LinePasswordForm.Ssha1, Ssha("secret")) });
        Assert.StartsWith("AccessAccept", await world.AccessAsync(Chap(world, "joe", "secret")), StringComparison.Ordinal);
        Assert.StartsWith("AccessReject", await world.AccessAsync(Chap(world, "joe", "secre")), StringComparison.Ordinal);
        Assert.StartsWith("AccessReject", await world.AccessAsync(Chap(world, "nt", "secret")), StringComparison.Ordinal);
        Assert.Equal(RejectReason.FormCannotServe, world.World.Get<RejectBook>().OfLine("ln_nt")[0].Reason);
        Assert.StartsWith("AccessAccept", await world.AccessAsync(world.Pap("nt", "secret")), StringComparison.Ordinal);
        Assert.StartsWith("AccessAccept", await world.AccessAsync(world.Pap("sha", "secret")), StringComparison.Ordinal);
        foreach (var user in (string[])["joe", "nt"])
        {
            var (request, success, send) = MsChapV2(world, user, "secret");
            var answer = await world.AccessAsync(request);
            Assert.Contains("MS-CHAP2-Success = 0x07" + success, answer, StringComparison.Ordinal);
            Assert.Contains("MS-MPPE-Send-Key = 0x" + send, answer, StringComparison.Ordinal);
        }

        Assert.Contains("E=691 R=0", await world.AccessAsync(MsChapV2(world, "joe", "wrong").Request), StringComparison.Ordinal);
        Assert.StartsWith("AccessReject", await world.AccessAsync(MsChapV2(world, "sha", "secret").Request), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$1$saltsalt$qjXMvbEw8oaL.CzflDugU/")]
    [InlineData("$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO/O817G3uBnIFNjnQJuesI68OTLiBFdcbYEdFCoEOfaS35inz1")]
    public async Task Against_crypt_are_checked_off_the_receiving_thread(string crypt)
    {
        await using var world = await RadiusWorld.OpenAsync();
        world.Set(world.Line("joe", "") with { Password = new LinePassword(LinePasswordForm.Crypt, Encoding.ASCII.GetBytes(crypt)) });
        Assert.StartsWith("AccessReject", await world.AccessAsync(world.Pap("joe", "something else")), StringComparison.Ordinal);
        Assert.Equal(RejectReason.WrongPassword, world.World.Get<RejectBook>().OfLine("ln_joe")[0].Reason);
    }

    [Fact]
    public void Against_every_form_that_pap_can_serve_are_told_right_from_wrong()
    {
        byte[] salt = [1, 2, 3, 4];
        (LinePasswordForm Form, byte[] Value)[] kept =
        [
            (LinePasswordForm.Clear, "secret"u8.ToArray()), (LinePasswordForm.Md5, MD5.HashData("secret"u8)), (LinePasswordForm.Smd5, [.. MD5.HashData([.. "secret"u8, .. salt]), .. salt]),
            (LinePasswordForm.Sha1, SHA1.HashData("secret"u8)), (LinePasswordForm.Ssha1, Ssha("secret")), (LinePasswordForm.Sha256, SHA256.HashData("secret"u8)),
            (LinePasswordForm.Ssha256, [.. SHA256.HashData([.. "secret"u8, .. salt]), .. salt]), (LinePasswordForm.Sha512, SHA512.HashData("secret"u8)), (LinePasswordForm.Ssha512, [.. SHA512.HashData([.. "secret"u8, .. salt]), .. salt]),
            (LinePasswordForm.Crypt, "$1$saltsalt$0CMSWSRfLLXLTJYi.kPLF/"u8.ToArray()),
        ];
        foreach (var (form, value) in kept.Where(static each => each.Form != LinePasswordForm.Crypt))
        {
            var password = new LinePassword(form, value);
            Assert.True(password.IsWhole);
            Assert.True(PasswordCheck.IsRight(password, "secret"u8), form.ToString());
            Assert.False(PasswordCheck.IsRight(password, "secreT"u8), form.ToString());
            Assert.False(PasswordCheck.IsRight(password, ""u8), form.ToString());
        }

        Assert.False(PasswordCheck.IsRight(LinePassword.None, ""u8));
    }

    [Fact]
    public async Task Again_get_the_very_same_octets()
    {
        await using var world = await RadiusWorld.OpenAsync();
        world.Set(world.Line("joe", "secret"));
        using var socket = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var request = MsChapV2(world, "joe", "secret").Request;
        var answers = new List<byte[]>();
        for (var i = 0; i < 3; i++)
        {
            await socket.SendAsync(request, world.AuthenticatesAt, Cancel);
            answers.Add((await socket.ReceiveAsync(Cancel)).Buffer);
        }

        // The keys are salted at random: had it been answered anew, the octets would differ.
        Assert.Equal(answers[0], answers[1]);
        Assert.Equal(answers[0], answers[2]);
        var other = MsChapV2(world, "joe", "secret").Request;
        await socket.SendAsync(other, world.AuthenticatesAt, Cancel);
        Assert.NotEqual(answers[0], (await socket.ReceiveAsync(Cancel)).Buffer);
    }

    [Fact]
    public async Task Without_message_authenticator_are_answered_until_the_nas_has_sent_one()
    {
        await using var world = await RadiusWorld.OpenAsync();
        var line = world.Line("joe", "secret");
        world.Set(line);
        Assert.StartsWith("AccessAccept", await world.AccessAsync(world.Pap("joe", "secret", isSigned: false)), StringComparison.Ordinal);
        Assert.Equal(1, world.World.Get<NasHealth>().StateOf("na_1")!.Unsigned);
        Assert.StartsWith("AccessAccept", await world.AccessAsync(world.Pap("joe", "secret")), StringComparison.Ordinal);
        Assert.Null(await world.AskAsync(world.AuthenticatesAt, world.Pap("joe", "secret", isSigned: false), seconds: 0.3));

        world.Set(static nas => nas with { MessageAuthenticator = MessageAuthenticatorRule.No }, line);
        Assert.StartsWith("AccessAccept", await world.AccessAsync(world.Pap("joe", "secret", isSigned: false)), StringComparison.Ordinal);
        world.Set(static nas => nas with { MessageAuthenticator = MessageAuthenticatorRule.Yes }, line);
        Assert.Null(await world.AskAsync(world.AuthenticatesAt, world.Pap("joe", "secret", isSigned: false), seconds: 0.3));
    }

    [Fact]
    public async Task Are_answered_with_message_authenticator_first_whatever_the_answer()
    {
        await using var world = await RadiusWorld.OpenAsync();
        world.Set(world.Line("joe", "secret"));
        byte[][] requests =
        [
            world.Pap("joe", "secret"), world.Pap("joe", "wrong"), world.Pap("nobody", "x"), world.Pap("joe", "secret", isSigned: false), Chap(world, "joe", "secret"), MsChapV2(world, "joe", "secret").Request,
            world.Access(static (ref _) => { }, code: RadiusCode.StatusServer), world.Access((ref writer) => writer.Add(RadiusType.ProxyState, "p1"u8)),
        ];
        foreach (var request in requests)
        {
            if (await world.AskAsync(world.AuthenticatesAt, request, seconds: 0.5, needsMessageAuthenticator: true) is { } answer)
            {
                Assert.Equal(RadiusType.MessageAuthenticator, answer[20]);
            }
            else
            {
                Assert.Same(requests[3], request);
            }
        }
    }

    [Fact]
    public async Task That_are_forged_or_from_strangers_get_no_answer()
    {
        await using var world = await RadiusWorld.OpenAsync();
        world.Set(world.Line("joe", "secret"));
        var request = world.Pap("joe", "secret");
        request[^1] ^= 1;
        Assert.Null(await world.AskAsync(world.AuthenticatesAt, request, seconds: 0.2));
        Assert.Null(await world.AskAsync(world.AuthenticatesAt, [1, 2, 3], seconds: 0.2));
        Assert.Null(await world.AskAsync(world.AuthenticatesAt, world.Accounting(1, "x"), seconds: 0.2));
        Assert.Equal(1, world.World.Get<NasHealth>().StateOf("na_1")!.BadSignatures);
        world.Set(static nas => nas with { Sources = [IPNetwork.Parse("192.0.2.0/24")] }, world.Line("joe", "secret"));
        Assert.Null(await world.AskAsync(world.AuthenticatesAt, world.Pap("joe", "secret"), seconds: 0.2));
        Assert.Equal(IPAddress.Loopback, Assert.Single(world.World.Get<NasHealth>().Strangers).Address);
    }

    [Fact]
    public async Task Carry_proxy_state_back_in_its_order()
    {
        await using var world = await RadiusWorld.OpenAsync();
        var request = world.Access((ref writer) =>
        {
            writer.Add(RadiusType.UserName, "nobody");
            writer.Add(RadiusType.ProxyState, "one"u8);
            writer.Add(RadiusType.ProxyState, "two"u8);
        });
        Assert.Equal("AccessReject: Proxy-State = 0x6f6e65, Proxy-State = 0x74776f", await world.AccessAsync(request));
    }

    [Theory]
    [InlineData(10, 10, true)]
    [InlineData(10, 11, false)]
    public async Task That_guess_too_often_are_not_looked_at_while_the_owner_gets_in(int limit, int tries, bool isLooked)
    {
        await using var world = await RadiusWorld.OpenAsync(RadiusWorld.Options(own => own with { GuessesPerMinute = limit }));
        world.Set(world.Line("joe", "secret"));
        for (var i = 1; i < tries; i++)
        {
            await world.AccessAsync(world.Pap("joe", "wrong", identifier: (byte)i, station: "thief"));
        }

        var last = await world.AccessAsync(world.Pap("joe", "secret", identifier: 200, station: "thief"));
        Assert.StartsWith(isLooked ? "AccessAccept" : "AccessReject", last, StringComparison.Ordinal);
        Assert.StartsWith("AccessAccept", await world.AccessAsync(world.Pap("joe", "secret", identifier: 201, station: "home")), StringComparison.Ordinal);
        world.World.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.StartsWith("AccessAccept", await world.AccessAsync(world.Pap("joe", "secret", identifier: 202, station: "thief")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Beyond_the_sessions_bought_are_rejected_unless_a_session_is_silent_or_its_own()
    {
        await using var world = await RadiusWorld.OpenAsync();
        world.Set(world.Line("joe", "secret"));
        var open = world.World.Get<OpenSessions>();
        open.Seen("ln_joe", "na_1", "1", "home", world.World.Time.NowMicros(), 0);
        Assert.Equal("AccessReject: Reply-Message = \"The line is in use already.\"", await world.AccessAsync(world.Pap("joe", "secret", station: "other")));
        Assert.StartsWith("AccessAccept", await world.AccessAsync(world.Pap("joe", "secret", identifier: 2, station: "home")), StringComparison.Ordinal);
        world.World.Time.Advance(TimeSpan.FromMinutes(16));
        Assert.StartsWith("AccessAccept", await world.AccessAsync(world.Pap("joe", "secret", identifier: 3, station: "other")), StringComparison.Ordinal);
        open.Seen("ln_joe", "na_1", "1", "home", world.World.Time.NowMicros(), 0);
        open.Ended("ln_joe", "na_1", "1", world.World.Time.NowMicros());
        open.Seen("ln_joe", "na_1", "1", "home", world.World.Time.NowMicros() - UnixMicros.PerSecond, 0); // late
        Assert.StartsWith("AccessAccept", await world.AccessAsync(world.Pap("joe", "secret", identifier: 4, station: "other")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task By_the_circuit_alone_need_no_password()
    {
        await using var world = await RadiusWorld.OpenAsync();
        world.Set(world.Line("", "") with { LineId = "ln_c", CircuitId = "olt1/3:7", RemoteId = "cpe9", CircuitProves = true, Password = LinePassword.None });
        byte[] From(string circuit, string remote) => world.Access((ref writer) =>
        {
            writer.Add(RadiusType.UserName, "00:11:22:33:44:55");
            writer.AddVendor(3561, 1, Encoding.ASCII.GetBytes(circuit));
            writer.AddVendor(3561, 2, Encoding.ASCII.GetBytes(remote));
        });
        Assert.StartsWith("AccessAccept", await world.AccessAsync(From("olt1/3:7", "cpe9")), StringComparison.Ordinal);
        Assert.StartsWith("AccessReject", await world.AccessAsync(From("olt1/3:7", "cpe8")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("joe", true)]
    [InlineData("joe@isp.example", true)]
    [InlineData("joe@ISP.example", true)]
    [InlineData("joe@other.example", false)]
    [InlineData("ann@keep.example", true)]
    [InlineData("ann", true)]
    [InlineData("", false)]
    public void Name_their_line_by_the_rules_of_realms(string name, bool isFound)
    {
        var builder = new LineSnapshotBuilder { Realms = new RealmRules { Realms = [new Realm("isp.example", true), new Realm("keep.example", false)], Default = "keep.example" } };
        Assert.True(builder.TryAdd(new Line { LineId = "1", TenantId = "t", TenantPath = "/t/", UserName = "joe" }));
        Assert.True(builder.TryAdd(new Line { LineId = "2", TenantId = "t", TenantPath = "/t/", UserName = "ann@keep.example" }));
        Assert.False(builder.TryAdd(new Line { LineId = "3", TenantId = "t", TenantPath = "/t/", UserName = "joe" }));
        Assert.Equal(isFound, builder.Build().ByUserName(name) is not null);
    }

    private static byte[] Ssha(string password) => [.. SHA1.HashData([.. Encoding.ASCII.GetBytes(password), 9, 8, 7]), 9, 8, 7];

    private static byte[] Chap(RadiusWorld world, string user, string password) => world.Access((ref writer) =>
    {
        Span<byte> chap = stackalloc byte[17];
        Tsunagi.Protocols.Net.Radius.Chap.Answer(5, Encoding.ASCII.GetBytes(password), "0123456789abcdef"u8, chap);
        writer.Add(RadiusType.UserName, user);
        writer.Add(RadiusType.ChapPassword, chap);
        writer.Add(RadiusType.ChapChallenge, "0123456789abcdef"u8);
    });

    private static (byte[] Request, string Success, string SendKey) MsChapV2(RadiusWorld world, string user, string password)
    {
        byte[] challenge = RandomNumberGenerator.GetBytes(16), peer = RandomNumberGenerator.GetBytes(16), hash = new byte[16], response = new byte[24], success = new byte[42], send = new byte[16], recv = new byte[16];
        var name = Encoding.ASCII.GetBytes(user);
        MsChap.NtHash(password, hash);
        MsChap.NtResponse(challenge, peer, name, hash, response);
        MsChap.AuthenticatorResponse(hash, response, peer, challenge, name, success);
        MsChap.MppeKeys(hash, response, send, recv);
        var request = world.Access((ref writer) =>
        {
            writer.Add(RadiusType.UserName, user);
            writer.AddVendor(MsChap.Vendor, MsChap.ChallengeType, challenge);
            writer.AddVendor(MsChap.Vendor, MsChap.Response2Type, [7, 0, .. peer, .. new byte[8], .. response]);
        });
        return (request, Convert.ToHexStringLower(success), Convert.ToHexStringLower(send));
    }
}
