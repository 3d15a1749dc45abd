namespace Tsunagi.Core.Meters;

/// <summary>What was counted of one meter for one subscription in one minute.</summary>
/// <param name="MinuteMicros">Start of the minute, µs UTC.</param>
public sealed record MeterDelta(string TenantPath, string SubscriptionId, string Meter, long MinuteMicros, long Quantity);
