using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Ddos.Detect;

/// <summary>When traffic is an attack. Each look, ten a second, holds the last second against the limits, and against what attacks are made of.</summary>
public sealed record DetectOptions
{
    /// <summary>Of so many looks…</summary>
    [Range(1, 30)]
    public int Looks { get; init; } = 5;

    /// <summary>…so many must be above the limit.</summary>
    [Range(1, 30)]
    public int LooksAbove { get; init; } = 3;

    /// <summary>Sampled packets behind a figure before it counts: with 30 its error is 36 % at 95 % confidence.</summary>
    [Range(1, 10_000)]
    public int MinSamples { get; init; } = 30;

    /// <summary>Under sampling, so many standard deviations of the estimate are taken off it before it is held against a limit: 2,000 packets a second are told from 39 samples at 1:100 on, not from 20.</summary>
    [Range(0, 6)]
    public double Deviations { get; init; } = 3;

    /// <summary>What is told as an attack by its kind must also be so many times what is usual for the prefix, where that was learned.</summary>
    [Range(1, 100)]
    public double UsualTimes { get; init; } = 2;

    /// <summary>Prefixes whose usual traffic is followed (about 66 kB for one that is busy all week); for one more the floors hold alone.</summary>
    [Range(1, 100_000)]
    public int MaxBaselines { get; init; } = 2_000;

    /// <summary>How often what is usual is written down beside the stop of the program.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan KeepUsualEvery { get; init; } = TimeSpan.FromHours(1);

    /// <summary>For a whole prefix an attack's kind is told from so many times the floor of one address.</summary>
    [Range(1, 1_000)]
    public int PrefixTimes { get; init; } = 4;

    /// <summary>An attack on a prefix goes to at least so many of its addresses, and not half of it to one of them.</summary>
    [Range(2, 64)]
    public int CarpetTargets { get; init; } = 8;

    /// <summary>An incident goes on while any figure is above this part of its limit.</summary>
    [Range(1, 100)]
    public int ReleasePercent { get; init; } = 60;

    /// <summary>Addresses and prefixes looked at closely at a time. One more is not, until another is quiet; that is counted and told.</summary>
    [Range(16, 100_000)]
    public int MaxWatched { get; init; } = 4_096;

    /// <summary>Incidents of one subscription that are open at a time; what is beyond is counted in the incident of its prefix.</summary>
    [Range(1, 10_000)]
    public int MaxOpenPerSubscription { get; init; } = 50;
}
