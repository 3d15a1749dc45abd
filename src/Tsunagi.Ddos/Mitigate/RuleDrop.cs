using System.Globalization;
using System.Text.Json;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Core.Identity;

namespace Tsunagi.Ddos.Mitigate;

/// <summary>A rule on one scrubber: whether it acts there, and what it has dropped.</summary>
/// <param name="State">"waiting", "in place", "refused" or "gone".</param>
/// <param name="Why">Why it is refused.</param>
/// <param name="Octets">From the IP header on.</param>
/// <param name="CountedAt">When that was read, µs UTC; 0 when it never was.</param>
public sealed record RuleDrop(string Scrubber, string State, string? Why, long SinceAt, long Packets, long Octets, long CountedAt)
{
    internal static RuleDrop Of(string scrubber, ScrubbedRule rule) => new(scrubber, rule.State, rule.Why, rule.SinceAt, rule.Packets, rule.Octets, rule.CountedAt);

    internal static IReadOnlyList<RuleDrop> Read(string json) => json.Length == 0 ? [] : JsonSerializer.Deserialize<List<RuleDrop>>(json) ?? [];

    /// <summary>As someone sees them: what the provider calls its boxes, and what they said, is for its operators; customers see them by number.</summary>
    internal static IReadOnlyList<RuleDrop> For(Caller caller, string json) => caller.IsOperator
        ? Read(json)
        : [.. Read(json).Select(static (drop, i) => drop with { Scrubber = (i + 1).ToString(CultureInfo.InvariantCulture), Why = null })];

    /// <summary>What is known with what is new, of which each scrubber has one.</summary>
    internal static string Merge(string json, IReadOnlyList<RuleDrop> fresh) =>
        JsonSerializer.Serialize(Read(json).Where(known => fresh.All(each => each.Scrubber != known.Scrubber)).Concat(fresh).OrderBy(static drop => drop.Scrubber, StringComparer.Ordinal));

    internal bool SaysTheSame(RuleDrop other) => this with { CountedAt = 0 } == other with { CountedAt = 0 };
}
