namespace Tsunagi.Connectivity.Sla;

/// <summary>An outage of a line as its table holds it.</summary>
/// <param name="LineId">Empty for the whole subscription's.</param>
/// <param name="Source">probe, session (lost with many others) or reported.</param>
/// <param name="SourceId">The probe's or session's id; its own for what was reported.</param>
/// <param name="Cause">One of <see cref="OutageCause"/>; empty until somebody has judged it, which counts as the provider's.</param>
/// <param name="ToAt">Null while it lasts.</param>
public sealed record OutageRow(
    string Id, string TenantPath, string TenantId, string LineId, string SubscriptionId, string Source, string SourceId, string Cause, string Note, long FromAt, long? ToAt, long Version)
{
    internal const string Columns = "id, tenant_path, tenant_id, line_id, subscription_id, source, source_id, cause, note, from_at, to_at, version";
}

/// <summary>Whose doing an outage was.</summary>
public static class OutageCause
{
    public const string Provider = "provider";
    public const string Customer = "customer";
    public const string ForceMajeure = "force-majeure";
}
