using Tsunagi.Connectivity.Addresses;

namespace Tsunagi.Connectivity.Leases;

/// <summary>A lease as its table holds it; see <see cref="Lease"/>.</summary>
/// <param name="Kind">"address", "prefix" or "address4".</param>
/// <param name="State">One of <see cref="States"/>.</param>
/// <param name="Prefix">What the client was given.</param>
/// <param name="Part">What the pool gave: the same, or the prefix of the link around it.</param>
/// <param name="Pool">Empty for what is the line's own.</param>
/// <param name="NextHop">Through whom the client is reached: "fe80::1%eth1" on a link, else its relay's address.</param>
public sealed record LeaseRow(
    string Id, string TenantPath, string TenantId, string LineId, string SubscriptionId, string Duid, long Iaid, string Kind, string Prefix, string Part, string Pool, string VrfId, string Owner, string Node,
    long SinceAt, long HeardAt, long ValidUntil, long ChangedAt, string State, long? EndedAt, long FreeAt, string Relay, string Hardware, string NextHop, long UpdatedAt)
{
    internal const string Columns =
        "id, tenant_path, tenant_id, line_id, subscription_id, duid, iaid, kind, prefix, part, pool, vrf_id, owner, node, since_at, heard_at, valid_until, changed_at, state, ended_at, free_at, relay, hardware, next_hop, updated_at";

    public static readonly IReadOnlyList<string> States = ["bound", "released", "expired", "declined", "withdrawn"];

    private static readonly string[] Kinds = ["", "address", "prefix", "address4"];

    internal static LeaseRow Of(Lease lease, long now) => new(
        lease.Id, lease.TenantPath, lease.TenantId, lease.LineId, lease.SubscriptionId, lease.Duid, lease.Iaid, Kinds[(int)lease.Kind], lease.Prefix.ToString(), lease.Part.ToString(), lease.Pool, lease.VrfId, lease.Owner,
        lease.Node, lease.SinceAt, lease.HeardAt, lease.ValidUntil, lease.ChangedAt, States[(int)lease.State - 1], lease.EndedAt, lease.FreeAt, lease.Relay, lease.Hardware, lease.NextHop, now);

    internal Lease ToLease() => new()
    {
        Id = Id, LineId = LineId, TenantId = TenantId, TenantPath = TenantPath, SubscriptionId = SubscriptionId, Duid = Duid, Iaid = (uint)Iaid, Kind = (LeaseKind)Math.Max(1, Array.IndexOf(Kinds, Kind)),
        Prefix = AddressBlock.Parse(Prefix), Part = AddressBlock.Parse(Part), Pool = Pool, VrfId = VrfId, Owner = Owner, Node = Node, SinceAt = SinceAt, HeardAt = HeardAt, ValidUntil = ValidUntil, ChangedAt = ChangedAt,
        State = (LeaseState)(States.ToList().IndexOf(State) + 1), EndedAt = EndedAt, FreeAt = FreeAt, Relay = Relay, Hardware = Hardware, NextHop = NextHop,
    };
}
