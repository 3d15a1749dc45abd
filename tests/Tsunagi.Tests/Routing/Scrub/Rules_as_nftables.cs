using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Protocols.Flow.Bgp;
using Tsunagi.Routing;
using Tsunagi.Routing.Scrub;

namespace Tsunagi.Tests.Routing.Scrub;

public sealed class Rules_as_nftables
{
    private static readonly RoutingOptions Options = new() { Peers = [new PeerOptions { Name = "edge", Address = "192.0.2.254", As = 64_512 }] };

    [Theory]
    [InlineData("dst 192.0.2.1/32 then discard", "")]
    [InlineData("dst 192.0.2.1/32 proto udp sport 53,100-200 len 512-1500 then discard", "meta l4proto 17 ip frag-off & 8191 == 0 th sport { 53, 100-200 } meta length 512-1500")]
    [InlineData("dst 192.0.2.1/32 port 80 then discard", "meta l4proto { 6, 17, 33, 132, 136 } ip frag-off & 8191 == 0 th sport 80|meta l4proto { 6, 17, 33, 132, 136 } ip frag-off & 8191 == 0 th dport 80")]
    [InlineData("dst 192.0.2.1/32 proto tcp tcp-flags =syn&!ack then discard", "meta l4proto 6 ip frag-off & 8191 == 0 @th,96,16 & 18 == 2")]
    [InlineData("dst 192.0.2.1/32 dport !=80 then discard", "meta l4proto { 6, 17, 33, 132, 136 } ip frag-off & 8191 == 0 th dport { 0-79, 81-65535 }")]
    [InlineData("dst 192.0.2.1/32 icmp-type 8 icmp-code 0 then discard", "meta l4proto { 1, 58 } ip frag-off & 8191 == 0 @th,0,8 8 @th,8,8 0")]
    [InlineData("dst 192.0.2.1/32 fragment is-fragment then discard", "ip frag-off & 32767 == { 1-8191, 8193-16383, 16385-24575, 24577-32767 }")]
    [InlineData("dst 192.0.2.1/32 src 198.51.100.0/24 dscp 46 then discard", "ip saddr 198.51.100.0/24 ip dscp 46")]
    [InlineData("dst 2001:db8::1/128 fragment is-fragment then discard", "frag frag-off 1-8191")]
    [InlineData("dst 2001:db8::1/128 fragment =last-fragment then discard", "frag frag-off 1-8191 frag more-fragments 0")]
    [InlineData("dst 2001:db8::1/128 proto udp sport 53 then discard", "meta l4proto 17 exthdr frag missing th sport 53|meta l4proto 17 frag frag-off 0 th sport 53")]
    [InlineData("dst 2001:db8::1/128 src 2001:db8:5::/48 offset 32 flow-label 5 then discard", "ip6 saddr & 0:0:ffff:: == 0:0:5:: ip6 flowlabel 5")]
    public void Match_by_these_expressions(string rule, string expressions) => Assert.Equal(expressions, string.Join('|', Compile(rule).Matches));

