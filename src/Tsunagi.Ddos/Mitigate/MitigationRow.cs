namespace Tsunagi.Ddos.Mitigate;

/// <summary>A rule as table and file hold it.</summary>
/// <param name="Kind">"blackhole" or "flowspec".</param>
/// <param name="Rule">A prefix, or the rule's text with its action, as it was understood.</param>
/// <param name="MatchKey">What it matches on: of two active rules never the same.</param>
/// <param name="Follows">It is renewed while its incident is open and lifted when that is closed.</param>
/// <param name="Drops">On each scrubber, as JSON: <see cref="RuleDrop"/>; empty where there is none.</param>
/// <param name="EndedHow">"lifted", "expired", "switch", "contract"; empty while it is active.</param>
public sealed record MitigationRow(
    string Id, string TenantPath, string TenantId, string SubscriptionId, string Kind, string Rule, string MatchKey, string Reason, string IncidentId, string MadeBy, string MadeByName,
    long MadeAt, long ExpiresAt, long? EndedAt, string EndedHow, string EndedBy,
    bool Follows = false, string Drops = "")
{
    public const string Blackhole = "blackhole";
    public const string FlowSpec = "flowspec";

    internal const string Columns =
        "id, tenant_path, tenant_id, subscription_id, kind, rule, match_key, reason, incident_id, made_by, made_by_name, made_at, expires_at, ended_at, ended_how, ended_by, follows, drops";
}
