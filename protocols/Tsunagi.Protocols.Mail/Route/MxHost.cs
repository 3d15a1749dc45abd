using System.Collections.Immutable;
using System.Net;

namespace Tsunagi.Protocols.Mail.Route;

/// <summary>One mail server of a domain.</summary>
/// <param name="Name">Its name in lower case, without the last dot; the address where the recipient's domain is an address literal.</param>
/// <param name="Preference">Lower is tried first; 0 for the domain itself where it has no MX record.</param>
/// <param name="Addresses">In the order they are tried: IPv6 and IPv4 in turn. Empty where <paramref name="Problem"/> says why.</param>
/// <param name="Problem">Why it cannot be tried; empty where it can.</param>
public sealed record MxHost(string Name, int Preference, ImmutableArray<IPAddress> Addresses, string Problem = "")
{
    /// <summary>All its address answers were validated, so its TLSA records count (RFC 7672 section 2.2.2).</summary>
    public bool IsSecure { get; init; }

    /// <summary>Where a CNAME led, when that was validated too: its TLSA records are asked for first (RFC 7672 section 2.1.3); empty without one.</summary>
    public string CanonicalName { get; init; } = "";
}
