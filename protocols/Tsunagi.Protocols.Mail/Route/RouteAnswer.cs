using System.Collections.Immutable;
using Tsunagi.Protocols.Mail.Lookup;

namespace Tsunagi.Protocols.Mail.Route;

/// <summary>What a lookup on the way to a mail server gave.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Values">The records; none unless something was found.</param>
public sealed record RouteAnswer<T>(MailDnsStatus Status, ImmutableArray<T> Values)
{
    /// <summary>The records, or that there are none of the type.</summary>
    public RouteAnswer(params ImmutableArray<T> values)
        : this(values.IsDefaultOrEmpty ? MailDnsStatus.NoData : MailDnsStatus.Found, values.IsDefault ? [] : values)
    {
    }

    /// <summary>An end without records.</summary>
    public RouteAnswer(MailDnsStatus status)
        : this(status, [])
    {
    }

    /// <summary>The resolver says that it validated the whole answer (AD), and the caller has declared that it is to be believed (RFC 7672 section 2.1.1).</summary>
    public bool IsSecure { get; init; }

    /// <summary>The name that CNAME records led to, in lower case; empty when there were none.</summary>
    public string CanonicalName { get; init; } = "";

    /// <summary>Smallest TTL of what was found; 0 where it is not known.</summary>
    public TimeSpan Ttl { get; init; }

    /// <summary>Why there is no answer, as people read it: "SERVFAIL", "no answer in time"; empty where there is one.</summary>
    public string Problem { get; init; } = "";
}
