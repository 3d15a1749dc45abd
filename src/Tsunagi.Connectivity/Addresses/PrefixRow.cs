using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>A prefix of the plan as its table holds it.</summary>
/// <param name="Rir">Who gave it ("JPNIC", "RFC 1918"): it is then an aggregate; empty for every other prefix.</param>
/// <param name="Authority">Empty when it is ours to change, else the system whose fields these are ("netbox").</param>
public sealed record PrefixRow(
    string Id, string TenantPath, string TenantId, string VrfId, string Cidr, string FirstAddress, string LastAddress, string Rir, string State, string Role, string SiteId, string Note, string Authority,
    long Version, long CreatedAt, long? RemovedAt)
{
    internal const string Columns =
        "id, tenant_path, tenant_id, vrf_id, cidr, first_address, last_address, rir, state, role, site_id, note, authority, version, created_at, removed_at";

    internal AddressBlock Block => AddressBlock.Parse(Cidr);
}

/// <summary>What a prefix is for.</summary>
public static class PrefixState
{
    /// <summary>Holds other prefixes.</summary>
    public const string Container = "container";

    /// <summary>In use, as a whole or by its pools.</summary>
    public const string Active = "active";

    /// <summary>Kept for later: nothing is given from it.</summary>
    public const string Reserved = "reserved";

    /// <summary>Being emptied: nothing new is given from it.</summary>
    public const string Deprecated = "deprecated";

    public static readonly IReadOnlyList<string> All = [Container, Active, Reserved, Deprecated];
}

/// <summary>The request to add a prefix.</summary>
public sealed record NewPrefix
{
    [Required, MaxLength(50)]
    public string Cidr { get; init; } = "";

    [MaxLength(40), Description("A VRF's id; the global table without it.")]
    public string? VrfId { get; init; }

    [AllowedValues("container", "active", "reserved", "deprecated", null), Description("container, active (without it), reserved or deprecated.")]
    public string? State { get; init; }

    [MaxLength(80), Description("Who gave it (JPNIC, APNIC, RFC 1918): it is then an aggregate.")]
    public string? Rir { get; init; }

    [MaxLength(80), Description("What it is for, in your own words (access, loopbacks, customers).")]
    public string? Role { get; init; }

    [MaxLength(40), Description("Whose it is; the provider's without it.")]
    public string? TenantId { get; init; }

    [MaxLength(40)]
    public string? SiteId { get; init; }

    [MaxLength(500)]
    public string? Note { get; init; }
}

/// <summary>The request to change one. What is absent stays.</summary>
public sealed record PrefixChange
{
    [AllowedValues("container", "active", "reserved", "deprecated", null)]
    public string? State { get; init; }

    [MaxLength(80)]
    public string? Rir { get; init; }

    [MaxLength(80)]
    public string? Role { get; init; }

    [MaxLength(40)]
    public string? TenantId { get; init; }

    [MaxLength(40)]
    public string? SiteId { get; init; }

    [MaxLength(500)]
    public string? Note { get; init; }
}

/// <summary>The request for the next free prefix of a length inside one.</summary>
public sealed record NextPrefix
{
    [Range(1, 128), Description("Length of the prefix that is wanted.")]
    public int Length { get; init; }

    [AllowedValues("container", "active", "reserved", null)]
    public string? State { get; init; }

    [MaxLength(80)]
    public string? Role { get; init; }

    [MaxLength(40)]
    public string? TenantId { get; init; }

    [MaxLength(500)]
    public string? Note { get; init; }
}
