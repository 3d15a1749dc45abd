using System.Diagnostics;
using System.Net;
using Tsunagi.Ddos;
using Tsunagi.Ddos.Contract;
using Tsunagi.Ddos.Detect;
using Tsunagi.Ddos.Mitigate;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Tests.Ddos.Mitigate;

/// <summary>
/// One random case of the rule compiler, drawn from a number: customers' spaces, what is protected, which lengths are possible, how many rules there may be, samples of an attack and of the victim's own, and a rule by hand. What
/// comes out is held against what no rule may be, by other means (<see cref="WireRule"/>, ranges of numbers).
/// </summary>
internal sealed class RuleCase
{
    private const int Together = 4;

    private readonly Random _random;
    private readonly string _name;
    private readonly bool _is6;
    private readonly DdosOptions _options;
    private readonly List<BgpPrefix> _spaces;
    private readonly List<BgpPrefix> _untouchable;
    private readonly BgpPrefix _target;
    private readonly MitigationGuards _guards;
    private readonly ProtectionTable _table;

    private RuleCase(int seed)
    {
        (_random, _name) = (new Random(seed), $"case {seed}");
        _is6 = _random.Next(3) == 0;
        _spaces = [.. Enumerable.Range(0, _random.Next(1, Together)).Select(_ => Prefix(_is6 ? 44 : 20, _is6 ? 64 : 28)).Distinct()];
        _untouchable = [.. Enumerable.Range(0, _random.Next(0, Together)).Select(_ => Prefix(_is6 ? 46 : 22, _is6 ? 128 : 32))];
        _options = new DdosOptions
        {
            Mitigate = new MitigateOptions
            {
                LongestPacket = Pick(1_280, 1_500, 9_216, 65_535), ShortestPrefix4 = _random.Next(22, 31), ShortestPrefix6 = _random.Next(46, 120), MaxRulesPerIncident = _random.Next(1, 9), MostCollateralPermille = _random.Next(0, 100),
                LeastCoverPercent = _random.Next(50, 101),
            },
        };
        _target = _random.Next(3) == 0 ? Prefix(_is6 ? 44 : 20, _is6 ? 128 : 32) : Prefix(_is6 ? 128 : 32, _is6 ? 128 : 32);
        _guards = new MitigationGuards(_options, [.. _untouchable.Select(static prefix => IPNetwork.Parse(prefix.ToString()))]);
        _table = new ProtectionTable([new Protection { Subscription = "s", TenantId = "t", TenantPath = "t/", Prefixes = _spaces, Host = new Limits(1, 0, 0), Prefix = new Limits(1, 0, 0), Quiet = TimeSpan.Zero, Series = new() }]);
    }

    /// <summary>Rules that were made of samples.</summary>
    public int Made { get; private set; }

    public int MadeRefused { get; private set; }

    /// <summary>Rules by hand that passed.</summary>
    public int ByHand { get; private set; }

    public int ByHandRefused { get; private set; }

    /// <summary>All that passed, as they would go out.</summary>
    public List<string> Passed { get; } = [];

    /// <param name="byHand">A rule by hand instead of one that is drawn.</param>
    /// <exception cref="UnreachableException">A rule broke what it must keep; the message has the case's number and the rule.</exception>
    public static RuleCase Run(int seed, string? byHand = null)
    {
        var one = new RuleCase(seed);
        one.Make();
        one.Hand(byHand ?? one.Written());
        return one;
    }

