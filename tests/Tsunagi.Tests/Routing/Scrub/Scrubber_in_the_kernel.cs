using System.Globalization;
using System.Text;
using System.Text.Json;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;
using Tsunagi.Routing.Scrub;

namespace Tsunagi.Tests.Routing.Scrub;

/// <summary>Rules in the kernel's own nftables, and packets through them.</summary>
public sealed class Scrubber_in_the_kernel
{
    private const int Rules = 150;
    private const int Packets = 400;

    [Fact]
    public async Task Packets_that_it_drops_are_those_that_rules_match()
    {
        var seed = Environment.TickCount;
        var made = new MadePackets(new Random(seed));
        var compiler = new ScrubCompiler(new Tsunagi.Routing.RoutingOptions());
        var frames = Enumerable.Range(0, Packets).Select(made.Frame).ToList();
        var records = frames.ConvertAll(MadePackets.RecordOf);
        var rules = new Dictionary<string, ScrubRule>(StringComparer.Ordinal);
        for (var i = 0; i < Rules; i++)
        {
            var statement = new FlowSpecStatement(made.Rule(), [BgpExtendedCommunity.RateBytes(0)]);
            var wish = new WantedRoute($"mg_{i}", WantedRouteKind.FlowSpec, statement.ToString(), long.MaxValue);
            if (compiler.Compile(wish, out var whyNot) is { } rule)
            {
                Assert.All(records, record => Assert.Equal(statement.Rule.Matches(in record), rule.Rule.Matches(in record)));
                rules[wish.Key] = rule;
            }
            else
            {
                Assert.Equal("no packet can match it", whyNot);
                Assert.DoesNotContain(records, record => statement.Rule.Matches(in record));
            }
        }

        // Each rule alone: who sent what it matched is kept by the kernel.
        await using var world = await ScrubWorld.OpenAsync();
        var table = new StringBuilder("table inet trial {\n");
        foreach (var rule in rules.Values)
        {
            table.Append(CultureInfo.InvariantCulture, $" set {rule.Name} {{ type ether_addr; size 65535; flags dynamic; }}\n");
        }

        table.Append(" chain in {\n  type filter hook prerouting priority -460;\n");
        foreach (var rule in rules.Values)
        {
            foreach (var match in rule.Matches)
            {
                table.Append(CultureInfo.InvariantCulture, $"  {(rule.Rule.IsIPv6 ? "ip6" : "ip")} daddr {rule.Destination} {match} add @{rule.Name} {{ ether saddr }}\n");
            }
        }

        await world.NftAsync(table.Append(" }\n}\n").ToString(), "-f", "-");
        await world.SendAsync(frames);
        var seen = SetsOf(await world.NftAsync("", "-j", "list", "table", "inet", "trial"));
        var matched = 0;
        foreach (var (key, rule) in rules)
        {
            var expected = Enumerable.Range(0, Packets).Where(i => Matches(rule, records[i])).Select(MadePackets.MacOf).ToList();
            matched += expected.Count;
            var got = seen.GetValueOrDefault(rule.Name, []);
            Assert.True(expected.SequenceEqual(got.Order(StringComparer.Ordinal)), $"seed {seed}: {rule.Rule} is [{string.Join(" | ", rule.Matches)}]; nft alone: {string.Join(' ', got.Except(expected))}; rule alone: {string.Join(' ', expected.Except(got).Select(mac => mac + " " + Convert.ToHexStringLower(frames[Convert.ToInt32(mac[12..].Replace(":", "", StringComparison.Ordinal), 16)])))}");
        }

        Assert.True(matched > Packets, $"only {matched} packets were matched: this shows little");

        // All together, as they are set: each packet is counted by the first rule that matches it, in the order of RFC 8955 section 5.1, and goes no further.
        await world.NftAsync("delete table inet trial\ntable inet after {\n chain in {\n type filter hook prerouting priority -440;\n ether saddr & ff:ff:00:00:00:00 == 02:aa:00:00:00:00 counter\n }\n}\n", "-f", "-");
        world.Wanted = [.. rules.Values.Select(static rule => new WantedRoute(rule.Key, WantedRouteKind.FlowSpec, $"{rule.Rule} then discard", TimeProvider.System.NowMicros() + (600 * UnixMicros.PerSecond)))];
        Assert.Equal(ScrubberView.Up, (await world.StepAsync()).State);
        await world.SendAsync(frames);
        await Task.Delay(world.Options.ScrubLookEvery, TimeProvider.System, TestContext.Current.CancellationToken);
        await world.StepAsync();
        var inOrder = NftTable.InOrder(rules.Values);
        var firsts = Enumerable.Range(0, Packets).Select(i => inOrder.FirstOrDefault(rule => Matches(rule, records[i]))?.Key ?? "").GroupBy(static key => key).ToDictionary(static group => group.Key, static group => group.Count());
        Assert.All(rules.Keys, key => Assert.Equal((key, (long)firsts.GetValueOrDefault(key)), (key, world.RuleOf(key).Packets)));
        Assert.Contains($"counter packets {firsts.GetValueOrDefault("")} ", await world.NftAsync("", "list", "table", "inet", "after"), StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(0, Packets).Where(i => inOrder.Any(rule => Matches(rule, records[i]))).Sum(i => (long)records[i].Octets), rules.Keys.Sum(key => world.RuleOf(key).Octets));
    }

