using System.Text.Json;
using NodaTime;
using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Tenants;

/// <summary>What a party's fields may hold. Pure.</summary>
internal static class TenantRules
{
    private static readonly string[] Locales = ["en", "ja"];

    public static Refusal? CheckName(string? name) =>
        string.IsNullOrWhiteSpace(name) || name.Length > 200 || name.Any(char.IsControl)
            ? Refusal.Invalid("tenant.name", "name", "the name is empty, longer than 200 characters, or holds control characters", "1 to 200 characters")
            : null;

    public static Refusal? CheckLocale(string locale) =>
        Locales.Contains(locale) ? null : Refusal.Invalid("tenant.locale", "locale", $"there is no language {locale}", string.Join(", ", Locales));

    public static Refusal? CheckTimeZone(string zone) =>
        DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is not null
            ? null
            : Refusal.Invalid("tenant.time-zone", "timeZone", $"there is no time zone {zone}", "an IANA name such as Asia/Tokyo");

    public static Refusal? CheckCurrency(string currency) =>
        Rating.Currency.Find(currency) is not null
            ? null
            : Refusal.Invalid("tenant.currency", "currency", $"the currency {currency} is not known here", string.Join(", ", Rating.Currency.All.Select(static c => c.Code)));

    public static Refusal? CheckKind(string kind, string parentKind) =>
        TenantKind.Below(parentKind).Contains(kind)
            ? null
            : Refusal.Invalid("tenant.kind", "kind", $"a {kind} cannot stand below a {parentKind}", string.Join(", ", TenantKind.Below(parentKind)));

    public static string Json(IReadOnlyDictionary<string, string>? refs) => refs is null ? "{}" : JsonSerializer.Serialize(refs);
}
