using Tsunagi.Core.Store;

namespace Tsunagi.Core.Lease;

/// <summary>A lease held by a row. It renews itself; what decides is the monotonic time since a renewal that succeeded was <em>asked</em> for.</summary>
internal sealed class StoreLease : ILease
{
    private readonly IStore _store;
    private readonly LeaseOptions _options;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly ITimer _deadline;
    private readonly Task _renewing;
    private long _askedAt;

    public StoreLease(IStore store, string name, long epoch, LeaseOptions options, TimeProvider time, long askedAt)
    {
        _store = store;
        Name = name;
        Epoch = epoch;
        _options = options;
        _time = time;
        _askedAt = askedAt;
        _deadline = time.CreateTimer(_ => Check(), null, SafeFor, Timeout.InfiniteTimeSpan);
        _renewing = RenewAsync(_closing.Token);
    }

    public string Name { get; }

    public long Epoch { get; }

    public bool IsSafe => !_lost.IsCancellationRequested && Age < SafeFor;

    public CancellationToken Lost => _lost.Token;

    private TimeSpan SafeFor => _options.TimeToLive / 2;

    private TimeSpan Age => _time.GetElapsedTime(Volatile.Read(ref _askedAt));

    public ValueTask GuardAsync(ISqlTransaction transaction) =>
        IsSafe ? LeaseFence.GuardAsync(transaction, Name, Epoch) : throw new StaleLeaseException(Name, Epoch, null);

    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested)
        {
            return;
        }

        await _closing.CancelAsync();
        await _renewing;
        await _deadline.DisposeAsync();
        await _lost.CancelAsync();
        using var deadline = new CancellationTokenSource(_options.Beat, _time);
        try
        {
            await _store.WriteAsync(
                transaction => transaction.ExecuteAsync("UPDATE lease SET holder = NULL WHERE name = @Name AND epoch = @Epoch", new { Name, Epoch }),
                deadline.Token);
        }
        catch (Exception away) when (away is StoreUnavailableException or OperationCanceledException)
        {
            // It runs out by itself.
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        while (!_lost.IsCancellationRequested)
        {
            await Task.Delay(_options.Beat, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            var asked = _time.GetTimestamp();
            try
            {
                var renewed = await _store.WriteAsync(
                    transaction => transaction.ExecuteAsync("UPDATE lease SET beat = beat + 1 WHERE name = @Name AND epoch = @Epoch AND holder IS NOT NULL", new { Name, Epoch }),
                    cancellationToken);
                if (renewed == 0)
                {
                    await _lost.CancelAsync();
                    return;
                }

                Volatile.Write(ref _askedAt, asked);
            }
            catch (Exception away) when (away is StoreUnavailableException or OperationCanceledException)
            {
                // The clock decides, not the number of failures.
            }
        }
    }

    // Renewals move the deadline; the timer looks again when the newest of them would run out.
    private void Check()
    {
        var left = SafeFor - Age;
        if (left <= TimeSpan.Zero)
        {
            _lost.Cancel();
        }
        else
        {
            _deadline.Change(left, Timeout.InfiniteTimeSpan);
        }
    }
}
