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

    private const int MaxRefs = 20;
    private const int MaxRefText = 100;

    public static Refusal? CheckRefs(IReadOnlyDictionary<string, string>? refs) =>
        refs is null || (refs.Count <= MaxRefs && refs.All(static r => r.Key.Length is > 0 and <= MaxRefText && r.Value is { Length: > 0 and <= MaxRefText }))
            ? null
            : Refusal.Invalid(
                "external-refs", "externalRefs", "the references to other systems are too many, empty or too long", $"at most {MaxRefs}, each 1 to {MaxRefText} characters");

    public static Refusal? CheckDepth(Tenant tenant) =>
        tenant.Depth <= MaxDepth ? null : Refusal.Invalid("tenant.depth", "parentId", "the tree of tenants is too deep here", $"at most {MaxDepth} levels below the provider");

    public static Refusal? CheckContact(NewContact contact)
    {
        if (!ContactRole.All.Contains(contact.Role))
        {
            return Refusal.Invalid("contact.role", "role", $"there is no contact role {contact.Role}", string.Join(", ", ContactRole.All));
        }

        if (!IsMailAddress(contact.Email))
        {
            return Refusal.Invalid("contact.email", "email", "this is not a mail address", "name@domain, at most 254 characters");
        }

        return CheckName(contact.Name) ?? (contact.Phone is { Length: > 40 } || contact.Phone?.Any(char.IsControl) == true
            ? Refusal.Invalid("contact.phone", "phone", "the telephone number is too long", "at most 40 characters")
            : null);
    }

    private const int MaxDepth = 8;

    /// <summary>RFC 5321 section 4.1.2, without quoted local parts: nobody is reached at one by telephone either.</summary>
    private static bool IsMailAddress(string text)
    {
        var at = text.LastIndexOf('@');
        return text.Length <= 254 && at is > 0 and <= 64 && !text.AsSpan(0, at).ContainsAny(" \t\r\n@<>()[],;:\\\"") && !text.Any(char.IsControl)
            && Proof.DomainName.Canonical(text[(at + 1)..]) is not null;
    }

    public static string Json(IReadOnlyDictionary<string, string>? refs) => refs is null ? "{}" : JsonSerializer.Serialize(refs);
}
