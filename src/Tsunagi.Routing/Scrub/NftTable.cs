using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Routing.Scrub;

/// <summary>
/// Writes the scrubber's own table as nft reads it, one transaction at a time: the kernel takes all of it or nothing. Nothing but the table is ever named. What it looks like: the chain "in" leads by destination to a
/// chain for each outermost destination, which has the lines of its rules in the order in which routers apply them. Each rule has a counter, and a set that holds its destination until its time is over: the
/// kernel itself forgets that, whatever became of us, and the rule then matches nothing.
/// </summary>
internal static class NftTable
{
    public const string Name = "tsunagi_scrub";
    public const string Full = "inet " + Name;

    // In front of everything that would change packets, and of what puts pieces together (NF_IP_PRI_CONNTRACK_DEFRAG is -400).
    private const int Priority = -450;

    /// <summary>Anew from nothing, whatever was there.</summary>
    public static string Rebuild(IReadOnlyList<ScrubRule> rules, Func<ScrubRule, ScrubStart> start)
    {
        var to = new StringBuilder($"add table {Full}\ndelete table {Full}\n");
        return rules.Count == 0 ? to.ToString() : Write(to, rules, rules, start).ToString();
    }

    /// <summary>From what was set to what is wanted. Counters of rules that stay go on; those of rules that go stay too, so that their last figures can be read, until <see cref="Forget"/>.</summary>
    public static string Change(IReadOnlyList<ScrubRule> before, IReadOnlyList<ScrubRule> after, Func<ScrubRule, ScrubStart> start)
    {
        var to = new StringBuilder($"flush table {Full}\n");
        var (known, wanted) = (before.Select(static rule => rule.Name).ToHashSet(StringComparer.Ordinal), after.Select(static rule => rule.Name).ToHashSet(StringComparer.Ordinal));
        for (var group = Groups(after).Count; group < Groups(before).Count; group++)
        {
            to.Append(CultureInfo.InvariantCulture, $"delete chain {Full} to_{group}\n");
        }

        foreach (var gone in before.Where(rule => !wanted.Contains(rule.Name)))
        {
            to.Append(CultureInfo.InvariantCulture, $"delete set {Full} {gone.Name}\n");
            foreach (var limit in gone.Limits)
            {
                to.Append(CultureInfo.InvariantCulture, $"delete limit {Full} {limit.NameOf(gone.Name)}\n");
            }
        }

        return Write(to, after, [.. after.Where(rule => !known.Contains(rule.Name))], start).ToString();
    }

    /// <summary>Sets the time of rules anew, and nothing else.</summary>
    public static string Renew(IEnumerable<ScrubRule> rules, Func<ScrubRule, ScrubStart> start)
    {
        var to = new StringBuilder();
        foreach (var rule in rules)
        {
            to.Append(CultureInfo.InvariantCulture, $"flush set {Full} {rule.Name}\n");
            Live(to, rule, start(rule).Life);
        }

        return to.ToString();
    }

    /// <summary>Takes counters of rules that are gone away, once read; with the last of them the table.</summary>
    public static string Forget(IEnumerable<ScrubRule> gone, bool isLast) => isLast
        ? $"delete table {Full}\n"
        : string.Concat(gone.Select(static rule => $"delete counter {Full} {rule.Name}\n"));

    /// <summary>In the order in which they act. Blackholes come first: what a rule lets pass within its limit, a router drops behind it all the same.</summary>
    public static IReadOnlyList<ScrubRule> InOrder(IEnumerable<ScrubRule> rules) =>
        [.. rules.OrderBy(static rule => rule.IsBlackhole ? 0 : 1).ThenBy(static rule => rule.Rule, Comparer<FlowSpecRule>.Default).ThenBy(static rule => rule.Key, StringComparer.Ordinal)];

