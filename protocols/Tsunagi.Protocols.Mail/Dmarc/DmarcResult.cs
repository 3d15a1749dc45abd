using System.Collections.Immutable;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Lookup;
using Tsunagi.Protocols.Mail.Spf;

namespace Tsunagi.Protocols.Mail.Dmarc;

/// <summary>Results as RFC 9989 and RFC 8601 name them.</summary>
public enum DmarcVerdict
{
    /// <summary>No policy applies to the message.</summary>
    None,
    /// <summary>One of its identifiers passed and is aligned with the author's domain.</summary>
    Pass,
    /// <summary>None did.</summary>
    Fail,
    /// <summary>Something could not be looked up; the policy must not be applied (RFC 9989 section 5.3.3).</summary>
    TempError,
    /// <summary>The author's domain is none.</summary>
    PermError,
}

/// <summary>What is evaluated.</summary>
public sealed record DmarcQuery
{
    /// <summary>
    /// The domain of From. A message whose From holds several domains is exempt (RFC 9989 section 5.3.1): the caller does not ask, or asks for each and
    /// does as its own policy says.
    /// </summary>
    public required string AuthorDomain { get; init; }

    /// <summary>The check of the reverse-path; null when none was made.</summary>
    public SpfResult? Spf { get; init; }

    /// <summary>The signatures.</summary>
    public ImmutableArray<DkimResult> Dkim { get; init; } = [];
}

/// <summary>How policies are found.</summary>
public sealed record DmarcOptions
{
    /// <summary>The defaults.</summary>
    public static DmarcOptions Default { get; } = new();

    /// <summary>Queries of one tree walk; RFC 9989 section 4.10 sets 8.</summary>
    public int QueriesPerWalk { get; init; } = 8;

    /// <summary>Different domains of signatures that are walked for; those beyond are aligned only when they are the author's own.</summary>
    public int Walks { get; init; } = 10;

    /// <summary>
    /// The organizational domain by a public suffix list, as RFC 7489 had it (see <see cref="PublicSuffixList"/>): domains that share it are taken as
    /// aligned too where no record says what a public suffix is. Null, the default, keeps to RFC 9989.
    /// </summary>
    public Func<string, string?>? LegacyOrganizationalDomain { get; init; }
}

/// <summary>One question of a tree walk.</summary>
/// <param name="Domain">The domain whose record was asked for, without the "_dmarc" before it.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Record">The record; null without one.</param>
public sealed record DmarcLookup(string Domain, MailDnsStatus Status, string? Record);

/// <summary>The outcome of an evaluation with all that led to it.</summary>
public sealed record DmarcResult
{
    /// <summary>The result.</summary>
    public required DmarcVerdict Verdict { get; init; }

    /// <summary>Why, in one sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>The domain of From, in A-labels.</summary>
    public required string AuthorDomain { get; init; }

    /// <summary>Whose record applies; empty without one.</summary>
    public string PolicyDomain { get; init; } = "";

    /// <summary>The organizational domain of the author's.</summary>
    public string OrganizationalDomain { get; init; } = "";

    /// <summary>The record that applies.</summary>
    public DmarcRecord? Record { get; init; }

    /// <summary>What the owner asks for this author's domain.</summary>
    public DmarcPolicy Policy { get; init; }

    /// <summary>The tag it comes from: p, sp or np.</summary>
    public string PolicyTag { get; init; } = "";

    /// <summary>What is asked to be done with this message: nothing unless it fails, and one level lower while the owner is testing.</summary>
    public DmarcPolicy Disposition { get; init; }

    /// <summary>SPF passed for a domain that is aligned.</summary>
    public bool IsSpfAligned { get; init; }

    /// <summary>Signatures that pass and are aligned.</summary>
    public ImmutableArray<DkimSignature> AlignedSignatures { get; init; } = [];

    /// <summary>What was asked of the DNS.</summary>
    public ImmutableArray<DmarcLookup> Lookups { get; init; } = [];
}
