using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Connectivity.Dhcp6;

/// <summary>How long leases of a pool last, and what else its clients are told when they ask for it.</summary>
public sealed record Dhcp6PoolOption
{
    /// <summary>The pool's name in the plan of addresses.</summary>
    [MaxLength(80)]
    public string Name { get; init; } = "";

    /// <summary>How long clients should use what they have.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan PreferredLifetime { get; init; } = TimeSpan.FromHours(12);

    /// <summary>How long they may; not less than <see cref="PreferredLifetime"/>.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan ValidLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Name servers (option 23, RFC 3646).</summary>
    [MaxLength(8)]
    public IReadOnlyList<string> DnsServers { get; init; } = [];

    /// <summary>Domains to search (option 24, RFC 3646).</summary>
    [MaxLength(16)]
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>Time servers, addresses or names (option 56, RFC 5908).</summary>
    [MaxLength(8)]
    public IReadOnlyList<string> NtpServers { get; init; } = [];

    /// <summary>The name of the DS-Lite AFTR (option 64, RFC 6334); empty for none.</summary>
    [MaxLength(253)]
    public string AftrName { get; init; } = "";

    /// <summary>MAP-E (option 94), MAP-T (95) and Lightweight 4over6 (96; RFC 7598), one of each at the most.</summary>
    [MaxLength(3)]
    public IReadOnlyList<SoftwireOption> Softwires { get; init; } = [];
}

/// <summary>IPv4 over IPv6 as a router is told it (RFC 7598 section 5).</summary>
public sealed record SoftwireOption
{
    /// <summary>mapE, mapT or lw4o6.</summary>
    public SoftwireKind Kind { get; init; }

    /// <summary>Mapping rules of MAP (option 89).</summary>
    [MaxLength(64)]
    public IReadOnlyList<MappingRuleOption> Rules { get; init; } = [];

    /// <summary>Addresses of border relays of MAP-E, and of the AFTR of Lightweight 4over6 (option 90).</summary>
    [MaxLength(8)]
    public IReadOnlyList<string> BorderRelays { get; init; } = [];

    /// <summary>The default mapping rule of MAP-T, a prefix (option 91).</summary>
    [MaxLength(50)]
    public string DefaultMappingRule { get; init; } = "";

    /// <summary>The router's IPv4 address of Lightweight 4over6 (option 92).</summary>
    [MaxLength(15)]
    public string Ipv4Address { get; init; } = "";

    /// <summary>The prefix that the router's tunnel begins in (option 92).</summary>
    [MaxLength(50)]
    public string BindPrefix { get; init; } = "";

    /// <summary>Ports of an address that several share (option 93); null without.</summary>
    public PortSetOption? Ports { get; init; }
}

/// <summary>The kinds of <see cref="SoftwireOption"/>, by their option's number.</summary>
public enum SoftwireKind
{
    MapE = 94,
    MapT = 95,
    Lw4o6 = 96,
}

/// <summary>A mapping rule (RFC 7598 section 4.1).</summary>
public sealed record MappingRuleOption
{
    /// <summary>Also for forwarding between routers (F).</summary>
    public bool IsForwarding { get; init; }

    /// <summary>Length of the embedded-address bits.</summary>
    [Range(0, 48)]
    public int EaLength { get; init; }

    [Required, MaxLength(18)]
    public string Ipv4Prefix { get; init; } = "";

    [Required, MaxLength(50)]
    public string Ipv6Prefix { get; init; } = "";

    public PortSetOption? Ports { get; init; }
}

/// <summary>A set of ports (RFC 7598 section 4.5).</summary>
public sealed record PortSetOption
{
    [Range(0, 15)]
    public int Offset { get; init; }

    [Range(0, 16)]
    public int PsidLength { get; init; }

    [Range(0, 65_535)]
    public int Psid { get; init; }
}
