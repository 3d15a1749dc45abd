namespace Tsunagi.Protocols.Flow.Stix;

/// <summary>What is read of somebody else's STIX and no more.</summary>
public sealed record StixLimits
{
    /// <summary>The limits that hold where none are given.</summary>
    public static StixLimits Default { get; } = new();

    /// <summary>Octets of a document.</summary>
    public int MaxOctets { get; init; } = 4 * 1024 * 1024;

    /// <summary>Levels of nesting.</summary>
    public int MaxDepth { get; init; } = 24;

    /// <summary>Objects of a bundle or an envelope.</summary>
    public int MaxObjects { get; init; } = 2_000;

    /// <summary>Octets of one object.</summary>
    public int MaxObjectOctets { get; init; } = 256 * 1024;

    /// <summary>Identifiers that one object refers to.</summary>
    public int MaxReferences { get; init; } = 5_000;

    /// <summary>Characters of a pattern.</summary>
    public int MaxPattern { get; init; } = 20_000;

    /// <summary>Comparisons of a pattern, and levels of its parentheses.</summary>
    public int MaxComparisons { get; init; } = 500;
}
