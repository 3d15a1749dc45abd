namespace Tsunagi.Core.Queue;

/// <summary>Does one kind of work. It may be run again after a crash, so its effect must bear repeating.</summary>
public interface IWorkHandler
{
    /// <summary>The kind it does ("webhook.deliver"); one handler a kind.</summary>
    string Kind { get; }

    /// <param name="lost">Cancelled when the item is no longer ours (no heartbeat got through) or the node stops: no effect may follow.</param>
    ValueTask<WorkOutcome> HandleAsync(WorkItem item, CancellationToken lost);
}

/// <summary>What became of an item. An exception of a handler counts as <see cref="Later"/>.</summary>
public readonly record struct WorkOutcome
{
    private WorkOutcome(string? reason, bool never)
    {
        Reason = reason;
        IsNever = never;
    }

    /// <summary>Done; also when the handler completed the item in its own transaction.</summary>
    public static WorkOutcome Done => default;

    internal string? Reason { get; }

    internal bool IsNever { get; }

    /// <summary>It did not work this time.</summary>
    public static WorkOutcome Later(string reason) => new(reason, never: false);

    /// <summary>It will never work: to the dead letters at once.</summary>
    public static WorkOutcome Never(string reason) => new(reason, never: true);
}
