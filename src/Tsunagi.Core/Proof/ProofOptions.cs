using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Proof;

/// <summary>How long a released domain or prefix rests before another tenant may prove it.</summary>
public sealed record ProofOptions
{
    private const int MaxReason = 500;

    public TimeSpan RestAfterRelease { get; init; } = TimeSpan.FromDays(30);

    /// <summary>An operator who vouches for an owner says why.</summary>
    internal static Refusal? CheckReason(string? reason) =>
        string.IsNullOrWhiteSpace(reason) || reason.Length > MaxReason
            ? Refusal.Invalid("proof.reason", "reason", "an operator who vouches for an owner says why", $"1 to {MaxReason} characters")
            : null;
}
