using System.Net;
using Tsunagi.Core.Outcomes;
using Tsunagi.Mail.Contract;
using Tsunagi.Protocols.Mail.Dnsbl;

namespace Tsunagi.Mail.Checks.Client;

/// <summary>A list of addresses in the DNS (RFC 5782) that a policy asks, and what its answers are worth there. A narrower scope's word about a zone takes the place of the wider one's.</summary>
public sealed record BlockList
{
    /// <summary>Lists that one policy may name.</summary>
    public const int Most = 20;

    /// <summary>Codes of one list.</summary>
    public const int MostCodes = 50;

    internal const string Allowed = "a zone; codes of 127.0.0.0/8 but 127.255.255.0/24, with 1 to 10000 points each; no codes to have it not asked";

    /// <summary>The zone that is asked.</summary>
    public string Zone { get; init; } = "";

    /// <summary>What it may answer that means something here; none: it is not asked.</summary>
    public IReadOnlyList<BlockListCode> Codes { get; init; } = [];

    /// <summary>Null when all of them can be asked.</summary>
    internal static Refusal? Check(IReadOnlyList<BlockList> lists)
    {
        if (lists.Count > Most)
        {
            return Refusal.Invalid("mail.policy.lists", "blockLists", $"{lists.Count} lists", $"at most {Most}");
        }

        foreach (var list in lists)
        {
            if (MailDomain.Normalize(list.Zone) is not { } zone || zone != list.Zone || zone.Length + DnsList.LongestPrefix > 253 || !zone.Contains('.', StringComparison.Ordinal) || lists.Count(other => other.Zone == zone) > 1
                || list.Codes.Count > MostCodes || !list.Codes.All(static code => code.IsGood))
            {
                return Refusal.Invalid("mail.policy.lists", "blockLists", $"'{(list.Zone.Length > 80 ? list.Zone[..80] : list.Zone)}' cannot be asked so", Allowed);
            }
        }

        return null;
    }

    /// <summary>What holds where both speak.</summary>
    internal static IReadOnlyList<BlockList> Over(IReadOnlyList<BlockList> narrower, IReadOnlyList<BlockList> wider) =>
        [.. wider.Where(list => !narrower.Any(own => own.Zone == list.Zone)), .. narrower.Where(static list => list.Codes.Count > 0)];
}

/// <summary>One answer of a list.</summary>
public sealed record BlockListCode
{
    private const int MaxMeans = 80;

    /// <summary>The exact address: "127.0.0.2".</summary>
    public string Code { get; init; } = "";

    /// <summary>What it means, in the list's own words; for the why page.</summary>
    public string? Means { get; init; }

    /// <summary>What it adds to a message's points.</summary>
    public int Points { get; init; }

    internal bool IsGood => IPAddress.TryParse(Code, out var address) && address.ToString() == Code && DnsList.Read(new([address])).Status == DnsListStatus.Listed
        && Points is >= 1 and <= 10_000 && (Means is null || (Means.Length <= MaxMeans && !Means.Any(char.IsControl)));
}
