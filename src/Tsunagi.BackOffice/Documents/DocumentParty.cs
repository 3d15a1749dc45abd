namespace Tsunagi.BackOffice.Documents;

/// <summary>Issuer or customer as printed. Everything but the name may be absent.</summary>
public sealed record DocumentParty(string Name)
{
    /// <summary>A person, not an organisation: 様 instead of 御中 on Japanese documents.</summary>
    public bool IsPerson { get; init; }

    /// <summary>
    /// Second line of the name: a department ("経理部"), or a person with the honorific ("経理部 山田太郎 様"). Without one the layout adds 御中 or 様 here instead
    /// of behind the name.
    /// </summary>
    public string? Attention { get; init; }

    /// <summary>Address in lines, in the order of the country, without the postal code and the country.</summary>
    public IReadOnlyList<string> AddressLines { get; init; } = [];

    /// <summary>"100-0001": printed as "〒100-0001" for Japan.</summary>
    public string? PostalCode { get; init; }

    /// <summary>City for structured formats (UBL); null when it is in the address lines.</summary>
    public string? City { get; init; }

    /// <summary>ISO 3166-1 alpha-2, printed when it differs from the other party's.</summary>
    public string Country { get; init; } = "JP";

    /// <summary>Qualified invoice issuer's registration number ("T1234567890123"), or the VAT number elsewhere.</summary>
    public string? RegistrationNumber { get; init; }

    /// <summary>The customer's number with the issuer.</summary>
    public string? AccountNumber { get; init; }

    public string? Phone { get; init; }

    public string? Email { get; init; }

    /// <summary>Peppol participant: "0188:1234567890123" (scheme, colon, id); null sends nothing electronically.</summary>
    public string? ElectronicAddress { get; init; }
}
