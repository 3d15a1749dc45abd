namespace Tsunagi.Core.Proof;

/// <summary>How long a released domain or prefix rests before another tenant may prove it.</summary>
public sealed record ProofOptions
{
    public TimeSpan RestAfterRelease { get; init; } = TimeSpan.FromDays(30);
}
