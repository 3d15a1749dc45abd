using System.Threading.Channels;

namespace Tsunagi.Core.Time;

/// <summary>A coalesced hint inside the process: "there is something to do". Polling is the truth; this only makes it quick.</summary>
public class CoalescedSignal
{
    private readonly Channel<bool> _pulse = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Pulse() => _pulse.Writer.TryWrite(true);

    /// <summary>Returns at a pulse, or after <paramref name="atMost"/>.</summary>
    public async ValueTask WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), deadline, atMost, Timeout.InfiniteTimeSpan);
        try
        {
            await _pulse.Reader.ReadAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The deadline passed: the caller polls.
        }
    }
}
