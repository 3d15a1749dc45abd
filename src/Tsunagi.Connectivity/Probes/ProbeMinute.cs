namespace Tsunagi.Connectivity.Probes;

/// <summary>One minute of a probe as its table holds it; delays and variations in nanoseconds, null where nothing came back. See <see cref="MinuteTally"/>.</summary>
/// <param name="Minute">Minutes since 1970.</param>
/// <param name="Delayed">Packets with a delay; <paramref name="DelayMicros"/> is the sum of their delays in microseconds.</param>
/// <param name="Node">Who sent. When another node takes over within a minute there are two rows of it.</param>
public sealed record ProbeMinute(
    string ProbeId, long Minute, string Node, string TenantPath, string LineId, string SubscriptionId, long Sent, long Received, long Lost, long Duplicates, long Reordered, long Unclear, long? P50, long? P95, long? P99,
    long? Least, long? Most, long? Variation50, long? Variation95, long Delayed, long DelayMicros, byte[] Delays)
{
    internal const string Columns =
        "probe_id, minute, node, tenant_path, line_id, subscription_id, sent, received, lost, duplicates, reordered, unclear, p50, p95, p99, least, most, variation50, variation95, delayed, delay_micros, delays";

    internal static ProbeMinute Of(ProbeRow probe, string node, MinuteTally tally) => new(
        probe.Id, tally.Minute, node, probe.TenantPath, probe.LineId, probe.SubscriptionId, tally.Sent, tally.Received, tally.Lost, tally.Duplicates, tally.Reordered, tally.Unclear,
        tally.Delays.Percentile(50), tally.Delays.Percentile(95), tally.Delays.Percentile(99), tally.Delays.Count > 0 ? tally.Least : null, tally.Delays.Count > 0 ? tally.Most : null,
        tally.Variations.Percentile(50), tally.Variations.Percentile(95), tally.Delays.Count, tally.DelaySum / 1_000, tally.Delays.ToBytes());
}
