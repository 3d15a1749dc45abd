using System.Collections.Immutable;

namespace Tsunagi.Protocols.Mail.Spf;

/// <summary>The outcome of a check with all that led to it.</summary>
public sealed record SpfResult
{
    /// <summary>The result of check_host().</summary>
    public required SpfVerdict Verdict { get; init; }

    /// <summary>The domain that was checked, in A-labels; as it was given when it is none.</summary>
    public required string Domain { get; init; }

    /// <summary>Where that domain stood.</summary>
    public SpfIdentity Identity { get; init; }

    /// <summary>The sender that was checked: postmaster of the HELO name for the null path.</summary>
    public string Sender { get; init; } = "";

    /// <summary>The term that decided, as published; empty when none did.</summary>
    public string Term { get; init; } = "";

    /// <summary>Whose record the deciding term stands in: another than <see cref="Domain"/> after a redirect.</summary>
    public string TermDomain { get; init; } = "";

    /// <summary>Why, in one sentence.</summary>
    public string Reason { get; init; } = "";

    /// <summary>
    /// What the domain's owner says to those who fail (RFC 7208 section 6.2), expanded; null when there is none. It comes from a stranger: ASCII,
    /// but to be marked as theirs where it is shown.
    /// </summary>
    public string? Explanation { get; init; }

    /// <summary>Terms that asked the DNS.</summary>
    public int Lookups { get; init; }

    /// <summary>Terms whose question found nothing.</summary>
    public int VoidLookups { get; init; }

    /// <summary>Every step in order, up to the limit.</summary>
    public ImmutableArray<SpfStep> Steps { get; init; } = [];
}
