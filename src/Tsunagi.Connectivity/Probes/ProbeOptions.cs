using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Connectivity.Probes;

/// <summary>How lines are probed by STAMP (RFC 8762), and where test packets of others are reflected. Which lines are probed is kept with the lines.</summary>
public sealed record ProbeOptions
{
    /// <summary>"address:port" of each socket that reflects test packets (862 by the standard: "[::]:862"); none reflects none.</summary>
    [MaxLength(16)]
    public IReadOnlyList<string> Reflect { get; init; } = [];

    /// <summary>Networks whose test packets are reflected; empty for anybody's.</summary>
    [MaxLength(1_000)]
    public IReadOnlyList<string> ReflectFor { get; init; } = [];

    /// <summary>A file with the key of authenticated test packets; empty reflects unauthenticated ones.</summary>
    [MaxLength(1_000)]
    public string ReflectKeyFile { get; init; } = "";

    /// <summary>Sessions whose replies are counted at the same time; further ones are reflected without state (RFC 8762 section 4).</summary>
    [Range(1, 1_000_000)]
    public int MostReflected { get; init; } = 10_000;

    /// <summary>A session that is silent for this long is forgotten.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan ForgetReflected { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Test packets reflected within a second at each address; further ones are dropped.</summary>
    [Range(1, 10_000_000)]
    public int MostReflectedPerSecond { get; init; } = 50_000;

    /// <summary>A reply that has not come back after this long is lost.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:30")]
    public TimeSpan LostAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>So many test packets lost one after the other, and the path is lost.</summary>
    [Range(2, 1_000)]
    public int PathLostAfter { get; init; } = 5;

    /// <summary>So many replies one after the other, and it is back.</summary>
    [Range(1, 1_000)]
    public int PathBackAfter { get; init; } = 3;

    /// <summary>Probes that have not been removed, of all lines together.</summary>
    [Range(1, 60_000)]
    public int MostProbes { get; init; } = 5_000;

    /// <summary>Probes of one line.</summary>
    [Range(1, 100)]
    public int MostPerLine { get; init; } = 4;

    /// <summary>How often it is looked for probes that were added, changed or removed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan FollowEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Minutes that wait for a store that is away; the oldest goes when there is one more, and is unknown.</summary>
    [Range(1, 10_000_000)]
    public int MostWaitingMinutes { get; init; } = 100_000;

    /// <summary>How good this machine's clock is, told in test packets and replies.</summary>
    [Range(typeof(TimeSpan), "00:00:00.000001", "01:00:00")]
    public TimeSpan ClockError { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Whether this machine's clock is synchronised to UTC (NTP or better), told with it.</summary>
    public bool ClockIsSynchronized { get; init; } = true;

    /// <summary>Days that minutes and outages are kept.</summary>
    [Range(40, 4_000)]
    public int KeepDays { get; init; } = 800;
}
