using System.ComponentModel.DataAnnotations;
using Tsunagi.Routing.Kernel;
using Tsunagi.Routing.Scrub;

namespace Tsunagi.Routing;

/// <summary>The section <c>routing</c> of the program's configuration: who we are, and which routers we speak to.</summary>
public sealed record RoutingOptions
{
    /// <summary>Routes of this machine's own kernel.</summary>
    public KernelRouteOptions Kernel { get; init; } = new();

    /// <summary>Our AS number.</summary>
    [Range(1, uint.MaxValue)]
    public long As { get; init; } = 64_512;

    /// <summary>Our BGP identifier, written as an IPv4 address; unique among the provider's routers and nodes.</summary>
    [RegularExpression(@"\d{1,3}(\.\d{1,3}){3}")]
    public string Identifier { get; init; } = "192.0.2.1";

    /// <summary>"address:port" where passive peers connect to; empty listens nowhere.</summary>
    [MaxLength(60)]
    public string Listen { get; init; } = "";

    [MaxLength(64)]
    public IReadOnlyList<PeerOptions> Peers { get; init; } = [];

    /// <summary>Linux boxes that traffic passes through and that drop by nftables what rules match; none by default.</summary>
    [MaxLength(16)]
    public IReadOnlyList<ScrubberOptions> Scrubbers { get; init; } = [];

    /// <summary>How often a scrubber with rules is asked for its counters, and its table held against what is wanted.</summary>
    [Range(typeof(TimeSpan), "00:00:00.200", "00:00:02")]
    public TimeSpan ScrubLookEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A scrubber's command that takes longer is ended.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan ScrubDeadline { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Seconds without a word after which a session is dead (RFC 4271 section 10); the smaller of both sides' counts.</summary>
    [Range(3, 3_600)]
    public int HoldSeconds { get; init; } = 90;

    /// <summary>Seconds for which a router keeps our routes while we start again (RFC 4724); 0 offers no graceful restart.</summary>
    [Range(0, 4_095)]
    public int RestartSeconds { get; init; } = 120;

    /// <summary>First and longest wait before a peer is connected to again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromSeconds(1);

    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromSeconds(30);

    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan ConnectDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Next hop of IPv4 blackholes: what the routers send to their discard interface.</summary>
    [RegularExpression(@"\d{1,3}(\.\d{1,3}){3}")]
    public string BlackholeNextHop4 { get; init; } = "192.0.2.1";

    /// <summary>Next hop of IPv6 blackholes; the default is in the discard prefix of RFC 6666.</summary>
    [MaxLength(45)]
    public string BlackholeNextHop6 { get; init; } = "100::1";

    /// <summary>Communities of blackholes beside BLACKHOLE and NO_EXPORT ("64500:666").</summary>
    [MaxLength(16)]
    public IReadOnlyList<string> BlackholeCommunities { get; init; } = [];

    /// <summary>LOCAL_PREF within the AS.</summary>
    [Range(0, uint.MaxValue)]
    public long LocalPreference { get; init; } = 200;

    /// <summary>The last guard: a destination shorter than this is never announced, whoever wants it.</summary>
    [Range(8, 32)]
    public int ShortestPrefix4 { get; init; } = 24;

    [Range(16, 128)]
    public int ShortestPrefix6 { get; init; } = 48;

    /// <summary>Routes and rules announced at a time; one more is not announced to any peer.</summary>
    [Range(1, 100_000)]
    public int MaxRoutes { get; init; } = 1_000;

    /// <summary>Announcements in a tenth of a second; withdrawals are never held back.</summary>
    [Range(1, 10_000)]
    public int AnnouncePace { get; init; } = 100;
}

/// <summary>A router we speak to.</summary>
public sealed record PeerOptions
{
    [Required, MaxLength(60)]
    public string Name { get; init; } = "";

    /// <summary>Its address.</summary>
    [Required, MaxLength(45)]
    public string Address { get; init; } = "";

    [Range(1, 65_535)]
    public int Port { get; init; } = 179;

    /// <summary>Its AS; ours makes it an internal session.</summary>
    [Range(1, uint.MaxValue)]
    public long As { get; init; }

    /// <summary>The address we connect from; empty lets the system choose.</summary>
    [MaxLength(45)]
    public string LocalAddress { get; init; } = "";

    /// <summary>It connects to us; without this we connect to it, and its own attempts are turned away (so there is never a collision of two sessions).</summary>
    public bool Passive { get; init; }

    /// <summary>What is offered to it.</summary>
    [MaxLength(4)]
    public IReadOnlyList<PeerFamily> Families { get; init; } = [PeerFamily.Ipv4Unicast, PeerFamily.Ipv6Unicast, PeerFamily.Ipv4Flowspec, PeerFamily.Ipv6Flowspec];
}

/// <summary>Address families of a session.</summary>
public enum PeerFamily
{
    Ipv4Unicast,
    Ipv6Unicast,
    Ipv4Flowspec,
    Ipv6Flowspec,
}
