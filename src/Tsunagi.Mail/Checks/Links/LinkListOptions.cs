using System.ComponentModel.DataAnnotations;
using System.Net;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Outcomes;
using Tsunagi.Protocols.Mail.Dnsbl;

namespace Tsunagi.Mail.Checks.Links;

/// <summary>A list of names in the DNS (RFC 5782 section 2.2; "URIBL") that links are looked up in, and what its answers mean.</summary>
public sealed record LinkListOptions : ICheckedSettings
{
    /// <summary>What the why page calls it.</summary>
    [Required, MaxLength(80)]
    public string Name { get; init; } = "";

    /// <summary>The zone that is asked.</summary>
    [Required, MaxLength(180)]
    public string Zone { get; init; } = "";

    /// <summary>What of a link's host is asked for.</summary>
    public LinkListKey Asks { get; init; } = LinkListKey.Domain;

    /// <summary>True: links to bare addresses are asked for too, from the last octet or nibble to the first.</summary>
    public bool Addresses { get; init; }

    /// <summary>An entry that the list always has: a name, or an address's octets from the last to the first ("2.0.0.127"). RFC 5782 section 5 has "test" for lists of names.</summary>
    [MaxLength(100)]
    public string TestPoint { get; init; } = "test";

    /// <summary>What it may answer that means something here.</summary>
    [Required, MinLength(1), MaxLength(50)]
    public IReadOnlyList<LinkListCode> Codes { get; init; } = [];

    internal string TestName => $"{TestPoint}.{Zone}";

    /// <summary>No list of names has it (RFC 5782 section 5).</summary>
    internal string NeverName => $"invalid.{Zone}";

    public Refusal? Check() =>
        Contract.MailDomain.Normalize(Zone) != Zone || !Zone.Contains('.', StringComparison.Ordinal) || Contract.MailDomain.Normalize(TestPoint) != TestPoint || !Codes.All(static code => code.IsGood)
            ? Refusal.Invalid("mail.filter.link-list", "settings.codes", $"'{Zone}' cannot be asked so", "a zone and a test point in small letters; for each code either an address of 127.0.0.0/8 but 127.0.0.1 and 127.255.255.0/24, or a bit of 2 to 128")
            : null;

    /// <summary>What an answer means, in the list's words; empty for one that means nothing here.</summary>
    internal string MeaningOf(DnsListAnswer answer) => answer.Status == DnsListStatus.Listed
        ? string.Join(", ", Codes.Where(code => answer.Codes.Any(code.Matches)).Select(static code => code.Means is { Length: > 0 } means ? means : code.Code ?? $"bit {code.Bit}"))
        : "";
}

/// <summary>What a list of names holds.</summary>
public enum LinkListKey
{
    /// <summary>Registered domains: "example.co.jp" of "www.example.co.jp".</summary>
    Domain,

    /// <summary>Whole host names.</summary>
    Host,
}

/// <summary>One answer of a list of names.</summary>
public sealed record LinkListCode
{
    /// <summary>The exact address; null where <see cref="Bit"/> says it.</summary>
    [MaxLength(15)]
    public string? Code { get; init; }

    /// <summary>One bit of the last octet of 127.0.0.x, as lists that are many in one answer: 2, 4, 8 … 128; 0 where <see cref="Code"/> says it. Bit 1 is how such lists say that they do not answer whoever asks.</summary>
    [Range(0, 128)]
    public int Bit { get; init; }

    /// <summary>What it means, in the list's own words; for the why page.</summary>
    [MaxLength(80)]
    public string? Means { get; init; }

    internal bool IsGood => (Means is null || !Means.Any(char.IsControl)) && (Code is null
        ? Bit is 2 or 4 or 8 or 16 or 32 or 64 or 128
        : Bit == 0 && IPAddress.TryParse(Code, out var address) && address.ToString() == Code && !address.Equals(DnsList.NotListed) && DnsList.Read(new([address])).Status == DnsListStatus.Listed);

    internal bool Matches(IPAddress answer)
    {
        Span<byte> octets = stackalloc byte[4];
        return Code is not null ? answer.ToString() == Code : answer.TryWriteBytes(octets, out var written) && written == 4 && octets[..3].SequenceEqual((ReadOnlySpan<byte>)[127, 0, 0]) && (octets[3] & Bit) != 0;
    }
}
