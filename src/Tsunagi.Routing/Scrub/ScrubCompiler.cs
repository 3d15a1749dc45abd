using System.Security.Cryptography;
using System.Text;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Routing.Scrub;

/// <summary>Makes rules of a scrubber from wishes, or says why it cannot: behind the last guard, so never one without a destination.</summary>
internal sealed class ScrubCompiler(RoutingOptions options)
{
    // 80 Gbit/s; the kernel's arithmetic ends not far above.
    private const float MostOctets = 1e10f;
    private const float MostPackets = 1e8f;
    private const int LongestName = 100;

    private readonly LastGuard _guard = new(options);

    /// <summary>Null when it cannot be; <paramref name="whyNot"/> says why.</summary>
    public ScrubRule? Compile(WantedRoute wanted, out string whyNot)
    {
        if (StatementOf(wanted, out whyNot) is not { } statement)
        {
            return null;
        }

        if (_guard.WhyNot(statement.Rule) is { } wrong)
        {
            whyNot = wrong;
            return null;
        }

        if (LimitsOf(statement, out whyNot) is not { } limits || NftMatch.Write(statement.Rule, out whyNot) is not { } matches)
        {
            return null;
        }

        whyNot = matches.Count == 0 ? "no packet can match it" : "";
        return matches.Count == 0 ? null : new ScrubRule(wanted.Key, NameOf(wanted.Key), statement.Rule, matches, limits);
    }

    private static FlowSpecStatement? StatementOf(WantedRoute wanted, out string whyNot)
    {
        if (wanted.Kind == WantedRouteKind.FlowSpec)
        {
            return FlowSpecText.TryParse(wanted.Text, out var statement, out whyNot) ? statement : null;
        }

        whyNot = $"\"{wanted.Text}\" is no prefix";
        return BgpPrefix.TryParse(wanted.Text, out var prefix)
            ? new FlowSpecStatement(new FlowSpecRule(prefix.IsIPv6, [new FlowSpecComponent(FlowSpecType.Destination) { Prefix = prefix }]), [BgpExtendedCommunity.RateBytes(0)])
            : null;
    }

    // Empty where nothing may pass.
    private static IReadOnlyList<ScrubLimit>? LimitsOf(FlowSpecStatement statement, out string whyNot)
    {
        var other = statement.Actions.Where(static action => action.BytesPerSecond is null && action.PacketsPerSecond is null).Select(static action => action.ToString()).FirstOrDefault();
        if (other is not null || statement.Actions.Length == 0 || statement.Communities.Length > 0 || !statement.NextHop.IsUnspecified)
        {
            whyNot = $"a scrubber drops or limits, and does nothing else: \"{other ?? statement.ToString()}\"";
            return null;
        }

        var limits = new List<ScrubLimit>();
        foreach (var action in statement.Actions)
        {
            var (rate, most) = action.BytesPerSecond is { } octets ? (octets, MostOctets) : (action.PacketsPerSecond!.Value, MostPackets);
            if (!float.IsFinite(rate) || rate < 0 || (rate > 0 && rate < 1) || rate > most)
            {
                whyNot = FormattableString.Invariant($"a scrubber limits to 1 to {most:0} a second, or drops: \"{action}\"");
                return null;
            }

            limits.Add(new ScrubLimit((long)rate, action.BytesPerSecond is not null));
        }

        whyNot = "";
        return limits.Exists(static limit => limit.Rate == 0) ? [] : limits;
    }

    // Ids are names as they are; of anything else the hash, so that nothing in a key is ever read as a word of nft.
    internal static string NameOf(string key) => key.Length is > 0 and <= LongestName && key.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_')
        ? "r_" + key
        : "x_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 16));
}
