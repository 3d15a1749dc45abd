namespace Tsunagi.Core.Proof;

/// <summary>A mail or web domain a tenant says is its own.</summary>
/// <param name="Name">Lower case, A-labels.</param>
/// <param name="State">One of <see cref="ProofState"/>.</param>
/// <param name="Challenge">What the TXT record at <c>_tsunagi-challenge.NAME</c> must say.</param>
/// <param name="ProvedBy">"dns" or "operator" (the audit keeps who and why).</param>
public sealed record Domain(
    string Id, string TenantPath, string TenantId, string Name, string State, string Challenge, string? ProvedBy,
    long ClaimedAt, long? ProvedAt, long? ReleasedAt, long Version);

/// <summary>An address block a tenant says is its own. Usable after an operator's approval.</summary>
public sealed record AddressPrefix(
    string Id, string TenantPath, string TenantId, string Cidr, string FirstAddress, string LastAddress, string State, string? ProvedBy,
    long ClaimedAt, long? ProvedAt, long? ReleasedAt, long Version);

/// <summary>A place of a tenant where its lines and boxes are.</summary>
public sealed record Site(string Id, string TenantPath, string TenantId, string Name, string? Address, double? Latitude, double? Longitude, long Version, long CreatedAt);

/// <summary>Claimed (not usable), proved (usable, one owner), released (resting until someone else may prove it).</summary>
public static class ProofState
{
    public const string Claimed = "claimed";
    public const string Proved = "proved";
    public const string Released = "released";
}
