namespace Tsunagi.Core.Lease;

/// <summary>A write came from a holder that has been replaced. Nothing of its transaction is kept.</summary>
public sealed class StaleLeaseException(string name, long epoch, long? current)
    : Exception($"lease {name}: epoch {epoch} is stale, the current one is {current?.ToString(null as IFormatProvider) ?? "unknown"}")
{
    public string Name { get; } = name;

    public long Epoch { get; } = epoch;
}
