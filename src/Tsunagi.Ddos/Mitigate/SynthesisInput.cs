using Tsunagi.Ddos.Detect;
using Tsunagi.Protocols.Flow.Bgp;

namespace Tsunagi.Ddos.Mitigate;

/// <summary>What rules are made from.</summary>
/// <param name="Target">Where the attack goes to: every rule's destination.</param>
/// <param name="Attack">Samples of the attack.</param>
/// <param name="Own">Samples of what else flows to the same target: before the attack, and beside it.</param>
/// <param name="OwnWatched">For how long the own traffic was watched while nothing was wrong.</param>
/// <param name="BySource">The attack is told from other traffic by who sends it only.</param>
internal sealed record SynthesisInput(BgpPrefix Target, IReadOnlyList<TrafficSample> Attack, IReadOnlyList<TrafficSample> Own, TimeSpan OwnWatched, bool BySource)
{
    /// <summary>Where the target's own samples are some but not many: those of the rest of its prefixes. What touches none of the target's own may still be known by how much it would touch of these.</summary>
    public IReadOnlyList<TrafficSample> Beside { get; init; } = [];
}
