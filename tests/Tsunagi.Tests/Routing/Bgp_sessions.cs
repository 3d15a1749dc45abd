using Tsunagi.Core.Time;
using Tsunagi.Protocols.Flow.Bgp;
using Tsunagi.Routing;
using Tsunagi.Routing.Bgp;
using Tsunagi.Routing.Try;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Routing;

/// <summary>Sessions with a router of the tests' own: what it hears and forgets, and what ends them.</summary>
public sealed class Bgp_sessions
{
    private static string State(TestWishes wishes) => wishes.Speaker.Peers[0].State;

    [Fact]
    public async Task What_is_wanted_is_announced_and_what_is_not_any_more_withdrawn()
    {
        await using var router = new TrialRouter();
        await using var wishes = await TestWishes.StartAsync(TestWishes.To("127.0.0.1", router.Port));
        wishes.Want(TestWishes.Blackhole("192.0.2.1/32"), TestWishes.Blackhole("2001:db8::1/128"), TestWishes.FlowSpec(TestWishes.Rule), TestWishes.FlowSpec("dst 2001:db8::7/128 proto tcp then rate 1000"));
        await Eventually.HoldsAsync(() => router.Routes.Count == 4);
        await Eventually.HoldsAsync(() => wishes.Speaker.Peers[0].Announced == 4);

        var blackhole = router.Routes["192.0.2.1/32"];
        Assert.Equal([BgpCommunities.Blackhole, BgpCommunities.NoExport], blackhole.Find<BgpCommunities>()!.Values);
        Assert.Equal("192.0.2.1", blackhole.Find<BgpNextHop>()!.Address.ToString());
        Assert.Equal(200u, blackhole.Find<BgpLocalPreference>()!.Value);
        Assert.True(router.Routes["dst 192.0.2.7/32 proto udp sport 53"].Find<BgpExtendedCommunities>()!.Values[0].IsDiscard);
        Assert.Equal(4, router.Heard.OfType<BgpUpdate>().Count(static u => u.EndOfRib() is not null));

        wishes.Want(TestWishes.Blackhole("192.0.2.1/32"));
        await Eventually.HoldsAsync(() => router.Routes.Count == 1);
        wishes.Want();
        await Eventually.HoldsAsync(() => router.Routes.IsEmpty);
    }

    [Fact]
    public async Task After_a_cut_the_router_is_told_again()
    {
        await using var router = new TrialRouter();
        await using var wishes = await TestWishes.StartAsync(TestWishes.To("127.0.0.1", router.Port));
        wishes.Want(TestWishes.Blackhole("192.0.2.1/32"));
        for (var i = 1; i <= 5; i++)
        {
            await Eventually.HoldsAsync(() => router.Sessions == i && router.Routes.Count == 1);
            router.Cut();
        }

        wishes.Want(TestWishes.Blackhole("192.0.2.2/32"));
        await Eventually.HoldsAsync(() => router.Routes.ContainsKey("192.0.2.2/32") && router.Routes.Count == 1);
    }

    [Fact]
    public async Task A_route_ends_with_its_time_whatever_is_wanted()
    {
        await using var router = new TrialRouter();
        await using var wishes = await TestWishes.StartAsync(TestWishes.To("127.0.0.1", router.Port));
        wishes.Want(TestWishes.Blackhole("192.0.2.1/32", TimeProvider.System.NowMicros() + (2 * UnixMicros.PerSecond)));
        await Eventually.HoldsAsync(() => router.Routes.Count == 1);
        await Eventually.HoldsAsync(() => router.Routes.IsEmpty);
        Assert.Equal(1, wishes.Speaker.Peers[0].Unsent);
    }

