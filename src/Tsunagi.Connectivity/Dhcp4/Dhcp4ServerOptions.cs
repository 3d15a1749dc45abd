using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Connectivity.Dhcp4;

/// <summary>
/// Where clients of DHCPv4 are heard, what they are told, and how much of each is taken. Which address a line has is its contract's. The log of leases, how many there may be of both families, and how long
/// they are kept is <see cref="Dhcp6.Dhcp6ServerOptions"/>'s.
/// </summary>
public sealed record Dhcp4ServerOptions
{
    /// <summary>"address:port" of each socket that relays, and clients that renew, send to ("192.0.2.1:67"); none hears no relay.</summary>
    [MaxLength(16)]
    public IReadOnlyList<string> Listen { get; init; } = [];

    /// <summary>The address that clients know this server by (option 54) behind a socket of <see cref="Listen"/> that is of any address ("0.0.0.0:67"): one of this node that clients reach.</summary>
    [MaxLength(15)]
    public string ServerAddress { get; init; } = "";

    /// <summary>Interfaces on whose links clients are heard without a relay.</summary>
    [MaxLength(64)]
    public IReadOnlyList<Dhcp4LinkOption> Links { get; init; } = [];

    /// <summary>Networks of relays, beside the access servers (NAS): both where they send from and the address that they want answers at (giaddr) must be among them. Who is in neither is not answered.</summary>
    [MaxLength(1_000)]
    public IReadOnlyList<string> Relays { get; init; } = [];

    /// <summary>Threads that answer at each address.</summary>
    [Range(1, 64)]
    public int Threads { get; init; } = 1;

    /// <summary>What the kernel may keep for each socket while the program is busy.</summary>
    [Range(64 * 1024, 1 << 30)]
    public int ReceiveBufferBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Messages whose leases are written and not yet synced; one more is not answered, and the client sends it again.</summary>
    [Range(1, 1_000_000)]
    public int MostInFlight { get; init; } = 20_000;

    /// <summary>Addresses that clients of one line have from pools at the same time. A further client takes over that of the client that was heard longest ago: who changes the router keeps the address.</summary>
    [Range(1, 64)]
    public int MostPerLine { get; init; } = 1;

    /// <summary>Messages of one line within a minute; further ones are not answered until the minute is over.</summary>
    [Range(1, 1_000_000)]
    public int MessagesPerMinute { get; init; } = 120;

    /// <summary>Addresses that one line may decline within an hour; a further one is taken back as if it had been released.</summary>
    [Range(0, 1_000)]
    public int DeclinesPerHour { get; init; } = 10;

    /// <summary>For how long what was declined is given to nobody.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan DeclinedRest { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Two messages instead of four, where the client asks for it (RFC 4039).</summary>
    public bool RapidCommit { get; init; } = true;

    /// <summary>A client of a line that goes on with an address nobody is known to have, free in this node's share, keeps it: leases of the server that was here before are honoured.</summary>
    public bool AdoptLeases { get; init; } = true;

    /// <summary>The port of relays that answers go to (67), where the relay names none (RFC 8357); 0 is the one that the question came from.</summary>
    [Range(0, 65_535)]
    public int RelayPort { get; init; } = 67;

    /// <summary>The port of clients that answers go to (68); 0 is the one that the question came from.</summary>
    [Range(0, 65_535)]
    public int ClientPort { get; init; } = 68;

    /// <summary>Name servers of suspended lines, which lead to the page that says why; with none, suspended lines get no address.</summary>
    [MaxLength(8)]
    public IReadOnlyList<string> WalledGardenDnsServers { get; init; } = [];

    /// <summary>How long leases of suspended lines last, so that they see soon that all is well again.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan WalledGardenLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// What is told to clients of a pool that <see cref="Pools"/> does not name, or whose address is the line's own and in no subnet that one of them names. What a pool leaves out (not its lease time and
    /// subnet) is told as it is here; routes only where the pool names no routers. The subnet counts for addresses that it holds.
    /// </summary>
    public Dhcp4PoolOption Default { get; init; } = new();

    /// <summary>What is told to clients of one pool.</summary>
    [MaxLength(10_000)]
    public IReadOnlyList<Dhcp4PoolOption> Pools { get; init; } = [];

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
public sealed record Dhcp4LinkOption
{
    /// <summary>The name of the interface. It is also the circuit id of the line whose clients are on it; a link of several lines tells them by their hardware addresses ("mac:" and the digits as remote id).</summary>
    [Required, MaxLength(15)]
    public string Interface { get; init; } = "";

    /// <summary>The address that clients know this server by (option 54); empty: the first of the interface.</summary>
    [MaxLength(15)]
    public string ServerAddress { get; init; } = "";

    [Range(1, 65_535)]
    public int Port { get; init; } = 67;

    /// <summary>Switches of the link put option 82 into clients' messages, and take it out of what clients send themselves: it is believed without a relay.</summary>
    public bool TrustRelayInformation { get; init; }
}
