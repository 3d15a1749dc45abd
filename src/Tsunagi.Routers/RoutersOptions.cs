using System.ComponentModel.DataAnnotations;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Net;
using Tsunagi.Core.Outcomes;
using Tsunagi.Routers.Arms;
using Tsunagi.Routers.Heartbeats;

namespace Tsunagi.Routers;

/// <summary>The section <c>routers</c> of the program's configuration.</summary>
public sealed record RoutersOptions
{
    public CwmpOptions Cwmp { get; init; } = new();

    public ArmsOptions Arms { get; init; } = new();

    public HeartbeatOptions Heartbeats { get; init; } = new();

    /// <summary>Routers nobody has claimed that are remembered; one more is refused and counted.</summary>
    [Range(1, 1_000_000)]
    public int MaxUnclaimed { get; init; } = 1_000;

    /// <summary>After this long without a session a router is told as silent, where it does not say itself how often it calls (then: three times that).</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan SilentAfter { get; init; } = TimeSpan.FromHours(26);

    /// <summary>How long a task waits for its router before it is told as expired.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan TaskLife { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Tasks of one router that wait; one more is refused.</summary>
    [Range(1, 1_000)]
    public int MaxTasks { get; init; } = 20;

    /// <summary>How long a helpdesk call is open.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "08:00:00")]
    public TimeSpan CallLife { get; init; } = TimeSpan.FromMinutes(30);
}

/// <summary>The auto-configuration server that routers call (TR-069).</summary>
public sealed record CwmpOptions
{
    /// <summary>"address:port" of each listener; none listens nowhere.</summary>
    [MaxLength(16)]
    public IReadOnlyList<string> Listen { get; init; } = [];

    /// <summary>TLS with the program's certificates on every listener.</summary>
    public bool Https { get; init; }

    /// <summary>The name that routers of the fleet give before they have one of their own.</summary>
    [MaxLength(256)]
    public string Username { get; init; } = "";

    /// <summary>A file whose first line is the password that goes with it.</summary>
    [MaxLength(1_000)]
    public string PasswordFile { get; init; } = "";

    /// <summary>Lets routers in that give no credentials and have none of their own. Whoever knows a serial number can then pose as that router.</summary>
    public bool Open { get; init; }

    /// <summary>Sessions at once; one more is told to come back later.</summary>
    [Range(1, 1_000_000)]
    public int MaxSessions { get; init; } = 10_000;

    /// <summary>After this long without a word a session is over.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan SessionIdle { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Requests to a router in one session; what is left waits for the next.</summary>
    [Range(10, 100_000)]
    public int MaxRequests { get; init; } = 5_000;

    /// <summary>Values asked for at once.</summary>
    [Range(1, 1_000)]
    public int ValuesAtOnce { get; init; } = 64;

    /// <summary>Parameters of one router that are kept.</summary>
    [Range(100, 200_000)]
    public int MaxParameters { get; init; } = 30_000;

    /// <summary>Octets of one message.</summary>
    [Range(65_536, 67_108_864)]
    public int MaxMessageOctets { get; init; } = 8 * 1024 * 1024;

    /// <summary>How long a router has to answer a connection request.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan ConnectionRequestDeadline { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Connections of the listeners, in all and by peer.</summary>
    public ConnectionLimitOptions Connections { get; init; } = new();
}

/// <summary>The location server and the resource server that routers with ARMS pull from, and the tunnels they keep. TLS 1.2 and 1.3; older boxes have a listener of their own.</summary>
public sealed record ArmsOptions : ICheckedSettings
{
    /// <summary>"address:port" of each listener; none listens nowhere. Location server, resource server and tunnel are told apart by what is asked.</summary>
    [MaxLength(16)]
    public IReadOnlyList<string> Listen { get; init; } = [];

    /// <summary>
    /// "address:port" of each listener for boxes that know TLS 1.0 and 1.1 only, as every box with the open client does. Off by default: whoever can change what passes on the line may read and change what
    /// such a box is told. Nothing but ARMS is served there, and the console says so while it is on.
    /// </summary>
    [MaxLength(16)]
    public IReadOnlyList<string> LegacyListen { get; init; } = [];

