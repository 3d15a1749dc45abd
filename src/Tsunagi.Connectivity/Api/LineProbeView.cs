using Tsunagi.Connectivity.Probes;

namespace Tsunagi.Connectivity.Api;

/// <summary>A probe as the API tells it.</summary>
/// <param name="State">unknown, up or lost.</param>
/// <param name="StateSince">Absent before anything was seen.</param>
/// <param name="Node">Which node probes; absent before anything was seen.</param>
internal sealed record LineProbeView(
    string Id, string TenantId, string LineId, string? SubscriptionId, string Name, string Target, long EveryMilliseconds, long PaddingOctets, bool Authenticated, string State, long? StateSince, string? Node, long CreatedAt, long? RemovedAt)
{
    public static LineProbeView Of(ProbeRow row) => new(
        row.Id, row.TenantId, row.LineId, LineView.Some(row.SubscriptionId), row.Name, row.Target, row.EveryMilliseconds, row.PaddingOctets, row.Authenticated, row.State, row.StateSince, LineView.Some(row.Node), row.CreatedAt,
        row.RemovedAt);
}

/// <summary>A minute of a probe. Delays are round trips without the reflector's own time, variations those of RFC 3393 between packets sent one after the other; both in nanoseconds, absent where nothing came back.</summary>
/// <param name="At">When the minute begins.</param>
/// <param name="Unclear">Came back, and a clock was set on the way: they have no delay.</param>
internal sealed record ProbeMinuteView(
    long At, string Node, long Sent, long Received, long Lost, long Duplicates, long Reordered, long Unclear, long? P50, long? P95, long? P99, long? Least, long? Most, long? Variation50, long? Variation95)
{
    private const long MicrosPerMinute = 60_000_000;

    public static ProbeMinuteView Of(ProbeMinute row) => new(
        row.Minute * MicrosPerMinute, row.Node, row.Sent, row.Received, row.Lost, row.Duplicates, row.Reordered, row.Unclear, row.P50, row.P95, row.P99, row.Least, row.Most, row.Variation50, row.Variation95);
}
