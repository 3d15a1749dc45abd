using System.Threading.Channels;

namespace Tsunagi.Routers.Push;

/// <summary>Tells the runner that there may be something to do; missing it costs a second, no more.</summary>
internal sealed class PushSignal
{
    private readonly Channel<bool> _channel = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Set() => _channel.Writer.TryWrite(true);

    /// <summary>Until it is set, or so long.</summary>
    public async ValueTask WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(atMost, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await _channel.Reader.ReadAsync(linked.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // So long.
        }
    }
}
