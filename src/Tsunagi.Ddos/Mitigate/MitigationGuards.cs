using System.Collections.Immutable;
using System.Net;
using Tsunagi.Core.Outcomes;
using Tsunagi.Ddos.Contract;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Ddos.Mitigate;

/// <summary>
/// What no rule may be, asked before it is written: (1) it can be read, (2) has a destination, (3) long enough, (4) inside a protected prefix of the tenant's subscription,
/// (5) that touches nothing protected, (6) matches something that can exist, (7) and only drops or limits. The routing module asks (1) to (3) again before it announces.
/// </summary>
internal sealed class MitigationGuards(DdosOptions options, IReadOnlyList<IPNetwork> untouchable)
{
    private const ushort RateBytes = 0x8006;
    private const ushort RatePackets = 0x800C;
    private const int IPv4Header = 20;
    private const int IPv6Header = 40;

    /// <summary>A rule that may be, or why not.</summary>
    public Outcome<GuardedRule> Check(MitigationRequest request, Func<BgpPrefix, Protection?> holding)
    {
        // (1)
        if (string.IsNullOrWhiteSpace(request.Blackhole) == string.IsNullOrWhiteSpace(request.Rule))
        {
            return Refusal.Invalid("ddos.mitigation.what", "rule", "say what is to be dropped: a blackhole or a rule, and not both", "blackhole or rule");
        }

        var life = TimeSpan.FromMinutes(request.Minutes);
        if (life < options.Mitigate.ShortestLife || life > options.Mitigate.LongestLife)
        {
            return Refusal.Invalid(
                "ddos.mitigation.life", "minutes", $"a rule may not live for {request.Minutes} minutes", $"{Math.Ceiling(options.Mitigate.ShortestLife.TotalMinutes):0} to {options.Mitigate.LongestLife.TotalMinutes:0}");
        }

        return request.Blackhole is { Length: > 0 } blackhole ? CheckBlackhole(blackhole.Trim(), holding) : CheckRule(request.Rule!, holding);
    }

    private Outcome<GuardedRule> CheckBlackhole(string text, Func<BgpPrefix, Protection?> holding) =>
        !BgpPrefix.TryParse(text, out var prefix)
            ? Refusal.Invalid("ddos.mitigation.prefix", "blackhole", $"\"{text}\" is no prefix", "such as 192.0.2.1/32: no bit set below the length")
            : CheckDestination(prefix, "blackhole", holding, owner => new GuardedRule(owner, MitigationRow.Blackhole, prefix.ToString(), "blackhole " + prefix));

    private Outcome<GuardedRule> CheckRule(string text, Func<BgpPrefix, Protection?> holding)
    {
        if (!FlowSpecText.TryParse(text, out var statement, out var error))
        {
            return Refusal.Invalid("ddos.mitigation.rule", "rule", error, "such as: dst 192.0.2.1/32 proto udp sport 53 then discard");
        }

        // (2)
        var rule = statement!.Rule;
        if (rule.Find(FlowSpecType.Destination) is not { Offset: 0 } destination || rule.RouteDistinguisher is not null)
        {
            return Refusal.Invalid("ddos.mitigation.destination", "rule", "a rule without a destination would act on everybody's traffic", "dst and a prefix");
        }

        // (6)
        if (rule.Components.FirstOrDefault(component => !IsPossible(component, rule.IsIPv6)) is { } impossible)
        {
            return Refusal.Invalid("ddos.mitigation.impossible", "rule", $"nothing can match {Print(impossible, rule.IsIPv6)}: routers have crashed on such rules", "values that packets can have");
        }

        // (7)
        if (statement.Actions.Length == 0 || statement.Actions.Any(static action => action.Kind is not (RateBytes or RatePackets) || !IsRate(action)) || statement.Communities.Length > 0
            || !statement.NextHop.IsUnspecified)
        {
            return Refusal.Invalid("ddos.mitigation.action", "rule", "a rule made by hand drops or limits, and does nothing else", "then discard, then rate N, then rate-packets N");
        }

        return CheckDestination(
            destination.Prefix, "rule", holding, owner => new GuardedRule(owner, MitigationRow.FlowSpec, statement.ToString(), "flowspec " + Convert.ToHexStringLower(FlowSpecNlri.Write(rule))));
    }

