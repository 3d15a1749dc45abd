namespace Tsunagi.Connectivity.Probes;

/// <summary>A probe of a line as its table holds it.</summary>
/// <param name="Target">"address:port" of the reflector at the line's far end.</param>
/// <param name="EveryMilliseconds">Between two test packets.</param>
/// <param name="PaddingOctets">Extra Padding of each, for paths that treat long packets otherwise.</param>
/// <param name="State">One of <see cref="ProbeState"/>, as the node that probes saw it last.</param>
/// <param name="StateSince">µs since 1970; null before anything was seen.</param>
public sealed record ProbeRow(
    string Id, string TenantPath, string TenantId, string LineId, string SubscriptionId, string Name, string Target, long EveryMilliseconds, long PaddingOctets, bool Authenticated, string State, long? StateSince, string Node,
    long Version, long CreatedAt, long? RemovedAt)
{
    internal const string Columns =
        "id, tenant_path, tenant_id, line_id, subscription_id, name, target, every_milliseconds, padding_octets, authenticated, state, state_since, node, version, created_at, removed_at";

    public bool IsRemoved => RemovedAt is not null;
}

/// <summary>What a probe knows of its path.</summary>
public static class ProbeState
{
    /// <summary>Nothing yet, or whoever probed is gone.</summary>
    public const string Unknown = "unknown";
    public const string Up = "up";
    public const string Lost = "lost";

    public static readonly IReadOnlyList<string> All = [Unknown, Up, Lost];
}
