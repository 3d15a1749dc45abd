using System.ComponentModel.DataAnnotations;
using Tsunagi.Connectivity.Dhcp;

namespace Tsunagi.Connectivity.Dhcp4;

/// <summary>
/// Where clients of DHCPv4 are heard, what they are told, and how much of each is taken. Which address a line has is its contract's. The log of leases, how many there may be of both families, and how long
/// they are kept is <see cref="Dhcp6.Dhcp6ServerOptions"/>'s.
/// </summary>
public sealed record Dhcp4ServerOptions : DhcpServerOptions
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

    /// <summary>Addresses that clients of one line have from pools at the same time. A further client takes over that of the client that was heard longest ago: who changes the router keeps the address.</summary>
    [Range(1, 64)]
    public int MostPerLine { get; init; } = 1;

    /// <summary>A client of a line that goes on with an address nobody is known to have, free in this node's share, keeps it: leases of the server that was here before are honoured.</summary>
    public bool AdoptLeases { get; init; } = true;

    /// <summary>The port of relays that answers go to (67), where the relay names none (RFC 8357); 0 is the one that the question came from.</summary>
    [Range(0, 65_535)]
    public int RelayPort { get; init; } = 67;

    /// <summary>The port of clients that answers go to (68); 0 is the one that the question came from.</summary>
    [Range(0, 65_535)]
    public int ClientPort { get; init; } = 68;

    /// <summary>
    /// What is told to clients of a pool that <see cref="Pools"/> does not name, or whose address is the line's own and in no subnet that one of them names. What a pool leaves out (not its lease time and
    /// subnet) is told as it is here; routes only where the pool names no routers. The subnet counts for addresses that it holds.
    /// </summary>
    public Dhcp4PoolOption Default { get; init; } = new();

    /// <summary>What is told to clients of one pool.</summary>
    [MaxLength(10_000)]
    public IReadOnlyList<Dhcp4PoolOption> Pools { get; init; } = [];

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
