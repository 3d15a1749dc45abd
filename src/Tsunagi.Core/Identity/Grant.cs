namespace Tsunagi.Core.Identity;

/// <summary>A role given to a user for a part of the tenant tree.</summary>
/// <param name="Role">A built-in role's name, or the id of one of the provider's own (r_…).</param>
public sealed record Grant(string Role, string TenantId, string TenantPath);
