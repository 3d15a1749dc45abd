using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Connectivity.Dhcp4;

/// <summary>How long leases of a pool last, and what else its clients are told when they ask for it.</summary>
public sealed record Dhcp4PoolOption
{
    /// <summary>The pool's name in the plan of addresses.</summary>
    [MaxLength(80)]
    public string Name { get; init; } = "";

    /// <summary>How long clients have what they get; they renew at half of it (T1), and ask any server at seven eighths (T2).</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>The subnet of the clients' link, whose mask they are told (option 1); empty: the prefix of the pool in the plan. Also which link a relay's link selection (RFC 3527) may name.</summary>
    [MaxLength(18)]
    public string Subnet { get; init; } = "";

    /// <summary>Routers of the link (option 3).</summary>
    [MaxLength(8)]
    public IReadOnlyList<string> Routers { get; init; } = [];

    /// <summary>Name servers (option 6).</summary>
    [MaxLength(8)]
    public IReadOnlyList<string> DnsServers { get; init; } = [];

    /// <summary>The domain of the clients (option 15).</summary>
    [MaxLength(253)]
    public string DomainName { get; init; } = "";

    /// <summary>Domains to search (option 119, RFC 3397).</summary>
    [MaxLength(16)]
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>Time servers (option 42).</summary>
    [MaxLength(8)]
    public IReadOnlyList<string> NtpServers { get; init; } = [];

    /// <summary>The MTU of the link (option 26); 0 does not tell it.</summary>
    [Range(0, 65_535)]
    public int Mtu { get; init; }

    /// <summary>Routes by prefix (option 121, RFC 3442). Who asks for them takes no router from option 3: the first of <see cref="Routers"/> is told as the default route among them unless one is named here.</summary>
    [MaxLength(32)]
    public IReadOnlyList<Dhcp4RouteOption> Routes { get; init; } = [];

    /// <summary>For how long clients that can do without IPv4 ask for none (option 108, RFC 8925); zero does not tell it.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan Ipv6OnlyWait { get; init; }
}

/// <summary>A route that clients are told.</summary>
public sealed record Dhcp4RouteOption
{
    [Required, MaxLength(18)]
    public string Destination { get; init; } = "";

    /// <summary>0.0.0.0 for what is on the link.</summary>
    [Required, MaxLength(15)]
    public string Router { get; init; } = "";
}
