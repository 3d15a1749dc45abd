using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Connectivity.Dhcp6;

/// <summary>Where clients of DHCPv6 are heard, what they are told, and how much of each is taken. Which addresses a line has is its contract's.</summary>
public sealed record Dhcp6ServerOptions
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

    /// <summary>Threads that answer at each address.</summary>
    [Range(1, 64)]
    public int Threads { get; init; } = 1;

    /// <summary>What the kernel may keep for each socket while the program is busy.</summary>
    [Range(64 * 1024, 1 << 30)]
    public int ReceiveBufferBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>The directory of the log of leases, in the data directory.</summary>
    [Required, MaxLength(200)]
    public string Directory { get; init; } = "leases";

    /// <summary>Length of a file of the log.</summary>
    [Range(1 << 20, 1 << 30)]
    public int SegmentBytes { get; init; } = 64 << 20;

    /// <summary>Messages whose leases are written and not yet synced; one more is not answered, and the client sends it again.</summary>
    [Range(1, 1_000_000)]
    public int MostInFlight { get; init; } = 20_000;

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

    /// <summary>Messages of one line within a minute; further ones are not answered until the minute is over.</summary>
    [Range(1, 1_000_000)]
    public int MessagesPerMinute { get; init; } = 120;

    /// <summary>Addresses that one line may decline within an hour; a further one is taken back as if it had been released.</summary>
    [Range(0, 1_000)]
    public int DeclinesPerHour { get; init; } = 10;

    /// <summary>For how long what was declined is given to nobody.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan DeclinedRest { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long a lease is kept for its client after its time: clocks of nodes and clients differ by less.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "7.00:00:00")]
    public TimeSpan ExpiryGrace { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often ended leases are looked for and those of other nodes read.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:05")]
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long ended leases are kept to be looked at. Who had an address is kept apart (connectivity.addresses.keepDays).</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan LeasesKept { get; init; } = TimeSpan.FromDays(400);

    /// <summary>Two messages instead of four, where the client asks for it.</summary>
    public bool RapidCommit { get; init; } = true;

    /// <summary>How much this node wants to be chosen (RFC 8415 section 21.8); 255 at once.</summary>
    [Range(0, 255)]
    public int Preference { get; init; }

    /// <summary>The port of relays that answers go to (547), where the relay names none (RFC 8357); 0 is the one that the question came from.</summary>
    [Range(0, 65_535)]
    public int RelayPort { get; init; } = 547;

    /// <summary>The port of clients on our own links that answers go to (546); 0 is the one that the question came from.</summary>
    [Range(0, 65_535)]
    public int ClientPort { get; init; } = 546;

    /// <summary>Name servers of suspended lines, which lead to the page that says why; with none, suspended lines get no address.</summary>
    [MaxLength(8)]
    public IReadOnlyList<string> WalledGardenDnsServers { get; init; } = [];

    /// <summary>How long leases of suspended lines last, so that they see soon that all is well again.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan WalledGardenLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>What is told to clients of a pool that <see cref="Pools"/> does not name, or whose addresses are the line's own.</summary>
    public Dhcp6PoolOption Default { get; init; } = new();

    /// <summary>What is told to clients of one pool.</summary>
    [MaxLength(10_000)]
    public IReadOnlyList<Dhcp6PoolOption> Pools { get; init; } = [];

    /// <summary>The same is told to operators once in so long.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "24:00:00")]
    public TimeSpan EventEvery { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Clients without a line, and relays that are none, of which operators are told within an hour.</summary>
    [Range(1, 100_000)]
    public int StrangersToldPerHour { get; init; } = 60;

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
