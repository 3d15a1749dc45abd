using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Ddos.Mitigate;

/// <summary>What rules may be. Each limit is refused at one past it.</summary>
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

    /// <summary>Rules that are proposed against one attack at most.</summary>
    [Range(1, 16)]
    public int MaxRulesPerIncident { get; init; } = 4;

    /// <summary>The part of an attack's packets that proposed rules must match.</summary>
    [Range(50, 100)]
    public int LeastCoverPercent { get; init; } = 95;

    /// <summary>Of a thousand packets of the victim's own traffic, how many proposed rules may match.</summary>
    [Range(0, 100)]
    public int MostCollateralPermille { get; init; } = 5;

    /// <summary>How long a rule that follows an incident lives without being renewed: when nobody sees to it any more, it ends so soon.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "01:00:00")]
    public TimeSpan FollowLife { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Rules that go out by themselves are changed at most so often for one incident.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan ChangeEvery { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the ledger looks for the switch, for rules whose time is over, and for what other nodes wrote.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:00:02")]
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromMilliseconds(250);
}
