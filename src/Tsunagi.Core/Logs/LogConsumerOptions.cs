namespace Tsunagi.Core.Logs;

/// <summary>What happens when a consumer lags further behind than it may.</summary>
public enum LagAct
{
    /// <summary>The log takes nothing new until the consumer has caught up: for what is billed or must not be missing.</summary>
    PauseIntake,

    /// <summary>The consumer is dropped, with a notice, and its segments go: for what can be derived again.</summary>
    DropConsumer,
}

/// <summary>A consumer that a log waits for before it lets a segment go, whether it has been opened yet or not.</summary>
public sealed record LogConsumerOptions(string Name)
{
    public long LagLimitBytes { get; init; } = 4L << 30;

    public LagAct AtLimit { get; init; } = LagAct.PauseIntake;
}
