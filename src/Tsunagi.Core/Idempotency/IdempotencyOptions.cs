namespace Tsunagi.Core.Idempotency;

/// <summary>Limits of idempotency keys.</summary>
public sealed record IdempotencyOptions
{
    public int MaxKeyChars { get; init; } = 255;

    /// <summary>A longer answer is refused by <see cref="IdempotencyKeys.RunAsync"/>.</summary>
    public int MaxAnswerChars { get; init; } = 64 * 1024;

    /// <summary>Keys remembered of one caller; one more is refused until the oldest are past their retention.</summary>
    public int MaxKeysPerOwner { get; init; } = 10_000;

    /// <summary>After this a key may be used for something else.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromHours(24);

    /// <summary>A request that began this long ago and gave no answer has died; the same request may run again.</summary>
    public TimeSpan Abandoned { get; init; } = TimeSpan.FromMinutes(1);
}
