namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>How a model is trained.</summary>
public sealed record TrainingOptions
{
    /// <summary>The defaults.</summary>
    public static TrainingOptions Default { get; } = new();

    /// <summary>Bits of the table of weights: 22 is 16 MB, and 16 MB of odds beside it.</summary>
    public int Bits { get; init; } = 22;

    /// <summary>Share of the good mail that may be taken for spam, as far as the training examples tell: fixes the threshold.</summary>
    public double HamHits { get; init; } = 0.003;

    /// <summary>Parts the examples are cut into to fix the threshold: each is judged by a model that was trained with the others.</summary>
    public int Folds { get; init; } = 8;

    /// <summary>Most examples; more are refused.</summary>
    public int Examples { get; init; } = 200_000;

    /// <summary>Features kept of each of the large groups of an example.</summary>
    public int Features { get; init; } = 4_000;
}
