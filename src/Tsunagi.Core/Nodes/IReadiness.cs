namespace Tsunagi.Core.Nodes;

/// <summary>A part of the node that can say why the node should not be given new work (a poisoned log, a full disk).</summary>
public interface IReadiness
{
    /// <summary>A sentence, or null when all is well. Must not wait.</summary>
    string? WhyNotReady { get; }
}
