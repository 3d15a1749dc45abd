namespace Tsunagi.Core.Nodes;

/// <summary>A node of the provider as the others know it.</summary>
/// <param name="Name">Lasting; kept in its data directory.</param>
/// <param name="Boot">This run of it (b_…).</param>
/// <param name="Modules">The services it runs.</param>
/// <param name="SeenAt">When it last said that it lives.</param>
/// <param name="StoppedAt">When it was stopped as asked; absent while it runs and when it vanished.</param>
/// <param name="Reasons">Why it takes no new work; empty when it is ready.</param>
public sealed record NodeView(
    string Name, string Boot, string Version, IReadOnlyList<string> Modules, NodeState State, long StartedAt, long SeenAt, long? StoppedAt, IReadOnlyList<NodeReason> Reasons);

/// <summary>How a node is.</summary>
public enum NodeState
{
    /// <summary>It takes new work.</summary>
    Ready,

    /// <summary>It lives and takes no new work: its reasons say why.</summary>
    NotReady,

    /// <summary>It was stopped as asked.</summary>
    Stopped,

    /// <summary>It was not heard of for a while: it died, hangs, or cannot reach the database.</summary>
    Away,
}

/// <summary>Why a node takes no new work.</summary>
/// <param name="Code">For programs, and the row of docs/20-operate/faults.md.</param>
/// <param name="Detail">What was found.</param>
/// <param name="NextStep">What to do, where this node knows the reason.</param>
public sealed record NodeReason(string Code, string Detail, string? NextStep);
