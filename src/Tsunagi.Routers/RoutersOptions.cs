using System.ComponentModel.DataAnnotations;
using Tsunagi.Core.Net;

namespace Tsunagi.Routers;

/// <summary>The section <c>routers</c> of the program's configuration.</summary>
public sealed record RoutersOptions
{
    public CwmpOptions Cwmp { get; init; } = new();

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
