using System.Threading.Tasks.Sources;

namespace Tsunagi.Core.Logs;

/// <summary>
/// The wait of one appender, used again and again: an append allocates nothing. It goes back to the log's pool when its result is taken, so
/// the task of an append may be awaited once.
/// </summary>
internal sealed class AppendOperation(AppendOperationPool pool) : IValueTaskSource<LogPosition>
{
    private ManualResetValueTaskSourceCore<LogPosition> _core;

    public AppendOperationPool Pool => pool;

    /// <summary>Offset of the record in its gather buffer.</summary>
    public int Offset { get; set; }

    public ValueTask<LogPosition> Task => new(this, _core.Version);

    /// <summary>The appender goes on at once, on the caller's thread: one of the pool.</summary>
    public void Complete(LogPosition position)
    {
        _core.RunContinuationsAsynchronously = false;
        _core.SetResult(position);
    }

    /// <summary>The appender goes on later, on a thread of the pool: the caller holds the log's gate.</summary>
    public void Fail(Exception why)
    {
        _core.RunContinuationsAsynchronously = true;
        _core.SetException(why);
    }

    public LogPosition GetResult(short token)
    {
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
            pool.Return(this);
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}

/// <summary>
/// Keeps up to <see cref="Kept"/> operations for use again, and one for each thread: an appender that was told and appends again at once, as writers of
/// a busy log do, takes back its own without a lock.
/// </summary>
internal sealed class AppendOperationPool
{
    private const int Kept = 8192;

    [ThreadStatic]
    private static AppendOperation? s_last;

    private readonly Lock _gate = new();
    private readonly AppendOperation[] _free = new AppendOperation[Kept];
    private int _count;

    public AppendOperation Rent()
    {
        if (s_last is { } last && last.Pool == this)
        {
            s_last = null;
            return last;
        }

        lock (_gate)
        {
            if (_count > 0)
            {
                return _free[--_count];
            }
        }

        return new AppendOperation(this);
    }

    public void Return(AppendOperation operation)
    {
        if (s_last is null)
        {
            s_last = operation;
            return;
        }

        lock (_gate)
        {
            if (_count < Kept)
            {
                _free[_count++] = operation;
            }
        }
    }
}
