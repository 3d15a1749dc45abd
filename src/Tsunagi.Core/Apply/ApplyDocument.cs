using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Rating;

namespace Tsunagi.Core.Apply;

/// <summary>
/// provider.yaml: what an operator wants to be there. Things are known again by the keys given here, whatever ids they have. What the file does not
/// say of a thing is left as it is.
/// </summary>
public sealed record ApplyDocument
{
    /// <summary>The name under which the program remembers what this file manages. Two files with different names never touch each other's things.</summary>
    [RegularExpression(ApplyKey.Pattern)]
    public required string Manifest { get; init; }

    public ApplyProvider? Provider { get; init; }

    [MaxLength(500)]
    public IReadOnlyList<ApplyPlanWanted> Plans { get; init; } = [];

    public IReadOnlyList<ApplyTenant> Tenants { get; init; } = [];
}

/// <summary>What a key may be: short, and safe in a path.</summary>
internal static class ApplyKey
{
    public const string Pattern = "[a-z0-9][a-z0-9.-]{0,62}";
}

/// <summary>The provider itself: the root of the tree is there already, its fields can be kept here.</summary>
public sealed record ApplyProvider
{
    public string? Name { get; init; }

    public string? Locale { get; init; }

    public string? TimeZone { get; init; }

    public string? Currency { get; init; }
}

/// <summary>One plan; its code is its key.</summary>
public sealed record ApplyPlanWanted
{
    [RegularExpression("[a-z0-9-]{1,60}")]
    public required string Code { get; init; }

    public required string Specification { get; init; }

    public required string NameEn { get; init; }

    public string? NameJa { get; init; }

    /// <summary>Of the portfolio; without it the plan keeps the one it has, and a new one takes that of its specification.</summary>
    public OfferingCategory? Category { get; init; }

    public required string Currency { get; init; }

    public required IReadOnlyList<Price> Prices { get; init; }
}

/// <summary>One party with everything that is its own, and the parties below it. Its key is unique in the file.</summary>
public sealed record ApplyTenant
{
    [RegularExpression(ApplyKey.Pattern)]
    public required string Key { get; init; }

    [AllowedValues("reseller", "customer", "department")]
    public required string Kind { get; init; }

    public required string Name { get; init; }

    public string? Locale { get; init; }

    public string? TimeZone { get; init; }

    public string? Currency { get; init; }

    public IReadOnlyDictionary<string, string>? ExternalRefs { get; init; }

    public IReadOnlyList<ApplyContact> Contacts { get; init; } = [];

    public IReadOnlyList<ApplyDomain> Domains { get; init; } = [];

    public IReadOnlyList<ApplyPrefix> Prefixes { get; init; } = [];

    public IReadOnlyList<ApplySite> Sites { get; init; } = [];

    public IReadOnlyList<ApplySubscription> Subscriptions { get; init; } = [];

    public IReadOnlyList<ApplyUser> Users { get; init; } = [];

    public IReadOnlyList<ApplyTenant> Tenants { get; init; } = [];
}

/// <summary>A person of a tenant, by a key unique in the tenant.</summary>
public sealed record ApplyContact
{
    [RegularExpression(ApplyKey.Pattern)]
    public required string Key { get; init; }

    [AllowedValues("administrative", "technical", "billing", "security", "emergency")]
    public required string Role { get; init; }

    public required string Name { get; init; }

    public required string Email { get; init; }

    public string? Phone { get; init; }
}

/// <summary>A domain; its name is its key. With <see cref="Approve"/> the operator vouches for the owner, for the reason given.</summary>
public sealed record ApplyDomain
{
    [MaxLength(253)]
    public required string Name { get; init; }

    [MaxLength(500)]
    public string? Approve { get; init; }
}

/// <summary>An address block; it is its own key. With <see cref="Approve"/> the operator approves it, for the reason given.</summary>
public sealed record ApplyPrefix
{
    [MaxLength(50)]
    public required string Cidr { get; init; }

    [MaxLength(500)]
    public string? Approve { get; init; }
}

/// <summary>A place of a tenant, by a key unique in the tenant.</summary>
public sealed record ApplySite
{
    [RegularExpression(ApplyKey.Pattern)]
    public required string Key { get; init; }

    public required string Name { get; init; }

    public string? Address { get; init; }

    public double? Latitude { get; init; }

    public double? Longitude { get; init; }
}

/// <summary>A service a tenant takes, by a key unique in the tenant.</summary>
public sealed record ApplySubscription
{
    [RegularExpression(ApplyKey.Pattern)]
    public required string Key { get; init; }

    /// <summary>The plan's code.</summary>
    public required string Plan { get; init; }

    public required string Name { get; init; }

    [Range(1, 1_000_000)]
    public long Quantity { get; init; } = 1;

    public required JsonObject Settings { get; init; }
}

/// <summary>Someone who signs in; his address is his key. The link that sets his password is told when he is made.</summary>
public sealed record ApplyUser
{
    [MaxLength(254)]
    public required string Email { get; init; }

    public required string Name { get; init; }

    [AllowedValues("en", "ja", null)]
    public string? Locale { get; init; }

    /// <summary>Roles at the tenant he stands under.</summary>
    [MaxLength(20)]
    public IReadOnlyList<string> Roles { get; init; } = [];
}