    [Fact]
    public async Task A_router_that_asks_again_is_told_again()
    {
        await using var router = new TrialRouter();
        await using var wishes = await TestWishes.StartAsync(TestWishes.To("127.0.0.1", router.Port));
        wishes.Want(TestWishes.Blackhole("192.0.2.1/32"), TestWishes.FlowSpec(TestWishes.Rule));
        await Eventually.HoldsAsync(() => router.Routes.Count == 2);
        router.Routes.Clear();
        await router.SendAsync(new BgpRouteRefresh(BgpFamily.IPv4FlowSpec));
        await Eventually.HoldsAsync(() => router.Routes.Count == 1);
        Assert.StartsWith("dst ", router.Routes.Keys.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_router_of_another_AS_is_turned_away_with_the_reason()
    {
        await using var router = new TrialRouter(autonomous: 65_001);
        await using var wishes = await TestWishes.StartAsync(TestWishes.To("127.0.0.1", router.Port));
        await Eventually.HoldsAsync(() => router.Heard.OfType<BgpNotification>().Any(static n => n is { Code: 2, Subcode: 2 }));
        await Eventually.HoldsAsync(() => wishes.Speaker.Peers[0].LastError?.Contains("its AS is 65001", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task To_another_AS_the_path_holds_ours_and_no_local_preference_goes()
    {
        await using var router = new TrialRouter(autonomous: 65_001);
        await using var wishes = await TestWishes.StartAsync(TestWishes.To("127.0.0.1", router.Port, 65_001));
        wishes.Want(TestWishes.Blackhole("192.0.2.1/32"));
        await Eventually.HoldsAsync(() => router.Routes.Count == 1);
        var update = router.Routes.Values.Single();
        Assert.Equal([64_512u], update.Find<BgpAsPath>()!.Segments[0].Ases);
        Assert.Null(update.Find<BgpLocalPreference>());
    }

    [Fact]
    public async Task A_router_that_falls_silent_is_noticed_within_the_hold_time()
    {
        await using var router = new TrialRouter(hold: 3) { KeepsAlive = false };
        await using var wishes = await TestWishes.StartAsync(TestWishes.To("127.0.0.1", router.Port));
        await Eventually.HoldsAsync(() => router.Heard.OfType<BgpNotification>().Any(static n => n is { Code: 4 }));
        await Eventually.HoldsAsync(() => wishes.Speaker.Peers[0].LastError?.Contains("nothing was heard for 3 s", StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData("192.0.2.0/23", false)]
    [InlineData("192.0.2.0/24", true)]
    [InlineData("0.0.0.0/0", false)]
    [InlineData("127.0.0.1/32", false)]
    [InlineData("127.0.0.0/24", false)]
    [InlineData("2001:db8::/47", false)]
    [InlineData("2001:db8::/48", true)]
    [InlineData("nothing", false)]
    [InlineData("dst 192.0.2.1/32 then discard", true)]
    [InlineData("proto udp then discard", false)]
    [InlineData("dst 192.0.0.0/16 then discard", false)]
    [InlineData("dst 2001:db8::1/128 offset 8 then discard", false)]
    public void The_last_guard_stands_before_every_router(string text, bool good)
    {
        var compiler = new RouteCompiler(TestWishes.To("127.0.0.1", 179));
        var wish = text.StartsWith("dst", StringComparison.Ordinal) || text.StartsWith("proto", StringComparison.Ordinal) ? TestWishes.FlowSpec(text) : TestWishes.Blackhole(text);
        Assert.Equal(good, compiler.Compile(wish, BgpEncoding.Default, 0, out var why) is not null);
        Assert.Equal(good, why.Length == 0);
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(2, 3)]
    public async Task As_many_routes_as_the_limit_are_announced_and_not_one_more(int limit, int wanted)
    {
        await using var router = new TrialRouter();
        await using var wishes = await TestWishes.StartAsync(TestWishes.To("127.0.0.1", router.Port) with { MaxRoutes = limit });
        wishes.Want(Enumerable.Range(1, wanted).Select(static i => TestWishes.Blackhole($"192.0.2.{i}/32")));
        await Eventually.HoldsAsync(() => router.Routes.Count == limit);
        await Eventually.HoldsAsync(() => State(wishes) == "Established");
        Assert.Equal(limit, wishes.Speaker.Peers[0].Announced);
    }

    [Fact]
    public async Task A_passive_peer_is_waited_for_and_strangers_are_turned_away()
    {
        var options = new RoutingOptions
        {
            Listen = "127.0.0.1:0", FirstRetry = TimeSpan.FromMilliseconds(50), Peers = [new PeerOptions { Name = "p", Address = "127.0.0.9", As = 64_512, Passive = true }],
        };
        await using var wishes = await TestWishes.StartAsync(options);
        await Eventually.HoldsAsync(() => State(wishes) == "Active");
        using var stranger = new System.Net.Sockets.TcpClient(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        await stranger.ConnectAsync(wishes.Speaker.EndPoint!, TestContext.Current.CancellationToken);
        Assert.Equal(0, await stranger.GetStream().ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        using var peer = new System.Net.Sockets.TcpClient(new System.Net.IPEndPoint(System.Net.IPAddress.Parse("127.0.0.9"), 0));
        await peer.ConnectAsync(wishes.Speaker.EndPoint!, TestContext.Current.CancellationToken);
        var open = new byte[19];
        await peer.GetStream().ReadExactlyAsync(open, TestContext.Current.CancellationToken);
        Assert.Equal((byte)BgpMessageType.Open, open[18]);
    }
}
