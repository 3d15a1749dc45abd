using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>Limits of address management, how long things rest and are kept, when a pool is told as running low.</summary>
public sealed record AddressOptions
{
    /// <summary>Requests that may wait for one pool; one more waits in its caller.</summary>
    [Range(1, 100_000)]
    public int MaxWaiting { get; init; } = 4_096;

    /// <summary>Requests that share one transaction.</summary>
    [Range(1, 1_000)]
    public int MaxPerCommit { get; init; } = 128;

    /// <summary>Slots a pool may have, as a power of two.</summary>
    [Range(8, 62)]
    public int MaxPoolBits { get; init; } = 48;

    /// <summary>Addresses a node takes at a time from a pool of sessions.</summary>
    [Range(1, 65_536)]
    public int ShareSlots { get; init; } = 256;

    /// <summary>For how long an address that was promised to a session may stay unused before it is promised again.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "01:00:00")]
    public TimeSpan PromiseFor { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often shares are filled up, rested addresses given back, and changed pools read.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often the use of pools is judged.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan JudgeEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A pool that is used up within so many days, by its use so far, is told as running low.</summary>
    [Range(1, 365)]
    public int WarnDays { get; init; } = 14;

    /// <summary>For how many days it is kept who held an address, after they ceased to. The law of your country says how long you must and how long you may.</summary>
    [Range(1, 3_650)]
    public int KeepDays { get; init; } = 365;

    /// <summary>Seconds before and after the asked moment that a question takes in when it does not say.</summary>
    [Range(0, 3_600)]
    public int ToleranceSeconds { get; init; } = 5;

    /// <summary>Lines of a CSV file.</summary>
    [Range(1, 1_000_000)]
    public int MaxCsvLines { get; init; } = 100_000;
}
