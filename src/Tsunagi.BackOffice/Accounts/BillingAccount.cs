using System.Text.Json.Serialization;
using Tsunagi.Core.Api;

namespace Tsunagi.BackOffice.Accounts;

/// <summary>
/// Who pays: name, address and terms, apart from the party in the tree. It pays for its tenant and for every tenant below that has no account of its own.
/// </summary>
/// <param name="Address">Lines, one below another.</param>
/// <param name="TimeZone">IANA name: the months of its bills are civil months of this zone.</param>
/// <param name="PaymentTerms">"net:30" or "eom:1"; see <see cref="Accounts.PaymentTerms"/>.</param>
/// <param name="ClosingDay">1 to 31: the day that closes its month; 31 is every month's last.</param>
/// <param name="BillFrom">The first month billed here ("2026-11"): what is before was billed by the earlier system.</param>
/// <param name="AdvanceFrom">The first month whose prices in advance are billed here.</param>
public sealed record BillingAccount(
    string Id, string TenantPath, string TenantId, string Name, string? Attention, string? PostalCode, string Address, string Country, string? RegistrationNumber, string? Email,
    string? PurchaseOrder, string Locale, string TimeZone, string Currency, string TaxProfile, string PaymentTerms, int ClosingDay, string BillFrom, string AdvanceFrom,
    [property: JsonConverter(typeof(JsonTextConverter))] string ExternalRefs, long Version, long CreatedAt,
    [property: JsonIgnore] long NeverSuspend = 0)
{
    /// <summary>Never suspended for what is not paid: a hospital's line, say.</summary>
    [JsonPropertyName("neverSuspend")]
    public bool IsNeverSuspended => NeverSuspend != 0;

    internal const string Columns = """
        id, tenant_path, tenant_id, name, attention, postal_code, address, country, registration_number, email, purchase_order, locale, time_zone, currency, tax_profile, payment_terms,
        closing_day, bill_from, advance_from, external_refs, version, created_at, never_suspend
        """;
}

/// <summary>The request to make a billing account. What is not given comes from the tenant.</summary>
public sealed record NewBillingAccount(
    string TenantId, string? Name = null, string? Attention = null, string? PostalCode = null, string? Address = null, string? Country = null, string? RegistrationNumber = null,
    string? Email = null, string? PurchaseOrder = null, string? Locale = null, string? TaxProfile = null, string? PaymentTerms = null, int? ClosingDay = null, string? BillFrom = null,
    string? AdvanceFrom = null, IReadOnlyDictionary<string, string>? ExternalRefs = null, bool NeverSuspend = false);

/// <summary>The request to change one. What is null stays; an empty text takes away. Zone and currency are the tenant's and stay.</summary>
public sealed record BillingAccountChange(
    string? Name = null, string? Attention = null, string? PostalCode = null, string? Address = null, string? Country = null, string? RegistrationNumber = null, string? Email = null,
    string? PurchaseOrder = null, string? Locale = null, string? TaxProfile = null, string? PaymentTerms = null, int? ClosingDay = null, string? BillFrom = null, string? AdvanceFrom = null,
    IReadOnlyDictionary<string, string>? ExternalRefs = null, bool? NeverSuspend = null);
