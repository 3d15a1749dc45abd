using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Tsunagi.Core.Identity.Users;

/// <summary>A person who signs in.</summary>
/// <param name="TenantId">His home: who he works for. What he may do is in his roles.</param>
/// <param name="Theme">"light", "dark" or "auto".</param>
/// <param name="State">One of <see cref="UserState"/>.</param>
public sealed record User(
    string Id, string TenantId, [property: JsonIgnore] string TenantPath, string Email, string Name, string Locale, string Theme, string State, bool HasPassword, bool HasTotp,
    long Version, long CreatedAt, long? LastSignInAt);

/// <summary>What a user's account is like.</summary>
public static class UserState
{
    /// <summary>Has not set a password yet.</summary>
    public const string Invited = "invited";
    public const string Active = "active";

    /// <summary>May not sign in; sessions and tokens ended.</summary>
    public const string Disabled = "disabled";
}

/// <summary>The request to give a role.</summary>
/// <param name="Role">A built-in role's name or the id of one of your own.</param>
/// <param name="TenantId">Where it holds, and below; the user's own tenant without it.</param>
public sealed record RoleGiven([property: Required, MaxLength(40)] string Role, [property: MaxLength(40)] string? TenantId = null);

/// <summary>The request to add a user.</summary>
/// <param name="TenantId">His home; the caller's own without it.</param>
public sealed record NewUser(
    [property: Required, MaxLength(254)] string Email,
    [property: Required, Length(1, 200)] string Name,
    [property: MaxLength(40)] string? TenantId = null,
    [property: AllowedValues("en", "ja", null)] string? Locale = null,
    [property: MaxLength(20)] IReadOnlyList<RoleGiven>? Roles = null);

/// <summary>The request to change a user. What is absent stays.</summary>
public sealed record UserChange(
    [property: Length(1, 200)] string? Name = null,
    [property: AllowedValues("en", "ja", null)] string? Locale = null,
    [property: AllowedValues("light", "dark", "auto", null)] string? Theme = null,
    [property: AllowedValues("active", "disabled", null)] string? State = null);

/// <summary>A user with the one-time link that sets his password. The link is shown once and stored as a hash.</summary>
/// <param name="LinkPath">Path below the console's address.</param>
public sealed record UserWithLink(User User, string LinkPath, long LinkExpiresAt);
