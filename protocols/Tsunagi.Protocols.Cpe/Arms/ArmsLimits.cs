namespace Tsunagi.Protocols.Cpe.Arms;

/// <summary>How much of a message is read.</summary>
public sealed record ArmsLimits
{
    /// <summary>The defaults.</summary>
    public static ArmsLimits Default { get; } = new();

    /// <summary>Octets of a message.</summary>
    public int MessageOctets { get; init; } = 4 * 1024 * 1024;

    /// <summary>Elements within elements.</summary>
    public int Depth { get; init; } = 8;

    /// <summary>Octets of one text: a configuration.</summary>
    public int TextOctets { get; init; } = 2 * 1024 * 1024;

    /// <summary>Elements of a message.</summary>
    public int Elements { get; init; } = 10_000;
}

/// <summary>Why a message cannot be read.</summary>
/// <param name="Code">What a server answers: 201, 202 or 203.</param>
/// <param name="Reason">A sentence without a full stop.</param>
public readonly record struct ArmsError(int Code, string Reason);
