using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Ddos.Traffic;

/// <summary>How much traffic is kept in memory.</summary>
public sealed record TrafficOptions
{
    /// <summary>Addresses counted at a time, about 131 bytes each, taken as they come; an eighth as many /24 and /64 besides, and all protected prefixes. When all have traffic, one more is counted in its prefixes only; that is counted and told.</summary>
    [Range(1_000, 20_000_000)]
    public int MaxCounted { get; init; } = 200_000;

    /// <summary>After this long without traffic an address is forgotten.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "01:00:00")]
    public TimeSpan ForgetAfter { get; init; } = TimeSpan.FromSeconds(60);
}
