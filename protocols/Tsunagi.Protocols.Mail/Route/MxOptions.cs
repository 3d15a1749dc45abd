using System.Collections.Immutable;
using System.Net;

namespace Tsunagi.Protocols.Mail.Route;

/// <summary>Limits of a plan, and who we are.</summary>
public sealed record MxOptions
{
    /// <summary>Servers of a domain that are looked at, those of lowest preference first.</summary>
    public int Hosts { get; init; } = 10;

    /// <summary>Addresses of one server that are tried.</summary>
    public int AddressesEach { get; init; } = 5;

    /// <summary>Our own names: a server of one of them, and all of its preference and above, are not tried (RFC 5321 section 5.1).</summary>
    public ImmutableArray<string> OwnNames { get; init; } = [];

    /// <summary>Our own addresses, as <see cref="OwnNames"/>.</summary>
    public ImmutableArray<IPAddress> OwnAddresses { get; init; } = [];

    /// <summary>The domain is one we take mail for, so that being among its servers is no loop.</summary>
    public bool IsOwnDomain { get; init; }

    /// <summary>IPv6 is asked for and tried.</summary>
    public bool UsesIPv6 { get; init; } = true;

    /// <summary>The order of servers of the same preference, drawn anew for each plan: gives a number below its argument. Tests give their own.</summary>
    public Func<int, int> Draw { get; init; } = Random.Shared.Next;
}
