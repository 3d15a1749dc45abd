using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Connectivity.Account;

/// <summary>Where Accounting-Requests come in, where they are kept, and when a silent session is over.</summary>
public sealed record AccountOptions
{
    /// <summary>"address:port" of each socket (1813 by the standard); none takes nothing.</summary>
    [MaxLength(16)]
    public IReadOnlyList<string> Listen { get; init; } = [];

    /// <summary>Threads that take requests at each address.</summary>
    [Range(1, 64)]
    public int Threads { get; init; } = 1;

    /// <summary>What the kernel may keep for each socket while the program is busy.</summary>
    [Range(64 * 1024, 1 << 30)]
    public int ReceiveBufferBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>The directory of the accounting log, in the data directory.</summary>
    [Required, MaxLength(200)]
    public string Directory { get; init; } = "accounting";

    /// <summary>Length of a file of the log.</summary>
    [Range(1 << 20, 1 << 30)]
    public int SegmentBytes { get; init; } = 64 << 20;

    /// <summary>Requests written and not yet synced; one more is not answered, and the NAS sends it again.</summary>
    [Range(16, 1_000_000)]
    public int MostInFlight { get; init; } = 20_000;

    /// <summary>A session of which nothing was heard for so long, and for three of its interim intervals, is closed at the time it was last seen.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan LostAfter { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>So many sessions lost on one NAS within a minute are told as one event.</summary>
    [Range(2, 1_000_000)]
    public int ManyLost { get; init; } = 20;

    /// <summary>How long ended sessions and their usage by minute are kept.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan SessionsKept { get; init; } = TimeSpan.FromDays(400);
}
