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
        // The source's own timer: one of ours could fire when the source is disposed already, and an exception of a timer ends the process.
        using var deadline = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            await _pulse.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The deadline passed: the caller polls.
        }
    }
}