    private static StringBuilder Write(StringBuilder to, IReadOnlyList<ScrubRule> all, IReadOnlyList<ScrubRule> fresh, Func<ScrubRule, ScrubStart> start)
    {
        var groups = Groups(all);
        to.Append(CultureInfo.InvariantCulture, $"table {Full} {{\n");
        foreach (var rule in fresh)
        {
            var began = start(rule);
            to.Append(CultureInfo.InvariantCulture, $" counter {rule.Name} {{ packets {began.Packets} bytes {began.Octets} }}\n");
            to.Append(CultureInfo.InvariantCulture, $" set {rule.Name} {{ type {(rule.Destination.IsIPv6 ? "ipv6_addr" : "ipv4_addr")}; flags interval, timeout; }}\n");
            foreach (var limit in rule.Limits)
            {
                to.Append(CultureInfo.InvariantCulture, $" limit {limit.NameOf(rule.Name)} {{ {limit.Definition} }}\n");
            }
        }

        for (var i = 0; i < groups.Count; i++)
        {
            to.Append(CultureInfo.InvariantCulture, $" chain to_{i} {{\n");
            foreach (var line in groups[i].Rules.SelectMany(static rule => rule.Lines))
            {
                to.Append("  ").Append(line).Append('\n');
            }

            to.Append(" }\n");
        }

        to.Append(CultureInfo.InvariantCulture, $" chain in {{\n  type filter hook prerouting priority {Priority}; policy accept;\n");
        Lead(to, groups, isIPv6: false);
        Lead(to, groups, isIPv6: true);
        to.Append(" }\n}\n");
        foreach (var rule in fresh)
        {
            Live(to, rule, start(rule).Life);
        }

        return to;
    }

    private static void Lead(StringBuilder to, IReadOnlyList<Group> groups, bool isIPv6)
    {
        var own = groups.Select(static (group, i) => (group.Outermost, Index: i)).Where(each => each.Outermost.IsIPv6 == isIPv6)
            .Select(static each => string.Create(CultureInfo.InvariantCulture, $"{each.Outermost} : goto to_{each.Index}")).ToList();
        if (own.Count > 0)
        {
            to.Append(CultureInfo.InvariantCulture, $"  {(isIPv6 ? "ip6" : "ip")} daddr vmap {{ {string.Join(", ", own)} }}\n");
        }
    }

    private static void Live(StringBuilder to, ScrubRule rule, TimeSpan life) =>
        to.Append(CultureInfo.InvariantCulture, $"add element {Full} {rule.Name} {{ {rule.Destination} timeout {Math.Max(1, (long)life.TotalMilliseconds)}ms }}\n");

    // Destinations that no other holds, each with all that lie within: a packet is led to one of them by one look.
    private static IReadOnlyList<Group> Groups(IReadOnlyList<ScrubRule> rules)
    {
        var groups = new List<Group>();
        foreach (var rule in rules.OrderBy(static rule => rule.Destination.IsIPv6).ThenBy(static rule => rule.Destination.Address).ThenBy(static rule => rule.Destination.Length))
        {
            if (groups.Count == 0 || !Holds(groups[^1].Outermost, rule.Destination))
            {
                groups.Add(new Group(rule.Destination, []));
            }

            groups[^1].Rules.Add(rule);
        }

        groups.ForEach(static group =>
        {
            var ordered = InOrder(group.Rules);
            group.Rules.Clear();
            group.Rules.AddRange(ordered);
        });
        return groups;
    }

    private static bool Holds(BgpPrefix outer, BgpPrefix inner)
    {
        var bits = outer.IsIPv6 ? outer.Length : outer.Length + 96;
        var differ = new UInt128(outer.Address.High, outer.Address.Low) ^ new UInt128(inner.Address.High, inner.Address.Low);
        return outer.IsIPv6 == inner.IsIPv6 && outer.Length <= inner.Length && (bits == 0 || differ >> (128 - bits) == 0);
    }

    private sealed record Group(BgpPrefix Outermost, List<ScrubRule> Rules);
}

/// <summary>What a rule begins with: for how long it lives, and what it had dropped before the table was made anew.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ScrubStart(TimeSpan Life, long Packets, long Octets);
