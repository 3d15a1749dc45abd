using System.Collections.Immutable;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Protocols.Mail.Route;

/// <summary>What is to be done with mail for a domain.</summary>
public enum MxOutcome
{
    /// <summary>There are servers to try.</summary>
    Deliver,
    /// <summary>Nobody knows now: try again later.</summary>
    Later,
    /// <summary>There will never be a server: give the mail back.</summary>
    Never,
}

/// <summary>Where mail for a domain goes (RFC 5321 section 5.1).</summary>
public sealed record MxPlan
{
    /// <summary>The domain, in lower case and A-labels.</summary>
    public required string Domain { get; init; }

    /// <summary>What is to be done.</summary>
    public required MxOutcome Outcome { get; init; }

    /// <summary>The code for later and never: 4.4.3, 5.1.2, 5.1.10, 5.4.4, 5.4.6.</summary>
    public EnhancedStatus Status { get; init; }

    /// <summary>A sentence for people why it is so; empty when there are servers.</summary>
    public string Why { get; init; } = "";

    /// <summary>The servers in the order they are tried, those that have no address too: their problem says why they are passed over.</summary>
    public ImmutableArray<MxHost> Hosts { get; init; } = [];

    /// <summary>The domain has no MX record, so it is its own mail server.</summary>
    public bool IsImplicit { get; init; }

    /// <summary>The domain is an address literal.</summary>
    public bool IsLiteral { get; init; }

    /// <summary>The MX answer (or the proof that there is none) was validated: DANE may be asked for (RFC 7672 section 2.2.1).</summary>
    public bool IsSecure { get; init; }

    /// <summary>The domain that the names of MX hosts come from: the domain, or where a validated CNAME led (RFC 7672 section 2.2.1).</summary>
    public string CanonicalDomain { get; init; } = "";

    /// <summary>How long the plan holds, by the smallest TTL seen; 0 where none is known.</summary>
    public TimeSpan Ttl { get; init; }

    /// <summary>What was left out and why (a server that is ourselves, one beyond the limit), for people.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];
}
