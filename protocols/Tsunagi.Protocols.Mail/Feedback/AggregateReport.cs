using System.Collections.Immutable;
using System.Net;
using Tsunagi.Protocols.Mail.Dmarc;

namespace Tsunagi.Protocols.Mail.Feedback;

/// <summary>What a receiver saw of mail in the name of one domain in one span of time (RFC 9990, before it RFC 7489 appendix C). All texts are clean: fit to be shown.</summary>
public sealed record AggregateReport
{
    /// <summary>The version it gives; empty where it gives none, as reports of early drafts do.</summary>
    public string Version { get; init; } = "";

    /// <summary>Who reports (org_name).</summary>
    public string Organization { get; init; } = "";

    /// <summary>The reporter's address.</summary>
    public string Email { get; init; } = "";

    /// <summary>Where to ask (extra_contact_info).</summary>
    public string ExtraContact { get; init; } = "";

    /// <summary>The reporter's id of it (report_id); with domain and organization it names the report (RFC 9990 section 3.2). Empty where it has none.</summary>
    public string ReportId { get; init; } = "";

    /// <summary>The first second, since 1970.</summary>
    public long BeginSeconds { get; init; }

    /// <summary>The last second.</summary>
    public long EndSeconds { get; init; }

    /// <summary>What went wrong at the reporter's (error).</summary>
    public ImmutableArray<string> Errors { get; init; } = [];

    /// <summary>The program that wrote it (generator).</summary>
    public string Generator { get; init; } = "";

    /// <summary>The policy that was applied. A report is about one; where it names several, the first, and the others are <see cref="FurtherPolicies"/>.</summary>
    public required PublishedPolicy Policy { get; init; }

    /// <summary>Those behind the first.</summary>
    public ImmutableArray<PublishedPolicy> FurtherPolicies { get; init; } = [];

    /// <summary>What was seen.</summary>
    public ImmutableArray<AggregateRecord> Records { get; init; } = [];

    /// <summary>Records whose address or count cannot be read; they are not among <see cref="Records"/>.</summary>
    public int UnreadableRecords { get; init; }

    /// <summary>Names of elements that stand where the schema allows extensions, and of others nobody knows; each once, the first of them.</summary>
    public ImmutableArray<string> Extensions { get; init; } = [];
}

/// <summary>Alignment as a policy asks for it (adkim, aspf).</summary>
public enum ReportedAlignment
{
    /// <summary>Not said.</summary>
    Unspecified,
    /// <summary>r: the organizational domains must be equal.</summary>
    Relaxed,
    /// <summary>s: the domains must be equal.</summary>
    Strict,
}

/// <summary>How the policy was found (RFC 9990 discovery_method).</summary>
public enum DiscoveryMethod
{
    /// <summary>Not said.</summary>
    Unspecified,
    /// <summary>By a public suffix list (RFC 7489).</summary>
    Psl,
    /// <summary>By the DNS tree walk (RFC 9989).</summary>
    TreeWalk,
}

/// <summary>The policy as the reporter found it (policy_published). Null policies are not said, or not one of the three.</summary>
public sealed record PublishedPolicy
{
    /// <summary>The domain whose record it is, in lower case and A-labels.</summary>
    public required string Domain { get; init; }

    /// <summary>p.</summary>
    public DmarcPolicy? Policy { get; init; }

    /// <summary>sp.</summary>
    public DmarcPolicy? SubdomainPolicy { get; init; }

    /// <summary>np.</summary>
    public DmarcPolicy? NonExistentPolicy { get; init; }

    /// <summary>adkim.</summary>
    public ReportedAlignment DkimAlignment { get; init; }

    /// <summary>aspf.</summary>
    public ReportedAlignment SpfAlignment { get; init; }

    /// <summary>t (testing).</summary>
    public bool IsTesting { get; init; }

    /// <summary>pct of RFC 7489; null where it is not said.</summary>
    public int? Percent { get; init; }

    /// <summary>fo; empty where it is not said.</summary>
    public string FailureOptions { get; init; } = "";

    /// <summary>discovery_method.</summary>
    public DiscoveryMethod Discovery { get; init; }
}

/// <summary>What was done with mail (disposition).</summary>
public enum ReportedDisposition
{
    /// <summary>Not said.</summary>
    Unspecified,
    /// <summary>Nothing.</summary>
    None,
    /// <summary>It passed (RFC 9990).</summary>
    Pass,
    /// <summary>Treated as suspicious.</summary>
    Quarantine,
    /// <summary>Refused.</summary>
    Reject,
}

