namespace Tsunagi.Core.Store;

/// <summary>One listener of a channel of <see cref="IStoreHints"/>. Used by one loop at a time.</summary>
public sealed class StoreHint : IDisposable
{
    private readonly TimeProvider _time;
    private readonly Action<StoreHint> _leave;
    private readonly SemaphoreSlim _raised = new(0, 1);
    private int _pending;

    internal StoreHint(TimeProvider time, Action<StoreHint> leave)
    {
        _time = time;
        _leave = leave;
    }

    /// <summary>Waits for a hint, at most for the poll interval. True when a hint came.</summary>
    public async ValueTask<bool> WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(atMost, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await _raised.WaitAsync(either.Token);
            Volatile.Write(ref _pending, 0);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public void Dispose() => _leave(this);

    // At most one hint is kept: whoever comes late finds everything that changed by polling anyway.
    internal void Raise()
    {
        if (Interlocked.Exchange(ref _pending, 1) == 0)
        {
            _raised.Release();
        }
    }
}
