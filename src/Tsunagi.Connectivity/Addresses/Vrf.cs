using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>A table of addresses of its own (RFC 4364): the same prefix may stand in two of them.</summary>
/// <param name="Rd">Route distinguisher, as people write it ("64500:7").</param>
public sealed record Vrf(string Id, string TenantPath, string Name, string Rd, string Note, long Version, long CreatedAt, long? RemovedAt)
{
    /// <summary>The global table, which is always there.</summary>
    public const string Global = "global";

    internal const string Columns = "id, tenant_path, name, rd, note, version, created_at, removed_at";
}

/// <summary>The request to add a VRF.</summary>
public sealed record NewVrf([property: Required, Length(1, 80)] string Name, [property: MaxLength(40)] string? Rd = null, [property: MaxLength(500)] string? Note = null);
