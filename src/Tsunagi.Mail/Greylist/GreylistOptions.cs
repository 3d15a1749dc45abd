using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Mail.Greylist;

/// <summary>How the greylist works where a policy has it on.</summary>
public sealed record GreylistOptions
{
    /// <summary>A sender that comes again sooner is put off again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan Wait { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A sender that comes again later begins anew.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan ComeAgainWithin { get; init; } = TimeSpan.FromDays(2);

    /// <summary>How long one that came again is known after its last message.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan KnownFor { get; init; } = TimeSpan.FromDays(35);

    /// <summary>Most rows kept, about 300 octets of memory each; beyond them those seen longest ago are forgotten, the ones that never came again first.</summary>
    [Range(1_000, 10_000_000)]
    public int Entries { get; init; } = 200_000;

    /// <summary>How often it is written and read: by so much later another node knows.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan ShareEvery { get; init; } = TimeSpan.FromSeconds(2);
}