/// <summary>Whether a method passed for a domain that is aligned with the author's.</summary>
public enum AlignedResult
{
    /// <summary>Not said.</summary>
    Unspecified,
    /// <summary>It did.</summary>
    Pass,
    /// <summary>It did not.</summary>
    Fail,
}

/// <summary>Why a policy was not applied as published (reason type). Those of RFC 7489 that RFC 9990 dropped are kept apart.</summary>
public enum OverrideReason
{
    /// <summary>other, or a word nobody knows.</summary>
    Other,
    /// <summary>forwarded (RFC 7489).</summary>
    Forwarded,
    /// <summary>sampled_out (RFC 7489): pct left it out.</summary>
    SampledOut,
    /// <summary>trusted_forwarder.</summary>
    TrustedForwarder,
    /// <summary>mailing_list.</summary>
    MailingList,
    /// <summary>local_policy.</summary>
    LocalPolicy,
    /// <summary>policy_test_mode (RFC 9990).</summary>
    PolicyTestMode,
}

/// <summary>One reason.</summary>
/// <param name="Type">Which.</param>
/// <param name="Comment">What the reporter adds; may be empty.</param>
public sealed record PolicyOverride(OverrideReason Type, string Comment);

/// <summary>The result of SPF or DKIM by itself, whether aligned or not.</summary>
public enum ReportedResult
{
    /// <summary>Not said, or a word nobody knows.</summary>
    Unspecified,
    /// <summary>none.</summary>
    None,
    /// <summary>pass.</summary>
    Pass,
    /// <summary>fail, and hardfail of early drafts.</summary>
    Fail,
    /// <summary>softfail (SPF).</summary>
    SoftFail,
    /// <summary>neutral, and unknown of early drafts.</summary>
    Neutral,
    /// <summary>policy (DKIM).</summary>
    Policy,
    /// <summary>temperror, and error of early drafts.</summary>
    TempError,
    /// <summary>permerror.</summary>
    PermError,
}

/// <summary>The name SPF was checked for (scope).</summary>
public enum ReportedScope
{
    /// <summary>Not said.</summary>
    Unspecified,
    /// <summary>helo.</summary>
    Helo,
    /// <summary>mfrom.</summary>
    MailFrom,
}

/// <summary>One signature.</summary>
/// <param name="Domain">d=.</param>
/// <param name="Selector">s=; may be empty.</param>
/// <param name="Result">How it ended.</param>
/// <param name="Human">What the reporter adds; may be empty.</param>
public sealed record ReportedDkim(string Domain, string Selector, ReportedResult Result, string Human);

/// <summary>The check of SPF.</summary>
/// <param name="Domain">The domain that was asked for.</param>
/// <param name="Scope">Of which name.</param>
/// <param name="Result">How it ended.</param>
/// <param name="Human">What the reporter adds; may be empty.</param>
public sealed record ReportedSpf(string Domain, ReportedScope Scope, ReportedResult Result, string Human);

/// <summary>Messages that were alike: same source, same results.</summary>
public sealed record AggregateRecord
{
    /// <summary>The client; IPv4 in IPv6 is told as IPv4.</summary>
    public required IPAddress Source { get; init; }

    /// <summary>How many messages.</summary>
    public required long Count { get; init; }

    /// <summary>What was done with them.</summary>
    public ReportedDisposition Disposition { get; init; }

    /// <summary>DKIM, with alignment.</summary>
    public AlignedResult Dkim { get; init; }

    /// <summary>SPF, with alignment.</summary>
    public AlignedResult Spf { get; init; }

    /// <summary>Why the policy was not applied as published.</summary>
    public ImmutableArray<PolicyOverride> Reasons { get; init; } = [];

    /// <summary>Domain of the author (header_from), in lower case and A-labels; empty where it cannot be read.</summary>
    public string HeaderFrom { get; init; } = "";

    /// <summary>Domain of the reverse-path; empty where it is not said, or the path is null.</summary>
    public string EnvelopeFrom { get; init; } = "";

    /// <summary>Domain of the recipient; empty where it is not said.</summary>
    public string EnvelopeTo { get; init; } = "";

    /// <summary>Every signature.</summary>
    public ImmutableArray<ReportedDkim> DkimResults { get; init; } = [];

    /// <summary>SPF; RFC 9990 has one, RFC 7489 several.</summary>
    public ImmutableArray<ReportedSpf> SpfResults { get; init; } = [];

    /// <summary>DMARC passes: one of both does.</summary>
    public bool Passes => Dkim == AlignedResult.Pass || Spf == AlignedResult.Pass;
}
