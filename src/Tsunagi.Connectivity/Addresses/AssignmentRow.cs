using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>A part of a pool that is not free.</summary>
/// <param name="State">active, resting (given back, not given again before <paramref name="FreeAt"/>), or part (of one that has grown).</param>
public sealed record AssignmentRow(
    string PoolId, long Slot, string VrfId, string Cidr, string LineId, string TenantId, string TenantPath, string Device, string State, long SinceAt, long? FreeAt)
{
    internal const string Columns = "pool_id, slot, vrf_id, cidr, line_id, tenant_id, tenant_path, device, state, since_at, free_at";

    public const string Active = "active";
    public const string Resting = "resting";
    public const string Part = "part";
}

/// <summary>The request for an address or prefix of a pool.</summary>
public sealed record NewAssignment
{
    [MaxLength(40), Description("The line that gets it.")]
    public string? LineId { get; init; }

    [MaxLength(40), Description("The tenant that gets it, where no line does; the provider without it.")]
    public string? TenantId { get; init; }

    [MaxLength(200), Description("What it is for: a device and its port, in your own words.")]
    public string? Device { get; init; }

    [MaxLength(50), Description("This one and no other.")]
    public string? Cidr { get; init; }
}

/// <summary>The request to let a prefix grow where it is.</summary>
public sealed record Growth([property: Range(1, 128), Description("The length it shall have: shorter than now.")] int Length);
