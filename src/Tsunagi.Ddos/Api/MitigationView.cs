using Tsunagi.Core.Identity;
using Tsunagi.Ddos.Mitigate;

namespace Tsunagi.Ddos.Api;

/// <summary>A rule as the API tells it.</summary>
/// <param name="Follows">It is renewed while its incident is open and lifted when that is over.</param>
/// <param name="Drops">On each scrubber: whether it acts there, why not, and what it has dropped. Customers see scrubbers by number, without their names.</param>
/// <param name="EndedHow">"lifted", "expired", "switch" (on the node), "contract" (no longer covered); absent while it is active.</param>
public sealed record MitigationView(
    string Id, string TenantId, string SubscriptionId, string Kind, string Rule, string Reason, string? IncidentId, string MadeBy, long MadeAt, long ExpiresAt, long? EndedAt, string? EndedHow,
    string? EndedBy, bool Follows, IReadOnlyList<RuleDrop> Drops)
{
    internal static MitigationView Of(Caller caller, MitigationRow row) => new(
        row.Id, row.TenantId, row.SubscriptionId, row.Kind, row.Rule, row.Reason, Some(row.IncidentId), row.MadeByName, row.MadeAt, row.ExpiresAt, row.EndedAt, Some(row.EndedHow), Some(row.EndedBy), row.Follows, RuleDrop.For(caller, row.Drops));

    private static string? Some(string text) => text.Length > 0 ? text : null;
}
