using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Ddos.Traffic;

/// <summary>How much traffic is kept in memory.</summary>
public sealed record TrafficOptions
{
    /// <summary>Addresses and prefixes counted at a time (about 146 bytes each, reserved at start, used as they fill). When it is full, new addresses are counted in their prefixes only.</summary>
    [Range(1_000, 20_000_000)]
    public int MaxCounted { get; init; } = 200_000;

    /// <summary>After this long without traffic an address is forgotten.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "01:00:00")]
    public TimeSpan ForgetAfter { get; init; } = TimeSpan.FromSeconds(60);
}
