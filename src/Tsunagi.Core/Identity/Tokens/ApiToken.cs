using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Tsunagi.Core.Identity.Tokens;

/// <summary>An API token as lists show it. Its text is shown once, when it is made.</summary>
/// <param name="UserId">Who made it; it ends with him.</param>
/// <param name="Permissions">What it may do, as far as its maker still may.</param>
public sealed record ApiToken(
    string Id, string UserId, string TenantId, [property: JsonIgnore] string TenantPath, string Name, IReadOnlyList<string> Permissions,
    long CreatedAt, long ExpiresAt, long? LastUsedAt, long? RevokedAt);

/// <summary>The request to make a token.</summary>
/// <param name="Permissions">A part of what the maker holds.</param>
/// <param name="TenantId">The part of the tree it sees; the maker's own without it.</param>
/// <param name="Days">How long it lives.</param>
public sealed record NewApiToken(
    [property: Required, Length(1, 80)] string Name,
    [property: Length(1, 200)] IReadOnlyList<string> Permissions,
    [property: MaxLength(40)] string? TenantId = null,
    [property: Range(1, 366)] int Days = 90);

/// <summary>A token just made. <paramref name="Secret"/> is what programs send and is nowhere else.</summary>
public sealed record ApiTokenMade(ApiToken Token, string Secret);
