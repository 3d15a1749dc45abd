using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Connectivity.Lines;

/// <summary>Limits of the line book, and how soon a node follows it.</summary>
public sealed record LineOptions
{
    /// <summary>How often a node looks for changes that nobody told it of.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often the copy for a start without the database is brought up to date.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan CopyEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A copy that is older is not used: who left meanwhile must not be let in for ever.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "90.00:00:00")]
    public TimeSpan CopyKept { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Lines one subscription may have beside what its quantity says: none. This is the limit of a quantity.</summary>
    [Range(1, 100_000)]
    public int MaxPerSubscription { get; init; } = 10_000;

    /// <summary>Further reply attributes of one line.</summary>
    [Range(0, 64)]
    public int MaxReplies { get; init; } = 16;

    /// <summary>Routes of one line.</summary>
    [Range(0, 64)]
    public int MaxRoutes { get; init; } = 16;

    /// <summary>Characters of a password that the program makes.</summary>
    [Range(8, 64)]
    public int PasswordLength { get; init; } = 16;
}
