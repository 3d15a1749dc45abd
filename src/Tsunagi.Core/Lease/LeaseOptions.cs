namespace Tsunagi.Core.Lease;

/// <summary>Times of the leases.</summary>
public sealed record LeaseOptions
{
    /// <summary>Without a renewal for this long another node may take over. The holder stops its external effects at half of it.</summary>
    public TimeSpan TimeToLive { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a holder renews and a candidate looks; at most a quarter of the time to live.</summary>
    public TimeSpan Beat { get; init; } = TimeSpan.FromSeconds(2);
}
