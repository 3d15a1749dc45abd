namespace Tsunagi.Core.Net;

/// <summary>
/// The deadlines of one connection: one armed wait at a time (idle), and a lowest rate for long transfers (slow peers). One token serves the
/// whole session, so waiting costs no allocation; it is also cancelled when the connection closes. Used by one session's loop, not thread-safe.
/// </summary>
public sealed class PeerClock : IDisposable
{
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _deadline;
    private readonly CancellationTokenRegistration _closed;
    private long _transferStarted;
    private long _transferBytes;

    public PeerClock(TimeProvider time, CancellationToken connectionClosed)
    {
        _time = time;
        _deadline = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _closed = connectionClosed.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _deadline);
    }

    /// <summary>Pass it to every read and write of the session.</summary>
    public CancellationToken Token => _deadline.Token;

    /// <summary>True once an armed wait ran out (or the connection closed).</summary>
    public bool Expired => _deadline.IsCancellationRequested;

    /// <summary>Starts the deadline of the next wait; a later call moves it.</summary>
    public void Arm(TimeSpan wait) => _deadline.CancelAfter(wait);

    /// <summary>Ends the running wait: nothing is awaited from the peer.</summary>
    public void Disarm() => _deadline.CancelAfter(Timeout.InfiniteTimeSpan);

    /// <summary>A long transfer begins; <see cref="IsTooSlow"/> counts from here.</summary>
    public void BeginTransfer()
    {
        _transferStarted = _time.GetTimestamp();
        _transferBytes = 0;
    }

    /// <summary>
    /// Adds what came since the last call. True when, after <paramref name="grace"/>, the mean rate since the begin is below
    /// <paramref name="bytesPerSecond"/>: a peer that sends one byte a minute renews every idle deadline, but not this one.
    /// </summary>
    public bool IsTooSlow(long bytes, int bytesPerSecond, TimeSpan grace)
    {
        _transferBytes += bytes;
        var elapsed = _time.GetElapsedTime(_transferStarted);
        return elapsed > grace && _transferBytes < elapsed.TotalSeconds * bytesPerSecond;
    }

    public void Dispose()
    {
        _closed.Dispose();
        _deadline.Dispose();
    }
}
