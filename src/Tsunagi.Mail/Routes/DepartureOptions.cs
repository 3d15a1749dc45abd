using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Mail.Routes;

/// <summary>Which way mail for others leaves.</summary>
public enum DepartureRoute
{
    /// <summary>All of it by <c>mail.smarthost</c>.</summary>
    Smarthost,

    /// <summary>To the mail servers of each recipient's domain.</summary>
    Mx,
}

/// <summary>The section <c>mail.outbound</c>: how mail for others leaves.</summary>
public sealed record DepartureOptions
{
    public DepartureRoute Route { get; init; } = DepartureRoute.Smarthost;

    /// <summary>
    /// The resolvers of this machine validate DNSSEC, and nobody can change what they say on the way (one on this machine, say): their AD bit is believed, and DANE holds. Off: DANE is not used.
    /// </summary>
    public bool TrustResolver { get; init; }

    /// <summary>Policies of MTA-STS are looked for and kept to.</summary>
    public bool MtaSts { get; init; } = true;

    public bool IPv6 { get; init; } = true;

    /// <summary>Names and addresses beside our own name that are ours where they stand in an MX record: mail to them would go in circles.</summary>
    public IReadOnlyList<string> Self { get; init; } = [];

    /// <summary>Servers of a domain that are tried.</summary>
    [Range(1, 100)]
    public int MaxServers { get; init; } = 10;

    /// <summary>Addresses of a domain's servers that are tried for one connection, all together.</summary>
    [Range(1, 100)]
    public int MaxAddresses { get; init; } = 10;

    /// <summary>How long one address may take to answer before the next is tried.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan AddressDeadline { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a route is kept at most; its records' TTL may say less.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan KeepRoute { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Wait for a policy of MTA-STS, from the name to its last octet.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:02:00")]
    public TimeSpan PolicyDeadline { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How often a policy in use is looked at anew, and how long one that could not be fetched is not asked for again (RFC 8461 section 3.3 has a day and at least five minutes).</summary>
    [Range(typeof(TimeSpan), "00:05:00", "7.00:00:00")]
    public TimeSpan RefreshPolicies { get; init; } = TimeSpan.FromHours(24);

    /// <summary>A PEM file of certificate authorities that are trusted beside those of this machine, for policy hosts and mail servers; empty: none.</summary>
    [MaxLength(1_000)]
    public string TrustAnchors { get; init; } = "";

    /// <summary>The port of mail servers. Tests alone have another.</summary>
    internal int SmtpPort { get; init; } = 25;

    /// <summary>The port of policy hosts. Tests alone have another.</summary>
    internal int PolicyPort { get; init; } = 443;
}
