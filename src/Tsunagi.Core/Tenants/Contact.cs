namespace Tsunagi.Core.Tenants;

/// <summary>A person of a tenant, by role: who gets the notice, the invoice, the call at night.</summary>
public sealed record Contact(
    string Id, string TenantPath, string TenantId, string Role, string Name, string Email, string? Phone, long Version, long CreatedAt);

/// <summary>What a contact is asked about.</summary>
public static class ContactRole
{
    public static readonly IReadOnlyList<string> All = ["administrative", "technical", "billing", "security", "emergency"];
}
