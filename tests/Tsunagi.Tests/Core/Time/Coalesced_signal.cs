using Tsunagi.Core.Time;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Time;

public class Coalesced_signal
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pulse_ends_the_wait()
    {
        var signal = new CoalescedSignal();
        var waiting = signal.WaitAsync(TimeSpan.FromSeconds(1), new ManualTime(), Cancel).AsTask();
        Assert.False(waiting.IsCompleted);
        signal.Pulse();
        await waiting;
    }

    [Fact]
    public async Task Time_ends_the_wait()
    {
        var time = new ManualTime();
        var waiting = new CoalescedSignal().WaitAsync(TimeSpan.FromSeconds(1), time, Cancel).AsTask();
        time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(waiting.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await waiting;
    }

    [Fact]
    public async Task Whoever_waits_can_be_cancelled()
    {
        using var stop = new CancellationTokenSource();
        var waiting = new CoalescedSignal().WaitAsync(TimeSpan.FromSeconds(1), new ManualTime(), stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task A_timer_that_fires_behind_the_pulse_harms_nobody()
    {
        var time = new LateTime();
        var signal = new CoalescedSignal();
        signal.Pulse();
        await signal.WaitAsync(TimeSpan.FromSeconds(1), time, Cancel);
        Assert.Equal(1, time.FireAll());
    }
}
