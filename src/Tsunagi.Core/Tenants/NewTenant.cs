using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Core.Tenants;

/// <summary>The request to add a party below another.</summary>
public sealed record NewTenant(
    [property: MaxLength(40)] string? ParentId,
    string Kind,
    [property: MaxLength(200)] string Name,
    string? Locale = null,
    string? TimeZone = null,
    string? Currency = null,
    IReadOnlyDictionary<string, string>? ExternalRefs = null);

/// <summary>The request to change a party. What is null stays as it is.</summary>
public sealed record TenantChange(
    string? Name = null, string? Locale = null, string? TimeZone = null, string? Currency = null, IReadOnlyDictionary<string, string>? ExternalRefs = null);

/// <summary>The request to add or change a contact.</summary>
public sealed record NewContact(string Role, [property: MaxLength(200)] string Name, [property: MaxLength(254)] string Email, [property: MaxLength(40)] string? Phone = null);
