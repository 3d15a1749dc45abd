namespace Tsunagi.Ddos.Mitigate;

/// <summary>The mode of one protection, as its table holds it.</summary>
public sealed record ModeRow(string SubscriptionId, string TenantPath, string TenantId, string Mode, string Reason, string SetBy, long SetAt)
{
    internal const string Columns = "subscription_id, tenant_path, tenant_id, mode, reason, set_by, set_at";
}
