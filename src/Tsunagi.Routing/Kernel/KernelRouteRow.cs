namespace Tsunagi.Routing.Kernel;

/// <summary>A route that this node's kernel should have.</summary>
/// <param name="State">"set", "waiting" (for the next moment) or "failed".</param>
/// <param name="SinceAt">Since when it is in that state, µs UTC.</param>
/// <param name="Why">Why it is not set; null where it is.</param>
public sealed record KernelRouteRow(string Prefix, string NextHop, string Interface, string State, long SinceAt, string? Why)
{
    public static readonly IReadOnlyList<string> States = ["set", "waiting", "failed"];
}