    /// <summary>
    /// Addresses of resource servers as routers are told them, at most five: https, a number for a host, a path other than /tunnel. None: the address at which the router called.
    /// </summary>
    [MaxLength(5)]
    public IReadOnlyList<string> ResourceServers { get; init; } = [];

    /// <summary>The same for boxes that called at a listener of <see cref="LegacyListen"/>.</summary>
    [MaxLength(5)]
    public IReadOnlyList<string> LegacyResourceServers { get; init; } = [];

    /// <summary>PEM with the certificate of the listeners and its key. None: one of the program's own authority, CN "Location Server 1".</summary>
    [MaxLength(1_000)]
    public string CertificateFile { get; init; } = "";

    /// <summary>PEM with the authority that routers are told to trust. Goes with the certificate file.</summary>
    [MaxLength(1_000)]
    public string RootFile { get; init; } = "";

    /// <summary>What routers are told: how long a line may take to come up.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan LineTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What routers are told: rounds over all lines and resource servers before they ask the location server again.</summary>
    [Range(0, 1_000)]
    public int RetryMax { get; init; } = 10;

    /// <summary>What routers are told: the wait between two rounds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Offers the tunnel, over which a router is asked to pull. Without it routers pull anew after each round of retries.</summary>
    public bool Tunnel { get; init; } = true;

    /// <summary>What routers are told: how often they ask whether the tunnel is alive. One that is silent for three times as long is closed.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan EchoInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a router has to confirm its tunnel, and to answer a request over it.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:02:00")]
    public TimeSpan AnswerDeadline { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>After this long without its tunnel a router that had one is told as silent.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan SilentAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Unknown distribution ids that are remembered; one more is refused and counted.</summary>
    [Range(1, 100_000)]
    public int MaxUnknown { get; init; } = 100;

    /// <summary>Pulls of a router that are kept.</summary>
    [Range(1, 10_000)]
    public int PullsKept { get; init; } = 50;

    /// <summary>Modules of a site's configuration.</summary>
    [Range(1, 1_000)]
    public int MaxModules { get; init; } = 64;

    /// <summary>Octets of all modules of a site's configuration.</summary>
    [Range(1_024, 16_777_216)]
    public int MaxConfigurationOctets { get; init; } = 1024 * 1024;

    /// <summary>Octets of one message of a router.</summary>
    [Range(4_096, 16_777_216)]
    public int MaxMessageOctets { get; init; } = 1024 * 1024;

    /// <summary>
    /// How long a box that took a change has to come back and say so, before the push is told as silent. A box that finds no way back undoes the change by itself, after its own retries: its word corrects this.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan PushConfirmation { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A box that was not heard of for so long is away: its ring, once another of it came back well, does not wait for it. A box with a tunnel is heard of every minute.</summary>
    [Range(typeof(TimeSpan), "00:01:30", "1.00:00:00")]
    public TimeSpan PushPatience { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>When a busy box is asked again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan PushAgainAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a busy box is asked before that counts as a refusal.</summary>
    [Range(1, 1_000)]
    public int PushAttempts { get; init; } = 10;

    /// <summary>Boxes that are asked at once by one node.</summary>
    [Range(1, 10_000)]
    public int PushesAtOnce { get; init; } = 64;

    /// <summary>Boxes of one push.</summary>
    [Range(1, 1_000_000)]
    public int MaxPushBoxes { get; init; } = 20_000;

    /// <summary>Connections of the listeners, in all and by peer; a tunnel is one.</summary>
    public ConnectionLimitOptions Connections { get; init; } = new() { MaxConnections = 20_000 };

    public Refusal? Check()
    {
        return Check(ResourceServers, "resourceServers") ?? Check(LegacyResourceServers, "legacyResourceServers");
    }

    private static Refusal? Check(IReadOnlyList<string> servers, string setting)
    {
        for (var i = 0; i < servers.Count; i++)
        {
            if (ArmsAddresses.WhyNot(servers[i]) is { } whyNot)
            {
                return Refusal.Invalid("routers.arms.resource-server", $"settings.{setting}[{i}]", $"\"{servers[i]}\": {whyNot}", "https://203.0.113.5:8443/rs");
            }
        }

        return null;
    }
}
