using System.Collections.Immutable;

namespace Tsunagi.Protocols.Mail.Dmarc;

/// <summary>What an owner asks to be done with mail that fails (RFC 9989 section 4.7).</summary>
public enum DmarcPolicy
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>To be treated as suspicious.</summary>
    Quarantine,
    /// <summary>To be refused.</summary>
    Reject,
}

/// <summary>What an owner says of public suffixes (psd=).</summary>
public enum DmarcSuffix
{
    /// <summary>u: nothing; the tree walk decides.</summary>
    Unknown,
    /// <summary>y: the domain is a public suffix.</summary>
    Yes,
    /// <summary>n: the domain is an organizational domain.</summary>
    No,
}

/// <summary>
/// A published record (RFC 9989 section 4.7). Only the version must be right; a tag that is malformed counts as absent, but see <see cref="HasBadPolicy"/>. pct, ri and rf are gone and passed
/// over as unknown tags are.
/// </summary>
public sealed record DmarcRecord
{
    /// <summary>Addresses of rua= and of ruf= that are read; those beyond are passed over (RFC 9990 lets a receiver choose how many it serves).</summary>
    public const int MostAddresses = 10;

    /// <summary>p=; null when absent or malformed.</summary>
    public DmarcPolicy? Policy { get; init; }

    /// <summary>sp=, for subdomains that exist.</summary>
    public DmarcPolicy? SubdomainPolicy { get; init; }

    /// <summary>np=, for subdomains that do not.</summary>
    public DmarcPolicy? NonExistentPolicy { get; init; }

    /// <summary>adkim=s: the domain of a signature must be the author's own.</summary>
    public bool IsDkimStrict { get; init; }

    /// <summary>aspf=s: the domain of the reverse-path must be the author's own.</summary>
    public bool IsSpfStrict { get; init; }

    /// <summary>psd=.</summary>
    public DmarcSuffix Suffix { get; init; }

    /// <summary>t=y: the owner is testing, so the policy is applied one level lower.</summary>
    public bool IsTesting { get; init; }

    /// <summary>rua=: where aggregate reports go; the obsolete size behind "!" is taken off.</summary>
    public ImmutableArray<string> AggregateReports { get; init; } = [];

    /// <summary>rua= with the sizes that stand behind its addresses.</summary>
    public ImmutableArray<DmarcReportUri> AggregateUris { get; init; } = [];

    /// <summary>ruf=: where failure reports go.</summary>
    public ImmutableArray<string> FailureReports { get; init; } = [];

    /// <summary>fo=: when failure reports are wanted.</summary>
    public ImmutableArray<string> FailureOptions { get; init; } = ["0"];

    /// <summary>As published.</summary>
    public string Text { get; init; } = "";

    /// <summary>p= is absent, or one of p=, sp= and np= is malformed: the record then asks for reports at most (RFC 9989 section 4.10.1).</summary>
    public bool HasBadPolicy { get; init; }

    /// <summary>Reads a TXT record; false for one of another kind.</summary>
    // dmarc-record = dmarc-version *( dmarc-sep dmarc-tag ) [ dmarc-sep ] *WSP ; dmarc-version = "v" equals %s"DMARC1"
    public static bool TryParse(string text, out DmarcRecord? record)
    {
        record = null;
        ArgumentNullException.ThrowIfNull(text);
        var tags = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        bool first = true;
        foreach (string part in text.Split(';'))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? part : part[..equals].Trim(' ', '\t');
            string value = equals < 0 ? "" : part[(equals + 1)..].Trim(' ', '\t');
            if (first && (!name.Equals("v", StringComparison.OrdinalIgnoreCase) || !value.Equals("DMARC1", StringComparison.Ordinal)))
            {
                return false;
            }

            first = false;
            if (equals >= 0)
            {
                tags.TryAdd(name, value);
            }
        }

        DmarcPolicy? policy = Policies(tags, "p", out bool bad);
        DmarcPolicy? subdomains = Policies(tags, "sp", out bool badToo);
        DmarcPolicy? nonExistent = Policies(tags, "np", out bool badThree);
        record = new DmarcRecord
        {
            Policy = policy,
            SubdomainPolicy = subdomains,
            NonExistentPolicy = nonExistent,
            HasBadPolicy = policy is null || bad || badToo || badThree,
            IsDkimStrict = Is(tags, "adkim", "s"),
            IsSpfStrict = Is(tags, "aspf", "s"),
            Suffix = Is(tags, "psd", "y") ? DmarcSuffix.Yes : Is(tags, "psd", "n") ? DmarcSuffix.No : DmarcSuffix.Unknown,
            IsTesting = Is(tags, "t", "y"),
            AggregateReports = [.. Uris(tags, "rua").Select(static address => address.Uri)],
            AggregateUris = Uris(tags, "rua"),
            FailureReports = [.. Uris(tags, "ruf").Select(static address => address.Uri)],
            FailureOptions = Options(tags),
            Text = text,
        };
        return true;
    }

    private static bool Is(Dictionary<string, string> tags, string name, string value) =>
        tags.TryGetValue(name, out string? given) && given.Equals(value, StringComparison.OrdinalIgnoreCase);

    private static DmarcPolicy? Policies(Dictionary<string, string> tags, string name, out bool bad)
    {
        bad = false;
        if (!tags.TryGetValue(name, out string? value))
        {
            return null;
        }

        DmarcPolicy? policy = value.ToLowerInvariant() switch
        {
            "none" => DmarcPolicy.None,
            "quarantine" => DmarcPolicy.Quarantine,
            "reject" => DmarcPolicy.Reject,
            _ => null,
        };
        bad = policy is null;
        return policy;
    }

    // dmarc-urilist = dmarc-uri *( *WSP "," *WSP dmarc-uri ) ; commas and exclamation marks of a URI are encoded
    private static ImmutableArray<DmarcReportUri> Uris(Dictionary<string, string> tags, string name) => tags.TryGetValue(name, out string? list)
        ?
        [
            .. list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Select(static uri => DmarcReportUri.TryParse(uri, out DmarcReportUri? address) ? address : null).OfType<DmarcReportUri>()
                .Take(MostAddresses),
        ]
        : [];

    private static ImmutableArray<string> Options(Dictionary<string, string> tags)
    {
        if (!tags.TryGetValue("fo", out string? list))
        {
            return ["0"];
        }

        ImmutableArray<string> options =
            [.. list.ToLowerInvariant().Split(':', StringSplitOptions.TrimEntries).Where(static option => option is "0" or "1" or "d" or "s").Distinct()];
        return options.IsEmpty ? ["0"] : options;
    }
}
