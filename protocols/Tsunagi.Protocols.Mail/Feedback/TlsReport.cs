using System.Collections.Immutable;

namespace Tsunagi.Protocols.Mail.Feedback;

/// <summary>How senders' sessions with a domain's mail servers fared under TLS (RFC 8460 section 4). All texts are clean: fit to be shown.</summary>
public sealed record TlsReport
{
    /// <summary>Who reports (organization-name).</summary>
    public string Organization { get; init; } = "";

    /// <summary>Where to ask (contact-info).</summary>
    public string Contact { get; init; } = "";

    /// <summary>The reporter's id of it; empty where it has none.</summary>
    public string ReportId { get; init; } = "";

    /// <summary>start-datetime.</summary>
    public DateTimeOffset Begin { get; init; }

    /// <summary>end-datetime.</summary>
    public DateTimeOffset End { get; init; }

    /// <summary>A policy, its totals and its failures; at least one.</summary>
    public ImmutableArray<TlsPolicyReport> Policies { get; init; } = [];
}

/// <summary>One policy that senders found, and their sessions under it (RFC 8460 section 4.4).</summary>
public sealed record TlsPolicyReport
{
    /// <summary>tlsa, sts, no-policy-found, or what else the reporter says, in lower case.</summary>
    public string Type { get; init; } = "";

    /// <summary>policy-string: the TLSA records, or the lines of the MTA-STS policy.</summary>
    public ImmutableArray<string> Strings { get; init; } = [];

    /// <summary>The domain it is of, in lower case and A-labels; empty where it cannot be read.</summary>
    public string Domain { get; init; } = "";

    /// <summary>mx-host: the patterns of the policy.</summary>
    public ImmutableArray<string> MxHosts { get; init; } = [];

    /// <summary>total-successful-session-count.</summary>
    public long Successful { get; init; }

    /// <summary>total-failure-session-count.</summary>
    public long Failed { get; init; }

    /// <summary>What failed.</summary>
    public ImmutableArray<TlsFailure> Failures { get; init; } = [];
}

/// <summary>Sessions that failed alike (failure-details).</summary>
public sealed record TlsFailure
{
    /// <summary>result-type of section 4.3 in lower case: starttls-not-supported, certificate-expired and so on; others as they stand.</summary>
    public required string Result { get; init; }

    /// <summary>sending-mta-ip; empty where it is not said.</summary>
    public string SendingAddress { get; init; } = "";

    /// <summary>receiving-mx-hostname.</summary>
    public string Mx { get; init; } = "";

    /// <summary>receiving-mx-helo.</summary>
    public string Helo { get; init; } = "";

    /// <summary>receiving-ip.</summary>
    public string ReceivingAddress { get; init; } = "";

    /// <summary>failed-session-count.</summary>
    public long Sessions { get; init; }

    /// <summary>additional-information: most often the address of a page.</summary>
    public string Additional { get; init; } = "";

    /// <summary>failure-reason-code.</summary>
    public string ReasonCode { get; init; } = "";
}
