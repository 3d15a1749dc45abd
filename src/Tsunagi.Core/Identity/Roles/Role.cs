using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Tsunagi.Core.Identity.Roles;

/// <summary>A role as lists show it: a built-in one, or one of the provider's or a tenant's own.</summary>
/// <param name="TenantId">Whose it is; null for a built-in one.</param>
public sealed record Role(
    string Id, string? TenantId, [property: JsonIgnore] string TenantPath, string Name, bool BuiltIn, IReadOnlyList<string> Permissions, long Version);

/// <summary>The request to make a role.</summary>
/// <param name="Permissions">"mail.trace.read", or "mail.*" for all of a module.</param>
public sealed record NewRole(
    [property: Required, Length(1, 80)] string Name,
    [property: Length(1, 200)] IReadOnlyList<string> Permissions,
    [property: MaxLength(40)] string? TenantId = null);

/// <summary>The request to change one. What is absent stays.</summary>
public sealed record RoleChange([property: Length(1, 80)] string? Name = null, [property: Length(1, 200)] IReadOnlyList<string>? Permissions = null);
