using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Connectivity.Import;

/// <summary>How much an import takes.</summary>
public sealed record ImportOptions
{
    /// <summary>Rows of all files together.</summary>
    [Range(1, 10_000_000)]
    public int MaxRows { get; init; } = 1_000_000;

    /// <summary>Octets of a request.</summary>
    [Range(1_000, 1_000_000_000)]
    public long MaxBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>Lines written by one call; the rest is told as remaining, and the same request again goes on.</summary>
    [Range(1, 100_000)]
    public int LinesPerCall { get; init; } = 2_000;
}