    private void Make()
    {
        var attack = Enumerable.Range(0, _random.Next(1, 40)).Select(_ => Sample()).ToList();
        var own = Enumerable.Range(0, _random.Next(0, 40)).Select(_ => Sample()).ToList();
        var proposal = RuleSynthesis.Make(new SynthesisInput(_target, attack, own, TimeSpan.FromMinutes(_random.Next(20)), _random.Next(4) == 0), _options.Mitigate);
        Promise(proposal.Rules.Count <= _options.Mitigate.MaxRulesPerIncident, $"{proposal.Rules.Count} rules where {_options.Mitigate.MaxRulesPerIncident} may be", "");
        var records = attack.ConvertAll(static sample => sample.ToRecord());
        var matched = new bool[attack.Count];
        foreach (var rule in proposal.Rules)
        {
            var (text, isOk, wire) = Check(rule.Rule, isByHand: false);
            Promise(wire is not null, "it cannot be read", rule.Rule);
            Promise(text!.Actions.Length == 1 && text.Actions[0].BytesPerSecond == 0 && text.Communities.Length == 0 && text.NextHop.IsUnspecified, "it does more than drop", rule.Rule);
            var any = false;
            for (var i = 0; i < records.Count; i++)
            {
                var record = records[i];
                var holds = wire!.Matches(in record);
                Promise(holds == text.Rule.Matches(in record), $"it {(holds ? "matches" : "does not match")} sample {i} on the wire, and is said otherwise", rule.Rule);
                (matched[i], any) = (matched[i] || holds, any || holds);
            }

            Promise(any, "it matches nothing of the attack", rule.Rule);
            (Made, MadeRefused) = isOk ? (Made + 1, MadeRefused) : (Made, MadeRefused + 1);
        }

        var all = attack.Sum(static sample => (double)sample.Packets);
        var covered = attack.Where((_, i) => matched[i]).Sum(static sample => (double)sample.Packets);
        Promise(Math.Abs(proposal.Cover - (covered / all)) < 0.001, $"its cover is {covered / all:0.0000} and is said to be {proposal.Cover:0.0000}", string.Join("; ", proposal.Rules.Select(static rule => rule.Rule)));
    }

    private void Hand(string rule)
    {
        var (text, isOk, _) = Check(rule, isByHand: true);
        (ByHand, ByHandRefused) = isOk ? (ByHand + 1, ByHandRefused) : (ByHand, ByHandRefused + 1);
        if (isOk)
        {
            Promise(text!.Actions.Length > 0 && text.Actions.All(static action => (action.BytesPerSecond ?? action.PacketsPerSecond) is >= 0 and < float.PositiveInfinity) && text.Communities.Length == 0 && text.NextHop.IsUnspecified, "it does more than drop or limit", rule);
        }

        var blackhole = Prefix(_is6 ? 40 : 16, _is6 ? 128 : 32);
        var hole = _guards.Check(new MitigationRequest { Blackhole = blackhole.ToString(), Reason = "a test" }, _table.Holding);
        Promise(hole.Ok == May(Number(blackhole.Address), End(blackhole), blackhole.Length), $"as a blackhole it may {(hole.Ok ? "" : "not ")}be", blackhole.ToString());
    }

    // What the guards say of it is so; null where it is no rule at all, which they must refuse.
    private (FlowSpecStatement? Text, bool IsOk, WireRule? Wire) Check(string rule, bool isByHand)
    {
        var outcome = _guards.Check(new MitigationRequest { Rule = rule, Reason = "a test" }, _table.Holding);
        if (!FlowSpecText.TryParse(rule, out var text, out _))
        {
            Promise(!outcome.Ok, "it passed and cannot be read", rule);
            return (null, false, null);
        }

        var octets = text!.Rule.RouteDistinguisher is null ? FlowSpecNlri.Write(text.Rule) : [];
        var wire = WireRule.Read(octets, text.Rule.IsIPv6, out var wrong);
        if (!outcome.Ok)
        {
            // Refused with a reason: one of a good rule's promises does not hold. By hand it may also ask for what rules may not do, or name no destination that one has.
            var may = wire is not null && May(wire.Start, wire.Last, wire.Length) && wire.Impossible(_options.Mitigate.LongestPacket) == 0;
            Promise(!may || (isByHand && outcome.Refusal.Code is "ddos.mitigation.action" or "ddos.mitigation.destination"), $"it was refused without need ({outcome.Refusal.Code})", rule);
            return (text, false, wire);
        }

        Promise(wire is not null, "its octets are no rule: " + wrong, rule);
        Promise(wire!.IsIPv6 == _is6 && May(wire.Start, wire.Last, wire.Length), "its destination may not be", rule);
        Promise(wire.Impossible(_options.Mitigate.LongestPacket) == 0, $"nothing can match its component {wire.Impossible(_options.Mitigate.LongestPacket)}", rule);
        Promise(FlowSpecNlri.TryRead(octets, text.Rule.Family, FlowSpecOffset.Rfc8956, out var again, out var length) && length == octets.Length && again!.Equals(text.Rule), "it is another when it is read again", rule);
        Promise(outcome.Value.MatchKey == "flowspec " + Convert.ToHexStringLower(octets), "it is kept under another's key", rule);
        Passed.Add(outcome.Value.Rule);
        return (text, true, wire);
    }

    private bool May(UInt128 first, UInt128 last, int length) =>
        length >= (_is6 ? _options.Mitigate.ShortestPrefix6 : _options.Mitigate.ShortestPrefix4) && _spaces.Exists(space => Number(space.Address) <= first && last <= End(space))
        && !_untouchable.Exists(each => Number(each.Address) <= last && first <= End(each));

