using System.Net;

namespace Tsunagi.Protocols.Mail.Spf;

/// <summary>The mechanisms of RFC 7208 section 5.</summary>
public enum SpfMechanismKind
{
    /// <summary>Always matches (section 5.1).</summary>
    All,
    /// <summary>Matches when another domain's check passes (section 5.2).</summary>
    Include,
    /// <summary>The client is one of a name's addresses (section 5.3).</summary>
    A,
    /// <summary>The client is one of the addresses of a domain's mail hosts (section 5.4).</summary>
    Mx,
    /// <summary>The client's name is below a domain (section 5.5; not to be published any more).</summary>
    Ptr,
    /// <summary>The client is in an IPv4 network (section 5.6).</summary>
    Ip4,
    /// <summary>The client is in an IPv6 network (section 5.6).</summary>
    Ip6,
    /// <summary>A name has an address (section 5.7).</summary>
    Exists,
}

/// <summary>One directive: a qualifier and a mechanism.</summary>
public sealed record SpfMechanism
{
    /// <summary>The result when it matches: pass, fail, softfail or neutral.</summary>
    public required SpfVerdict Qualifier { get; init; }

    /// <summary>Which mechanism.</summary>
    public required SpfMechanismKind Kind { get; init; }

    /// <summary>The domain-spec; null when the term names none, so that the current domain is meant.</summary>
    public SpfMacroString? Domain { get; init; }

    /// <summary>The network of ip4 and ip6.</summary>
    public IPAddress? Network { get; init; }

    /// <summary>Leading bits that count for IPv4.</summary>
    public int PrefixV4 { get; init; } = 32;

    /// <summary>Leading bits that count for IPv6.</summary>
    public int PrefixV6 { get; init; } = 128;

    /// <summary>As published.</summary>
    public required string Text { get; init; }

    /// <summary>It counts towards the limit of terms that ask the DNS (section 4.6.4).</summary>
    public bool AsksDns => Kind is SpfMechanismKind.Include or SpfMechanismKind.A or SpfMechanismKind.Mx or SpfMechanismKind.Ptr or SpfMechanismKind.Exists;
}
