using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Ddos.Mitigate;

/// <summary>What rules made by hand may be. Each limit is refused at one past it.</summary>
public sealed record MitigateOptions
{
    /// <summary>Active rules of one subscription.</summary>
    [Range(1, 1_000)]
    public int MaxPerSubscription { get; init; } = 16;

    /// <summary>Active rules in all: what the smallest router takes.</summary>
    [Range(1, 10_000)]
    public int MaxRules { get; init; } = 200;

    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ShortestLife { get; init; } = TimeSpan.FromSeconds(30);

    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan LongestLife { get; init; } = TimeSpan.FromDays(1);

    /// <summary>The shortest prefix a rule may have as its destination.</summary>
    [Range(8, 32)]
    public int ShortestPrefix4 { get; init; } = 24;

    [Range(16, 128)]
    public int ShortestPrefix6 { get; init; } = 48;

    /// <summary>The longest packet a link here carries: a rule for longer ones only would match nothing.</summary>
    [Range(1_280, 65_535)]
    public int LongestPacket { get; init; } = 9_216;

    /// <summary>How often the ledger looks for the switch, for rules whose time is over, and for what other nodes wrote.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:00:02")]
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromMilliseconds(250);
}
