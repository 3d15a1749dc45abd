using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Core.Identity.Passwords;

/// <summary>How passwords are kept.</summary>
public sealed record PasswordOptions
{
    public const int LeastIterations = 210_000;

    /// <summary>Rounds of PBKDF2-HMAC-SHA-512. A stored password with fewer is made again at the next sign-in.</summary>
    [Range(LeastIterations, 10_000_000)]
    public int Iterations { get; init; } = LeastIterations;

    /// <summary>How many may be computed at once: each is about a tenth of a second of one core.</summary>
    [Range(1, 64)]
    public int AtOnce { get; init; } = Math.Max(1, Environment.ProcessorCount - 1);
}
