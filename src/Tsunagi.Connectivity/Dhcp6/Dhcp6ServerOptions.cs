using System.ComponentModel.DataAnnotations;
using Tsunagi.Connectivity.Dhcp;

namespace Tsunagi.Connectivity.Dhcp6;

/// <summary>Where clients of DHCPv6 are heard, what they are told, and how much of each is taken. Which addresses a line has is its contract's.</summary>
public sealed record Dhcp6ServerOptions : DhcpServerOptions
{
    /// <summary>"address:port" of each socket that relays send to (547 by the standard: "[::]:547"); none hears no relay.</summary>
    [MaxLength(16)]
    public IReadOnlyList<string> Listen { get; init; } = [];

    /// <summary>Interfaces on whose links clients are heard without a relay.</summary>
    [MaxLength(64)]
    public IReadOnlyList<Dhcp6LinkOption> Links { get; init; } = [];

    /// <summary>Networks that relays send from, beside the access servers (NAS), whose addresses are known. Who is in neither is not answered.</summary>
    [MaxLength(1_000)]
    public IReadOnlyList<string> Relays { get; init; } = [];

    /// <summary>The directory of the log of leases, in the data directory.</summary>
    [Required, MaxLength(200)]
    public string Directory { get; init; } = "leases";

    /// <summary>Length of a file of the log.</summary>
    [Range(1 << 20, 1 << 30)]
    public int SegmentBytes { get; init; } = 64 << 20;

    /// <summary>Leases at the same time, of all nodes; one more is not given (NoAddrsAvail).</summary>
    [Range(1, 100_000_000)]
    public int MostLeases { get; init; } = 2_000_000;

    /// <summary>Addresses, and prefixes, that clients of one line have from pools at the same time. A further client takes over those of the client that was heard longest ago: who changes the router keeps the prefix.</summary>
    [Range(1, 64)]
    public int MostPerLine { get; init; } = 1;

    /// <summary>Relays around a client's message (RFC 8415 section 7.6: 8); what came through more is not answered.</summary>
    [Range(1, 32)]
    public int MostRelays { get; init; } = 8;

    /// <summary>How many relays, counted from the one that sent the datagram, are believed in what they say about the line. One more might be the client itself.</summary>
    [Range(1, 32)]
    public int TrustedRelays { get; init; } = 2;

    /// <summary>Identity associations of a message; one with more is not answered.</summary>
    [Range(1, 256)]
    public int MostAssociations { get; init; } = 16;

    /// <summary>How long a lease is kept for its client after its time: clocks of nodes and clients differ by less.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "7.00:00:00")]
    public TimeSpan ExpiryGrace { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often ended leases are looked for and those of other nodes read.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:05")]
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long ended leases are kept to be looked at. Who had an address is kept apart (connectivity.addresses.keepDays).</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan LeasesKept { get; init; } = TimeSpan.FromDays(400);

    /// <summary>How much this node wants to be chosen (RFC 8415 section 21.8); 255 at once.</summary>
    [Range(0, 255)]
    public int Preference { get; init; }

    /// <summary>The port of relays that answers go to (547), where the relay names none (RFC 8357); 0 is the one that the question came from.</summary>
    [Range(0, 65_535)]
    public int RelayPort { get; init; } = 547;

    /// <summary>The port of clients on our own links that answers go to (546); 0 is the one that the question came from.</summary>
    [Range(0, 65_535)]
    public int ClientPort { get; init; } = 546;

    /// <summary>What is told to clients of a pool that <see cref="Pools"/> does not name, or whose addresses are the line's own.</summary>
    public Dhcp6PoolOption Default { get; init; } = new();

    /// <summary>What is told to clients of one pool.</summary>
    [MaxLength(10_000)]
    public IReadOnlyList<Dhcp6PoolOption> Pools { get; init; } = [];

    /// <summary>Whether anybody is heard.</summary>
    internal bool IsOn => Listen.Count + Links.Count > 0;
}

/// <summary>A link that clients are on.</summary>
public sealed record Dhcp6LinkOption
{
    /// <summary>The name of the interface. It is also the circuit id of the line whose clients are on it; a link of several lines tells them by their DUIDs ("duid:" and the digits as remote id).</summary>
    [Required, MaxLength(15)]
    public string Interface { get; init; } = "";

    [Range(1, 65_535)]
    public int Port { get; init; } = 547;
}
