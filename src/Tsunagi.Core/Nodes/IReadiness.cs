namespace Tsunagi.Core.Nodes;

/// <summary>A part of the node that can say why the node should not be given new work (a poisoned log, a full disk).</summary>
public interface IReadiness
{
    /// <summary>Why not, or null when all is well. Must not wait.</summary>
    NotReady? WhyNotReady { get; }
}

/// <summary>Why a node takes no new work.</summary>
/// <param name="Code">One of the codes declared in <see cref="Modules.ModuleDescription.Readiness"/>.</param>
/// <param name="Detail">One sentence with what was found: the directory, the free bytes.</param>
public sealed record NotReady(string Code, string Detail);
