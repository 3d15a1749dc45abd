using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Protocols.Flow;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Routing.Bgp;

/// <summary>
/// Makes routes of wishes, and is the last guard before a router: a wish that cannot be read, whose time is over, without a destination, with a destination that is
/// too short or holds one of our peers, makes no route, whoever wants it and whatever checked it before.
/// </summary>
internal sealed class RouteCompiler(RoutingOptions options)
{
    private readonly LastGuard _guard = new(options);
    private readonly ImmutableArray<uint> _communities =
        [BgpCommunities.Blackhole, BgpCommunities.NoExport, .. options.BlackholeCommunities.Select(static text => CommunityOf(text) ?? throw new FormatException($"routing.blackholeCommunities: {text}"))];

    /// <summary>Null when it may not be announced; <paramref name="why"/> says why.</summary>
    public OutRoute? Compile(WantedRoute wanted, BgpEncoding encoding, long nowMicros, out string why)
    {
        if (wanted.UntilMicros <= nowMicros)
        {
            why = "its time is over";
            return null;
        }

        var (path, preference) = encoding.External ? (BgpAsPath.Of((uint)options.As), (uint?)null) : (BgpAsPath.Of(), (uint)options.LocalPreference);
        return wanted.Kind == WantedRouteKind.Blackhole ? Blackhole(wanted.Text, path, preference, encoding, out why) : FlowSpec(wanted.Text, path, preference, encoding, out why);
    }

    public static uint? CommunityOf(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && ushort.TryParse(text[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out var high)
            && ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var low)
            ? ((uint)high << 16) | low
            : null;
    }

    private OutRoute? Blackhole(string text, BgpAsPath path, uint? preference, BgpEncoding encoding, out string why)
    {
        if (!BgpPrefix.TryParse(text, out var prefix))
        {
            why = $"\"{text}\" is no prefix";
            return null;
        }

        if (_guard.WhyNot(prefix) is { } wrong)
        {
            why = wrong;
            return null;
        }

        why = "";
        List<BgpAttribute> attributes = [new BgpOrigin(0), path];
        if (!prefix.IsIPv6)
        {
            attributes.Add(new BgpNextHop(FlowAddress.From(IPAddress.Parse(options.BlackholeNextHop4))));
        }

        if (preference is { } local)
        {
            attributes.Add(new BgpLocalPreference(local));
        }

        attributes.Add(new BgpCommunities(_communities));
        if (!prefix.IsIPv6)
        {
            return Out(BgpFamily.IPv4Unicast, prefix.ToString(), new BgpUpdate([], [.. attributes], [prefix]), new BgpUpdate([prefix], [], []), encoding);
        }

        var hop = BgpMpReach.OctetsOf(FlowAddress.From(IPAddress.Parse(options.BlackholeNextHop6)), isIPv6: true);
        return Out(
            BgpFamily.IPv6Unicast, prefix.ToString(), new BgpUpdate([], [new BgpMpReach(BgpFamily.IPv6Unicast) { NextHop = hop, Prefixes = [prefix] }, .. attributes], []),
            new BgpUpdate([], [new BgpMpUnreach(BgpFamily.IPv6Unicast) { Prefixes = [prefix] }], []), encoding);
    }

    private OutRoute? FlowSpec(string text, BgpAsPath path, uint? preference, BgpEncoding encoding, out string why)
    {
        if (!FlowSpecText.TryParse(text, out var statement, out why))
        {
            return null;
        }

        if (_guard.WhyNot(statement!.Rule) is { } wrong)
        {
            why = wrong;
            return null;
        }

        why = "";
        return Out(statement.Rule.Family, Convert.ToHexStringLower(FlowSpecNlri.Write(statement.Rule)), statement.Announce(path, preference), statement.Withdraw(), encoding);
    }

    private static OutRoute Out(BgpFamily family, string nlri, BgpUpdate announce, BgpUpdate withdraw, BgpEncoding encoding) =>
        new($"{family} {nlri}", family, BgpMessageWriter.Write(announce, encoding), withdraw);
}
