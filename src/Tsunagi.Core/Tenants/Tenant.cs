using System.Text.Json.Serialization;
using Tsunagi.Core.Api;

namespace Tsunagi.Core.Tenants;

/// <summary>A party in the tree: the provider, a reseller, a customer, a department of one.</summary>
/// <param name="Kind">One of <see cref="TenantKind"/>'s words.</param>
/// <param name="TimeZone">IANA name; the account's civil dates are taken in it.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="ExternalRefs">JSON object: what other systems call this party ("crm": "C-1001").</param>
public sealed record Tenant(
    string Id, string TenantPath, string? ParentId, string Kind, string Name, string Locale, string TimeZone, string Currency,
    [property: JsonConverter(typeof(JsonTextConverter))] string ExternalRefs, long Version, long CreatedAt)
{
    /// <summary>How deep in the tree: 0 for the provider.</summary>
    public int Depth => TenantPath.Count(static c => c == '/') - 1;
}

/// <summary>The kinds of party, from the root down.</summary>
public static class TenantKind
{
    public const string Provider = "provider";
    public const string Reseller = "reseller";
    public const string Customer = "customer";
    public const string Department = "department";

    public static readonly IReadOnlyList<string> All = [Provider, Reseller, Customer, Department];

    /// <summary>Which kinds may stand below a kind.</summary>
    public static IReadOnlyList<string> Below(string kind) => kind switch
    {
        Provider => [Reseller, Customer],
        Reseller => [Reseller, Customer],
        Customer => [Department],
        _ => [],
    };
}
