using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Core.Api;

/// <summary>Limits of the API.</summary>
public sealed record ApiOptions
{
    /// <summary>Largest request body, unless an endpoint says another.</summary>
    [Range(1_024, 1_073_741_824)]
    public long MaxRequestBytes { get; init; } = 1_048_576;
}
