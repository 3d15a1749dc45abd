using Tsunagi.Connectivity.Leases;

namespace Tsunagi.Connectivity.Api;

/// <summary>A lease of DHCPv6 or DHCPv4 as the API tells it.</summary>
/// <param name="Kind">address, prefix, or address4 (DHCPv4).</param>
/// <param name="Link">The prefix of the link that the address lies in, where that is what the pool gave.</param>
/// <param name="Pool">Absent for what is the line's own.</param>
/// <param name="State">bound, released, expired, declined, or withdrawn.</param>
/// <param name="HeardAt">When the client was last answered.</param>
/// <param name="Relay">The relay's address and its names for the place.</param>
/// <param name="Hardware">The client's hardware address, where its relay told it.</param>
internal sealed record LeaseView(
    string Id, string TenantId, string LineId, string? SubscriptionId, string Kind, string Prefix, string? Link, string? Pool, string State, string Duid, long Iaid, long SinceAt, long HeardAt, long ValidUntil, long? EndedAt,
    string? Relay, string? Hardware, string Node)
{
    public static LeaseView Of(LeaseRow row) => new(
        row.Id, row.TenantId, row.LineId, LineView.Some(row.SubscriptionId), row.Kind, row.Prefix, row.Part == row.Prefix ? null : row.Part, LineView.Some(row.Pool), row.State, row.Duid, row.Iaid, row.SinceAt, row.HeardAt,
        row.ValidUntil, row.EndedAt, LineView.Some(row.Relay), LineView.Some(row.Hardware), row.Node);
}
