using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Connectivity.Proxy;

/// <summary>Whose users are not ours: requests with a realm of these go to that realm's own RADIUS servers, its home servers (RFC 2865 section 2.3).</summary>
public sealed record ProxyOptions
{
    [MaxLength(1_000)]
    public IReadOnlyList<HomeServerOption> Servers { get; init; } = [];

    [MaxLength(1_000)]
    public IReadOnlyList<ProxiedRealmOption> Realms { get; init; } = [];

    /// <summary>Requests that wait for home servers at the same time; one more is not answered.</summary>
    [Range(1, 1_000_000)]
    public int MostInFlight { get; init; } = 10_000;

    /// <summary>Sockets to each home server and port. Each has 256 identifiers; when all are in use, one more request is not sent there.</summary>
    [Range(1, 256)]
    public int MostSockets { get; init; } = 16;

    /// <summary>How often a dead home server is asked whether it is back (Status-Server, RFC 5997).</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ProbeEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>So many Status-Servers in a row without an answer, and a home server that left a request unanswered is dead.</summary>
    [Range(1, 100)]
    public int ProbesToDie { get; init; } = 3;

    /// <summary>So many answers in a row, and it is back.</summary>
    [Range(1, 100)]
    public int ProbesToComeBack { get; init; } = 3;

    /// <summary>For how long a home server that knows no Status-Server, or has never answered it, is silent or dead before it is tried with a request again.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan DeadFor { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Stored reports that are on their way at the same time.</summary>
    [Range(1, 4_096)]
    public int RelayedAtATime { get; init; } = 64;

    /// <summary>How long a stored report is tried before it is given up and told.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan RelayKept { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Whether anything is for others.</summary>
    internal bool IsOn => Realms.Count > 0;

    /// <summary>How long a request may be on its way: all home servers of a realm silent, one after the other.</summary>
    internal TimeSpan LongestWay => Realms
        .Select(realm => TimeSpan.FromTicks(realm.Servers.Sum(name => Servers.FirstOrDefault(server => server.Name == name)?.Timeout.Ticks ?? 0)))
        .DefaultIfEmpty().Max();
}

/// <summary>A RADIUS server of somebody else, asked by datagrams.</summary>
public sealed record HomeServerOption
{
    /// <summary>What realms and people call it.</summary>
    [Required, MaxLength(80)]
    public string Name { get; init; } = "";

    /// <summary>Its IPv4 or IPv6 address.</summary>
    [Required, MaxLength(45)]
    public string Address { get; init; } = "";

    /// <summary>Its port for authentication; 0 when it has none.</summary>
    [Range(0, 65_535)]
    public int AuthenticatePort { get; init; } = 1812;

    /// <summary>Its port for accounting; 0 when it has none.</summary>
    [Range(0, 65_535)]
    public int AccountPort { get; init; } = 1813;

    /// <summary>A file whose first line is the secret shared with it; read at the start.</summary>
    [Required, MaxLength(1_000)]
    public string SecretFile { get; init; } = "";

    /// <summary>How long an answer is waited for before the next home server is asked.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Whether it answers Status-Server. One that does not, or has not yet, is dead after requests without an answer, and is tried with requests.</summary>
    public bool StatusServer { get; init; } = true;

    /// <summary>
    /// Whether its answers in authentication must have a Message-Authenticator. Off only for an old server, on a network where nobody can change datagrams: an answer without one can be made from another
    /// (BlastRADIUS). One that is wrong is refused in any case, and so is one without where there is EAP (RFC 3579 section 3.1).
    /// </summary>
    public bool MessageAuthenticator { get; init; } = true;
}

/// <summary>A realm (RFC 7542) whose users are another's.</summary>
public sealed record ProxiedRealmOption
{
    /// <summary>"isp.example"; "*.isp.example" for every realm below it; "*" for every realm that is neither ours nor that of a line. The most exact wins.</summary>
    [Required, MaxLength(200)]
    public string Name { get; init; } = "";

    /// <summary>Names of its home servers, the one to be asked first in front.</summary>
    [Required, MinLength(1), MaxLength(16)]
    public IReadOnlyList<string> Servers { get; init; } = [];

    /// <summary>Spread users over the servers that answer; one user's requests go to the same one. Otherwise the first that answers takes all.</summary>
    public bool Balanced { get; init; }

    /// <summary>Its home servers know their users without the realm.</summary>
    public bool Strip { get; init; }

    /// <summary>What is done with its accounting.</summary>
    public RelayedAccounting Account { get; init; }

    /// <summary>Attributes that its home servers may set in answers beside those that any may, by name of the dictionary; a vendor's name for all of that vendor's.</summary>
    [MaxLength(200)]
    public IReadOnlyList<string> Allow { get; init; } = [];

    /// <summary>Attributes that its home servers may not set though any may.</summary>
    [MaxLength(200)]
    public IReadOnlyList<string> Deny { get; init; } = [];

    /// <summary>What every Access-Accept of it gets from us, "Name=value": the pool of guests, their VLAN.</summary>
    [MaxLength(50)]
    public IReadOnlyList<string> Reply { get; init; } = [];
}

/// <summary>What is done with the accounting of a realm that is proxied. Our own log has it in any case: whoever used an address of ours is asked of us.</summary>
public enum RelayedAccounting
{
    /// <summary>It goes to a home server, and the access server gets its acknowledgement when that one has acknowledged.</summary>
    Through,

    /// <summary>It is acknowledged when it is on our disk, and relayed to a home server as soon as one takes it: each report once, a session's in their order.</summary>
    Stored,

    /// <summary>It is kept here alone.</summary>
    Kept,
}
