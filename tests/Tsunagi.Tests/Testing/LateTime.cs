namespace Tsunagi.Tests.Testing;

/// <summary>
/// A clock whose timers fire when the test says so, also those that are disposed: what the system's may do, since disposing a timer does not wait for a callback that has begun.
/// </summary>
public sealed class LateTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<(TimerCallback Callback, object? State)> _timers = [];

    /// <summary>Runs the callback of every timer made so far; what one throws ends the process of a real clock.</summary>
    /// <returns>How many there were.</returns>
    public int FireAll()
    {
        (TimerCallback Callback, object? State)[] timers;
        lock (_gate)
        {
            timers = [.. _timers];
        }

        foreach (var (callback, state) in timers)
        {
            callback(state);
        }

        return timers.Length;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            _timers.Add((callback, state));
        }

        return new LateTimer();
    }

    private sealed class LateTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
            // It fires all the same.
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