    [Theory]
    [InlineData("proto udp sport 53 then discard", "without a destination")]
    [InlineData("dst 192.0.2.0/23 then discard", "shorter than /24")]
    [InlineData("dst 0.0.0.0/0 then discard", "shorter than /24")]
    [InlineData("dst 2001:db8::/47 then discard", "shorter than /48")]
    [InlineData("dst 2001:db8::/64 offset 3 then discard", "without a destination")]
    [InlineData("dst 192.0.2.0/24 then discard", "one of our BGP peers")]
    [InlineData("dst 192.0.2.1/32 rd 64500:100 then discard", "without a destination")]
    [InlineData("dst 192.0.2.1/32 then accept", "drops or limits")]
    [InlineData("dst 192.0.2.1/32 then discard mark 10", "drops or limits")]
    [InlineData("dst 192.0.2.1/32 then redirect 64500:100", "drops or limits")]
    [InlineData("dst 192.0.2.1/32 then rate 0.5", "limits to 1 to")]
    [InlineData("dst 192.0.2.1/32 then rate 10000001024", "limits to 1 to")]
    [InlineData("dst 192.0.2.1/32 proto icmp sport 53 then discard", "no packet can match")]
    [InlineData("dst 192.0.2.1/32 dscp >63 then discard", "no packet can match")]
    [InlineData("dst 192.0.2.1/32 then drop it\nflush ruleset", "no action")]
    public void Are_refused_with_a_reason(string rule, string reason)
    {
        Assert.Null(new ScrubCompiler(Options).Compile(new WantedRoute("mg_1", WantedRouteKind.FlowSpec, rule, long.MaxValue), out var whyNot));
        Assert.Contains(reason, whyNot, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_drop_what_is_over_them_and_end_the_walk_of_the_rest()
    {
        Assert.Equal(
            [
                "ip daddr @r_mg_1 meta l4proto 17 limit name or_mg_1 counter name r_mg_1 drop comment \"mg_1\"", "ip daddr @r_mg_1 meta l4proto 17 limit name pr_mg_1 counter name r_mg_1 drop comment \"mg_1\"",
                "ip daddr @r_mg_1 meta l4proto 17 accept comment \"mg_1\"",
            ],
            Compile("dst 192.0.2.1/32 proto udp then rate 125000 rate-packets 1000").Lines);
        Assert.Equal(["ip daddr @r_mg_1 counter name r_mg_1 drop comment \"mg_1\""], Compile("dst 192.0.2.1/32 then rate 125000 rate-packets 0").Lines);
        Assert.Equal("rate over 1/second burst 1 packets", Assert.Single(Compile("dst 192.0.2.1/32 then rate-packets 1").Limits).Definition);
        Assert.Equal("rate over 10000000000 bytes/second burst 9216 bytes", Assert.Single(Compile("dst 192.0.2.1/32 then rate 10000000000").Limits).Definition);
    }

    [Fact]
    public void Stand_by_their_outermost_destination_in_the_order_in_which_routers_apply_them()
    {
        var compiler = new ScrubCompiler(Options);
        List<ScrubRule> rules =
        [
            Of("mg_1", WantedRouteKind.FlowSpec, "dst 192.0.2.0/25 then rate 1000"), Of("mg_2", WantedRouteKind.FlowSpec, "dst 192.0.2.1/32 proto udp then discard"), Of("mg_3", WantedRouteKind.Blackhole, "192.0.2.1/32"),
            Of("mg_4", WantedRouteKind.FlowSpec, "dst 192.0.2.200/32 then discard"), Of("mg_5", WantedRouteKind.FlowSpec, "dst 2001:db8::/64 then discard"),
        ];
        var text = NftTable.Rebuild(rules, static _ => new ScrubStart(TimeSpan.FromSeconds(90), 7, 900));
        Assert.Contains("ip daddr vmap { 192.0.2.0/25 : goto to_0, 192.0.2.200/32 : goto to_1 }", text, StringComparison.Ordinal);
        Assert.Contains("ip6 daddr vmap { 2001:db8::/64 : goto to_2 }", text, StringComparison.Ordinal);
        int[] at = [text.IndexOf("comment \"mg_3\"", StringComparison.Ordinal), text.IndexOf("comment \"mg_2\"", StringComparison.Ordinal), text.IndexOf("comment \"mg_1\"", StringComparison.Ordinal), text.IndexOf("comment \"mg_4\"", StringComparison.Ordinal)];
        Assert.True(at[0] > 0 && at.SequenceEqual(at.Order()), text);
        Assert.Contains("counter r_mg_1 { packets 7 bytes 900 }", text, StringComparison.Ordinal);
        Assert.Contains("add element inet tsunagi_scrub r_mg_1 { 192.0.2.0/25 timeout 90000ms }", text, StringComparison.Ordinal);

        // Nothing but our own table is ever named, whatever a key is made of.
        var odd = Of("x\" drop; flush ruleset; #", WantedRouteKind.Blackhole, "192.0.2.1/32");
        Assert.All((NftTable.Rebuild([odd], static _ => default) + NftTable.Change(rules, [odd], static _ => default) + NftTable.Renew(rules, static _ => default) + NftTable.Forget(rules, isLast: false)).Split('\n').Where(static line => !line.StartsWith(' ') && line is not ("" or "}")),
            static line => Assert.Matches("^((add|delete|flush) )?(table|chain|set|element|limit|counter) inet tsunagi_scrub( |$)", line));
        Assert.DoesNotContain("ruleset", NftTable.Rebuild([odd], static _ => default), StringComparison.Ordinal);

        ScrubRule Of(string key, WantedRouteKind kind, string rule) => compiler.Compile(new WantedRoute(key, kind, rule, long.MaxValue), out var whyNot) ?? throw new InvalidOperationException(whyNot);
    }

    [Fact]
    public void Numbers_are_in_the_ranges_that_satisfy_the_terms()
    {
        var random = new Random(1);
        for (var i = 0; i < 500; i++)
        {
            var component = new FlowSpecComponent(FlowSpecType.Dscp)
            {
                Terms = [.. Enumerable.Range(0, 1 + random.Next(4)).Select(_ => FlowSpecTerm.Of((byte)(random.Next(8) | (random.Next(2) << 6)), (ulong)random.Next(70)))],
            };
            var ranges = NumberRanges.Of(component, 63);
            Assert.All(Enumerable.Range(0, 64), value => Assert.Equal(component.Holds((ulong)value), ranges.Holds((uint)value)));
            Assert.All(ranges.Ranges.Zip(ranges.Ranges.Skip(1)), static pair => Assert.True(pair.First.Last + 1 < pair.Second.First));
        }
    }

    private static ScrubRule Compile(string rule) =>
        new ScrubCompiler(Options).Compile(new WantedRoute("mg_1", WantedRouteKind.FlowSpec, rule, long.MaxValue), out var whyNot) ?? throw new InvalidOperationException(whyNot);
}