    private Outcome<GuardedRule> CheckDestination(BgpPrefix prefix, string field, Func<BgpPrefix, Protection?> holding, Func<Protection, GuardedRule> make)
    {
        // (3)
        var shortest = prefix.IsIPv6 ? options.Mitigate.ShortestPrefix6 : options.Mitigate.ShortestPrefix4;
        if (prefix.Length < shortest)
        {
            return Refusal.Invalid("ddos.mitigation.too-broad", field, $"{prefix} is too large a destination", $"/{shortest} or longer");
        }

        // (4)
        if (holding(prefix) is not { } owner)
        {
            return Refusal.Invalid("ddos.mitigation.not-yours", field, $"{prefix} is in no protected prefix of yours", "a destination inside a prefix of the subscription");
        }

        // (5)
        var touched = untouchable.Where(network => Touches(network, prefix)).Select(static network => network.ToString()).FirstOrDefault();
        return touched is not null
            ? Refusal.Invalid("ddos.mitigation.protected", field, $"{prefix} touches {touched}, which no rule may touch", "a destination outside the provider's own addresses")
            : make(owner);
    }

    private static bool Touches(IPNetwork network, BgpPrefix prefix)
    {
        var own = prefix.IsIPv6 == (network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6);
        return own && (network.Contains(prefix.Address.ToIPAddress()) || Start(network.BaseAddress, prefix.Length) == prefix.Address);
    }

    private static FlowAddress Start(IPAddress address, int length) => FlowAddress.From(address).Prefix(length);

    private static bool IsRate(BgpExtendedCommunity action) => (action.BytesPerSecond ?? action.PacketsPerSecond) is { } rate && float.IsFinite(rate) && rate >= 0;

    private static string Print(FlowSpecComponent component, bool is6) => new FlowSpecRule(is6, [component]).ToString();

    /// <summary>Whether any packet can match: the values around each bound are tried, since between two bounds nothing changes.</summary>
    private bool IsPossible(FlowSpecComponent component, bool is6)
    {
        if (component.IsPrefix)
        {
            return true;
        }

        (ulong least, ulong most) = component.Type switch
        {
            FlowSpecType.PacketLength => (is6 ? (ulong)IPv6Header : IPv4Header, (ulong)options.Mitigate.LongestPacket),
            FlowSpecType.Protocol or FlowSpecType.IcmpType or FlowSpecType.IcmpCode => (0UL, 255UL),
            FlowSpecType.Dscp => (0UL, 63UL),
            FlowSpecType.TcpFlags => (0UL, 0x1FFUL),
            FlowSpecType.Fragment => (0UL, 15UL),
            FlowSpecType.FlowLabel => (0UL, 0xF_FFFFUL),
            _ => (0UL, 65_535UL),
        };
        var tried = component.IsBitmask
            ? Enumerable.Range(0, (int)most + 1).Select(static bits => (ulong)bits)
            : component.Terms.SelectMany(static term => (ulong[])[term.Value == 0 ? 0UL : term.Value - 1, term.Value, term.Value + 1]).Append(least).Append(most);
        return tried.Any(value => value >= least && value <= most && Holds(component.Terms, value, component.IsBitmask));
    }

    // RFC 8955 section 4.2.1: a sum (OR) of products (AND).
    private static bool Holds(ImmutableArray<FlowSpecTerm> terms, ulong value, bool isBitmask)
    {
        var (any, all) = (false, true);
        for (var i = 0; i < terms.Length; i++)
        {
            if (i > 0 && !terms[i].IsAnd)
            {
                any |= all;
                all = true;
            }

            all &= isBitmask ? HoldsBits(terms[i], value) : HoldsNumber(terms[i], value);
        }

        return terms.Length > 0 && (any || all);
    }

    private static bool HoldsNumber(FlowSpecTerm term, ulong value) =>
        ((term.Operator & FlowSpecTerm.Less) != 0 && value < term.Value) || ((term.Operator & FlowSpecTerm.Greater) != 0 && value > term.Value)
        || ((term.Operator & FlowSpecTerm.Equal) != 0 && value == term.Value);

    private static bool HoldsBits(FlowSpecTerm term, ulong bits) =>
        ((term.Operator & FlowSpecTerm.Match) != 0 ? (bits & term.Value) == term.Value : (bits & term.Value) != 0) != ((term.Operator & FlowSpecTerm.Not) != 0);
}

/// <summary>A rule that passed the guards.</summary>
internal sealed record GuardedRule(Protection Owner, string Kind, string Rule, string MatchKey);
