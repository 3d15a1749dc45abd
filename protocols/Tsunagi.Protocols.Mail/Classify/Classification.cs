using System.Collections.Immutable;

namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>What the models say of a message.</summary>
/// <param name="Score">0 to 1; from a half on it is spam.</param>
/// <param name="Margin">Distance from the threshold: above 0 it is spam.</param>
/// <param name="TenantPart">How much of the margin is the party's own word.</param>
/// <param name="ForSpam">The features that speak most for spam, the strongest first.</param>
/// <param name="ForHam">The features that speak most against it, the strongest first.</param>
public sealed record Classification(double Score, double Margin, double TenantPart, ImmutableArray<WeighedFeature> ForSpam, ImmutableArray<WeighedFeature> ForHam)
{
    /// <summary>The threshold is reached.</summary>
    public bool IsSpam => Margin >= 0;
}

/// <summary>A feature of a message and what it adds to its margin.</summary>
/// <param name="Feature">In words.</param>
/// <param name="Weight">Above 0 for spam, below 0 against it.</param>
public readonly record struct WeighedFeature(FeatureText Feature, double Weight);
