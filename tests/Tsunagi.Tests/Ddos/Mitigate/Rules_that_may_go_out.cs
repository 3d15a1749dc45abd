using System.Net;
using Tsunagi.Ddos;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Detect;
using Tsunagi.Ddos.Mitigate;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;
using Tsunagi.Tests.Routing;

namespace Tsunagi.Tests.Ddos.Mitigate;

/// <summary>
/// Random incidents against random spaces of customers, protected sets and lengths that are possible: a rule made of the samples passes the guards exactly where it may, judged by other means: ranges of numbers for
/// addresses, and packets of every length for what can match.
/// </summary>
public sealed class Rules_that_may_go_out
{
    private const int LongestSample = 20_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Are_never_forbidden_or_impossible_and_none_is_refused_without_need(int seed)
    {
        var random = new Random(seed);
        var (passed, refused) = (0, 0);
        for (var round = 0; round < 400; round++)
        {
            var spaces = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Prefix(random, 20, 26)).ToList();
            var untouchable = Enumerable.Range(0, random.Next(0, 4)).Select(_ => Prefix(random, 22, 32)).ToList();
            var options = new DdosOptions
            {
                Mitigate = new MitigateOptions { LongestPacket = ((int[])[1_280, 1_500, 9_216, 65_535])[random.Next(4)], ShortestPrefix4 = random.Next(22, 30), MaxRulesPerIncident = random.Next(1, 6), MostCollateralPermille = random.Next(0, 30) },
            };
            var target = Prefix(random, random.Next(3) == 0 ? 22 : 32, 32);
            var attack = Enumerable.Range(0, random.Next(5, 60)).Select(_ => Sample(random, target)).ToList();
            var own = Enumerable.Range(0, random.Next(0, 60)).Select(_ => Sample(random, target)).ToList();
            var proposal = RuleSynthesis.Make(new SynthesisInput(target, attack, own, TimeSpan.FromMinutes(random.Next(20)), random.Next(4) == 0), options.Mitigate);
            Assert.InRange(proposal.Rules.Count, 0, options.Mitigate.MaxRulesPerIncident);
            var guards = new MitigationGuards(options, [.. untouchable.Select(static prefix => IPNetwork.Parse(prefix.ToString()))]);
            var table = new ProtectionTable([new Protection { Subscription = "s", TenantId = "t", TenantPath = "t/", Prefixes = [.. spaces.Distinct()], Host = new Limits(1, 0, 0), Prefix = new Limits(1, 0, 0), Quiet = TimeSpan.Zero, Series = new() }]);
            foreach (var rule in proposal.Rules)
            {
                var outcome = guards.Check(new MitigationRequest { Rule = rule.Rule, Reason = "a test" }, table.Holding);
                Assert.True(FlowSpecText.TryParse(rule.Rule, out var statement, out var wrong), wrong);
                var may = spaces.Exists(space => Holds(space, target)) && !untouchable.Exists(each => Overlap(each, target)) && target.Length >= options.Mitigate.ShortestPrefix4
                    && CanMatch(statement!.Rule, attack.First(sample => { var record = sample.ToRecord(); return statement.Rule.Matches(in record); }), options.Mitigate.LongestPacket);
                Assert.True(may == outcome.Ok, $"seed {seed}, round {round}: {rule.Rule} may {(may ? "" : "not ")}go out ({outcome.Refusal?.Code}); spaces {string.Join(' ', spaces)}, protected {string.Join(' ', untouchable)}, longest {options.Mitigate.LongestPacket}");
                Assert.Equal(target, statement!.Rule.Find(FlowSpecType.Destination)!.Prefix);
                (passed, refused) = outcome.Ok ? (passed + 1, refused) : (passed, refused + 1);

                // The last guard, that of the sessions, knows only its own bounds: what passed here passes there, unless it is shorter.
                var last = new Tsunagi.Routing.Bgp.RouteCompiler(TestWishes.To("203.0.113.9", 179)).Compile(TestWishes.FlowSpec(rule.Rule), BgpEncoding.Default, 0, out _);
                Assert.Equal(target.Length >= 24, last is not null);
            }
        }

        Assert.True(passed > 60 && refused > 60, $"{passed} passed, {refused} refused");
    }

    // All within 10.0.0.0/20, so that they meet often.
    private static BgpPrefix Prefix(Random random, int shortest, int longest)
    {
        var length = random.Next(shortest, longest + 1);
        var address = (0x0A00_0000u | (uint)random.Next(1 << 12)) & (length == 0 ? 0 : uint.MaxValue << (32 - length));
        return new BgpPrefix(FlowAddress.FromIPv4(address), (byte)length, false);
    }

    private static (ulong First, ulong Last) Range(BgpPrefix prefix) => (prefix.Address.IPv4, prefix.Address.IPv4 + (1UL << (32 - prefix.Length)) - 1);

    private static bool Holds(BgpPrefix outer, BgpPrefix inner) => Range(outer).First <= Range(inner).First && Range(inner).Last <= Range(outer).Last;

    private static bool Overlap(BgpPrefix a, BgpPrefix b) => Range(a).First <= Range(b).Last && Range(b).First <= Range(a).Last;

    private static bool CanMatch(FlowSpecRule rule, TrafficSample sample, int longest)
    {
        var record = sample.ToRecord();
        record.Packets = 1;
        for (var length = 20; length <= Math.Min(longest, 2 * LongestSample); length++)
        {
            record.Octets = (ulong)length;
            if (rule.Matches(in record))
            {
                return true;
            }
        }

        return false;
    }

    private static TrafficSample Sample(Random random, BgpPrefix target)
    {
        int[] ports = [0, 53, 80, 123, 389, 443, 11211, random.Next(65_536)];
        byte[] protocols = [1, 6, 17, 17, 17, 47];
        int[] lengths = [28, 40, 60, 1_400, 1_500, 4_000, 9_000, random.Next(20, LongestSample)];
        var record = new FlowRecord
        {
            Source = FlowAddress.FromIPv4((uint)random.Next(0x0B00_0000, 0x0B00_0008)), Destination = target.Address, Protocol = protocols[random.Next(protocols.Length)],
            SourcePort = (ushort)ports[random.Next(ports.Length)], DestinationPort = (ushort)ports[random.Next(ports.Length)], Octets = (ulong)lengths[random.Next(lengths.Length)], Packets = 1,
            TcpFlags = (ushort)random.Next(0x40), IcmpType = (byte)random.Next(20), Origin = FlowOrigin.Packet, IpVersion = 4,
        };
        return TrafficSample.Of(in record, TrafficKind.Of(in record), (ulong)random.Next(1, 100_000));
    }
}