    [Fact]
    public async Task Rules_live_as_long_as_they_are_wanted_and_no_longer()
    {
        await using var world = await ScrubWorld.OpenAsync();
        await world.NftAsync("table inet others {\n chain in {\n type filter hook prerouting priority 0;\n counter\n }\n}\n", "-f", "-");
        var others = await world.NftAsync("", "list", "table", "inet", "others");
        var frames = Enumerable.Range(0, 50).Select(static _ => Udp("192.0.2.1")).ToList();
        var now = TimeProvider.System.NowMicros();
        WantedRoute[] wanted = [Wish("mg_a", "dst 192.0.2.1/32 proto udp sport 53 then discard", now, 60), Wish("mg_b", "dst 192.0.2.2/32 proto udp then rate-packets 5", now, 60), Wish("mg_c", "dst 192.0.2.3/32 then mark 5", now, 60)];
        world.Wanted = wanted;
        Assert.Equal(ScrubberView.Up, (await world.StepAsync()).State);
        Assert.Equal([ScrubbedRule.InPlace, ScrubbedRule.InPlace, ScrubbedRule.Refused], wanted.Select(wish => world.RuleOf(wish.Key).State));
        Assert.Contains("drops or limits", world.RuleOf("mg_c").Why!, StringComparison.Ordinal);

        // Counted, and counted on when another rule comes and when somebody takes everything away.
        await world.SendAsync(frames.Concat(Enumerable.Range(0, 50).Select(static _ => Udp("192.0.2.2"))));
        world.Wanted = [.. wanted, Wish("mg_d", "dst 2001:db8::/64 proto tcp tcp-flags =syn&!ack then discard", now, 60)];
        await LookAsync(world);
        Assert.Equal(50, world.RuleOf("mg_a").Packets);
        Assert.InRange(world.RuleOf("mg_b").Packets, 40, 45);
        await world.NftAsync("delete table inet tsunagi_scrub\n", "-f", "-");
        Assert.Equal(1, (await LookAsync(world)).Repaired);
        await world.NftAsync("flush chain inet tsunagi_scrub in\n", "-f", "-");
        Assert.Equal(2, (await LookAsync(world)).Repaired);
        await world.NftAsync("flush set inet tsunagi_scrub r_mg_a\n", "-f", "-");
        Assert.Equal(3, (await LookAsync(world)).Repaired);
        Assert.Equal(3, (await LookAsync(world)).Repaired);
        await world.SendAsync(frames);
        Assert.Equal((100, ScrubbedRule.InPlace), ((await LookAsync(world)).Rules.Single(static rule => rule.Key == "mg_a").Packets, world.RuleOf("mg_a").State));

        // Lifted: what it dropped in all is still told, and the kernel has nothing of it.
        await world.SendAsync(frames);
        world.Wanted = [wanted[1]];
        await world.StepAsync();
        Assert.Equal((150, ScrubbedRule.Gone), (world.RuleOf("mg_a").Packets, world.RuleOf("mg_a").State));
        Assert.DoesNotContain("mg_a", await world.NftAsync("", "list", "table", "inet", "tsunagi_scrub"), StringComparison.Ordinal);

        // Renewed by us; then the program dies, and the kernel ends the rule by itself. The next program counts on.
        world.Wanted = [wanted[1] with { UntilMicros = TimeProvider.System.NowMicros() + UnixMicros.PerSecond }];
        await world.StepAsync();
        var before = world.RuleOf("mg_b").Packets;
        await Task.Delay(TimeSpan.FromSeconds(1.1), TimeProvider.System, TestContext.Current.CancellationToken);
        await world.SendAsync([Udp("192.0.2.2"), .. Enumerable.Range(0, 20).Select(static _ => Udp("192.0.2.2"))]);
        Assert.DoesNotContain("elements", await world.NftAsync("", "list", "set", "inet", "tsunagi_scrub", "r_mg_b"), StringComparison.Ordinal);
        world.Again();
        world.Wanted = [Wish("mg_b", wanted[1].Text, TimeProvider.System.NowMicros(), 60)];
        await LookAsync(world);
        Assert.Equal(before, world.RuleOf("mg_b").Packets);

        // Nothing wanted: nothing of ours is left, and what is not ours was never touched.
        world.Wanted = [];
        Assert.Equal(ScrubberView.Up, (await world.StepAsync()).State);
        Assert.Equal("table inet others", (await world.NftAsync("", "list", "tables")).Trim());
        Assert.Equal(others.Split("counter")[0], (await world.NftAsync("", "list", "table", "inet", "others")).Split("counter")[0]);
    }

    private static async Task<ScrubberView> LookAsync(ScrubWorld world)
    {
        await Task.Delay(world.Options.ScrubLookEvery, TimeProvider.System, TestContext.Current.CancellationToken);
        return await world.StepAsync();
    }

    private static WantedRoute Wish(string key, string rule, long now, int seconds) => new(key, WantedRouteKind.FlowSpec, rule, now + (seconds * UnixMicros.PerSecond));

    private static bool Matches(ScrubRule rule, FlowRecord record) => rule.Rule.Matches(in record);

    private static byte[] Udp(string target) => MadePackets.Udp(target, 53, 428);

    private static Dictionary<string, List<string>> SetsOf(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("nftables").EnumerateArray().Where(static item => item.TryGetProperty("set", out _)).Select(static item => item.GetProperty("set")).ToDictionary(
            static set => set.GetProperty("name").GetString()!, static set => set.TryGetProperty("elem", out var elements) ? elements.EnumerateArray().Select(static each => each.GetString()!).ToList() : []);
    }
}
