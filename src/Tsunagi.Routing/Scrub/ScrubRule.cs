using System.Globalization;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Routing.Scrub;

/// <summary>A wanted route as a scrubber does it.</summary>
/// <param name="Key">The wanted route's.</param>
/// <param name="Name">Of its objects in the table: letters, digits and underscores.</param>
/// <param name="Matches">Expressions for all but the destination, any of which may match.</param>
/// <param name="Limits">What may pass; none of them for a rule that lets nothing pass.</param>
internal sealed record ScrubRule(string Key, string Name, FlowSpecRule Rule, IReadOnlyList<string> Matches, IReadOnlyList<ScrubLimit> Limits)
{
    public BgpPrefix Destination { get; } = Rule.Find(FlowSpecType.Destination)!.Prefix;

    /// <summary>The rule's id, as people read it beside the line.</summary>
    public string Comment { get; } = Name == "r_" + Key ? Key : Name;

    public bool IsBlackhole => Rule.Components.Length == 1 && Limits.Count == 0;

    /// <summary>Its lines in a chain, each with the rule's id as its comment. What is within the limits goes on, and no later rule of ours acts on it (RFC 8955 section 4).</summary>
    public IEnumerable<string> Lines
    {
        get
        {
            foreach (var match in Matches)
            {
                var start = $"{(Destination.IsIPv6 ? "ip6" : "ip")} daddr @{Name}{(match.Length > 0 ? " " : "")}{match}";
                var end = $"comment \"{Comment}\"";
                if (Limits.Count == 0)
                {
                    yield return $"{start} counter name {Name} drop {end}";
                    continue;
                }

                foreach (var limit in Limits)
                {
                    yield return $"{start} limit name {limit.NameOf(Name)} counter name {Name} drop {end}";
                }

                yield return $"{start} accept {end}";
            }
        }
    }

    public int LineCount => Matches.Count * (Limits.Count == 0 ? 1 : Limits.Count + 1);
}

/// <summary>A rate above which is dropped: octets or packets a second. The bucket holds about a second's worth.</summary>
internal sealed record ScrubLimit(long Rate, bool IsOctets)
{
    // One packet of any link always fits: else small rates would let nothing pass.
    private const int LongestPacket = 9_216;
    private const long MostBurst = 100_000;

    public string NameOf(string rule) => (IsOctets ? "o" : "p") + rule;

    public string Definition => IsOctets
        ? string.Create(CultureInfo.InvariantCulture, $"rate over {Rate} bytes/second burst {LongestPacket} bytes")
        : string.Create(CultureInfo.InvariantCulture, $"rate over {Rate}/second burst {Math.Min(Rate, MostBurst)} packets");
}