    private static UInt128 Number(FlowAddress address) => WireRule.Number(address);

    private static UInt128 End(BgpPrefix prefix) => Number(prefix.Address) + ((UInt128.One << ((prefix.IsIPv6 ? 128 : 32) - prefix.Length)) - 1);

    // All within few bits, so that they meet often.
    private BgpPrefix Prefix(int shortest, int longest)
    {
        var length = _random.Next(shortest, longest + 1);
        var address = _is6 ? new FlowAddress(0x2001_0DB8_0000_0000 | ((ulong)_random.Next(1 << 3) << 16) | (uint)_random.Next(3), (ulong)_random.Next(4)) : FlowAddress.FromIPv4(0x0A00_0000u | (uint)_random.Next(1 << 12));
        return new BgpPrefix(address.Prefix(length), (byte)length, _is6);
    }

    private TrafficSample Sample()
    {
        var protocol = Pick<byte>(1, 6, 6, 17, 17, 17, 47, 50, 58, (byte)_random.Next(256));
        var record = new FlowRecord
        {
            Source = _is6 ? new FlowAddress(0x2600_0000_0000_0000, (ulong)_random.Next(8)) : FlowAddress.FromIPv4((uint)_random.Next(0x0B00_0000, 0x0B00_0008)), Destination = _target.Address, Protocol = protocol,
            SourcePort = (ushort)Pick(0, 53, 80, 123, 389, 443, 11_211, 65_535, _random.Next(65_536)), DestinationPort = (ushort)Pick(0, 53, 80, 443, 65_535, _random.Next(65_536)),
            Octets = (ulong)Pick(0, 20, 28, 40, 60, 1_400, 1_500, 4_000, 9_216, 9_217, 65_535, _random.Next(65_536)), Packets = 1, TcpFlags = (ushort)Pick(0, 2, 0x10, 0x12, 4, 0x18, _random.Next(0x100)),
            IcmpType = (byte)_random.Next(256), FragmentOffset = (ushort)(_random.Next(8) == 0 ? _random.Next(1, 8_192) : 0), FragmentFlags = Pick<byte>(0, 0, 0x20, 0x40), Origin = FlowOrigin.Packet, IpVersion = (byte)(_is6 ? 6 : 4),
        };
        return TrafficSample.Of(in record, TrafficKind.Of(in record), (ulong)_random.Next(1, 100_000)) with { Seen = (uint)_random.Next(1, 10) };
    }

    // As a person in a hurry writes one.
    private string Written()
    {
        var number = _random.Next(66_000);
        List<string> parts = _random.Next(20) == 0 ? [] : ["dst " + Prefix(_is6 ? 44 : 20, _is6 ? 128 : 32)];
        string[] more =
        [
            $"src {Prefix(_is6 ? 44 : 20, _is6 ? 128 : 32)}", Pick("proto udp", "proto tcp", $"proto {_random.Next(300)}"), $"port {number}", $"dport {Pick("443", $"{number}", $">{number}", $">{number}&<{_random.Next(66_000)}")}",
            $"sport {Pick("53", $"{number}", $"<{_random.Next(3)}")}", $"icmp-type {_random.Next(300)}", $"tcp-flags {Pick("=syn", "syn", "=syn&!fin+rst+ack", "!syn")}",
            $"len {Pick("1200-1500", $"{number}", $"<{_random.Next(64)}", $">{number}", $">1500&<{_random.Next(3_000)}", "99971-99985")}", $"dscp {_random.Next(70)}", $"frag {Pick("isf", "ff", "lf", "=isf")}",
        ];
        parts.AddRange(more.Where(_ => _random.Next(4) == 0));
        return string.Join(' ', parts) + " then " + Pick("discard", "rate 125000", "rate-packets 100", "rate 0", "accept", "redirect 64512:1", "discard community 65535:666", $"rate {number}", "rate -1");
    }

    private T Pick<T>(params ReadOnlySpan<T> choices) => choices[_random.Next(choices.Length)];

    private void Promise(bool kept, string what, string rule)
    {
        if (!kept)
        {
            throw new UnreachableException($"{_name}: {what}: {rule} (spaces {string.Join(' ', _spaces)}; protected {string.Join(' ', _untouchable)}; longest packet {_options.Mitigate.LongestPacket})");
        }
    }
}
