namespace Tsunagi.Core.Queue;

/// <summary>Limits of the work queue.</summary>
public sealed record WorkQueueOptions
{
    /// <summary>An item not heard of for this long goes to another worker.</summary>
    public TimeSpan Visibility { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Attempts before an item becomes a dead letter. With the pauses below, 32 are about a day: another party's host may be down overnight.</summary>
    public int MaxAttempts { get; init; } = 32;

    /// <summary>The pause after the first failure; it doubles with each, give or take a fifth.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest pause.</summary>
    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long the key of completed work is remembered.</summary>
    public TimeSpan KeyRetention { get; init; } = TimeSpan.FromDays(7);

    public int MaxPayloadChars { get; init; } = 64 * 1024;

    /// <summary>Items one worker does at the same time.</summary>
    public int Concurrency { get; init; } = 8;

    /// <summary>How often a worker looks without a hint.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a stopping worker lets its handlers finish before it cancels them.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(10);
}
