namespace Tsunagi.Ddos.Mitigate;

/// <summary>The mode of one protection, as its table holds it.</summary>
/// <param name="Report">The dry run that let it go so far; "without" where it was set without one; empty where none was asked for.</param>
public sealed record ModeRow(string SubscriptionId, string TenantPath, string TenantId, string Mode, string Reason, string SetBy, long SetAt, string Report)
{
    public const string Without = "without";

    internal const string Columns = "subscription_id, tenant_path, tenant_id, mode, reason, set_by, set_at, report";
}
