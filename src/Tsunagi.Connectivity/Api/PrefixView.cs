using Tsunagi.Connectivity.Addresses;

namespace Tsunagi.Connectivity.Api;

/// <summary>A prefix of the plan as the API tells it.</summary>
/// <param name="VrfId">"global" for the global table.</param>
/// <param name="Rir">Who gave it; absent where it is no aggregate.</param>
/// <param name="Authority">The system that owns these fields; absent where they are ours.</param>
internal sealed record PrefixView(
    string Id, string VrfId, string Cidr, string State, string? Rir, string? Role, string TenantId, string? SiteId, string? Note, string? Authority, long Version, long CreatedAt)
{
    public static PrefixView Of(PrefixRow row) => new(
        row.Id, row.VrfId, row.Cidr, row.State, LineView.Some(row.Rir), LineView.Some(row.Role), row.TenantId, LineView.Some(row.SiteId), LineView.Some(row.Note), LineView.Some(row.Authority), row.Version,
        row.CreatedAt);
}

/// <summary>A VRF as the API tells it.</summary>
internal sealed record VrfView(string Id, string Name, string? Rd, string? Note, long Version, long CreatedAt)
{
    public static VrfView Of(Vrf vrf) => new(vrf.Id, vrf.Name, LineView.Some(vrf.Rd), LineView.Some(vrf.Note), vrf.Version, vrf.CreatedAt);
}

/// <summary>A pool as the API tells it.</summary>
/// <param name="Parts">How many parts it can give.</param>
/// <param name="Used">How many are given or rest, as last judged.</param>
internal sealed record PoolView(
    string Id, string Name, string VrfId, string Cidr, int PartLength, string Purpose, string Policy, IReadOnlyList<string> Reserved, long RestSeconds, int WarnPercent, string? Note, long Parts, long Used,
    long Version, long CreatedAt)
{
    public static PoolView Of(PoolRow row, long used) => new(
        row.Id, row.Name, row.VrfId, row.Cidr, row.PartLength, row.Purpose, row.Policy, row.ReservedList, row.RestSeconds, row.WarnPercent, LineView.Some(row.Note), row.Parts, used, row.Version, row.CreatedAt);
}

/// <summary>A part of a pool that is not free.</summary>
internal sealed record AssignmentView(string PoolId, long Slot, string Cidr, string State, string? LineId, string TenantId, string? Device, long SinceAt, long? FreeAt)
{
    public static AssignmentView Of(AssignmentRow row) => new(
        row.PoolId, row.Slot, row.Cidr, row.State, LineView.Some(row.LineId), row.TenantId, LineView.Some(row.Device), row.SinceAt, row.FreeAt);
}

/// <summary>The addresses of a line: what it holds of pools for lines, and what it held and holds by its sessions and of its own, newest first.</summary>
internal sealed record LineAddressesView(IReadOnlyList<AssignmentView> Assigned, IReadOnlyList<Holder> Held);
