namespace Tsunagi.Core.Logs;

/// <summary>
/// Tells the appenders of one batch, in the order of the log, on threads of the pool. As many work items as there are cores share the batch, each taking
/// the next appender when it is done with one: a work item for each appender would cost more than the append itself, and the writer's own thread runs
/// nobody's code.
/// </summary>
internal sealed class CompletionRound(CompletionRoundPool pool) : IThreadPoolWorkItem
{
    private const int ShareAtLeast = 8;

    private AppendOperation[] _waiting = new AppendOperation[256];
    private LogPosition _batch;
    private int _count;
    private int _next;
    private int _running;

    /// <summary>Takes the first <paramref name="count"/> of the appenders, gives an array to gather the next ones in, and lets the pool tell them.</summary>
    public AppendOperation[] Start(AppendOperation[] waiting, int count, LogPosition batch)
    {
        var empty = _waiting;
        (_waiting, _count, _batch) = (waiting, count, batch);
        _next = 0;
        var items = Math.Clamp(count / ShareAtLeast, 1, Environment.ProcessorCount);
        Volatile.Write(ref _running, items);
        for (var i = 0; i < items; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        return empty;
    }

    void IThreadPoolWorkItem.Execute()
    {
        for (var i = Interlocked.Increment(ref _next) - 1; i < _count; i = Interlocked.Increment(ref _next) - 1)
        {
            _waiting[i].Complete(new LogPosition(_batch.Value + _waiting[i].Offset));
        }

        if (Interlocked.Decrement(ref _running) == 0)
        {
            pool.Return(this);
        }
    }
}

/// <summary>Keeps the few rounds that run at a time for use again.</summary>
internal sealed class CompletionRoundPool
{
    private const int Kept = 8;

    private readonly Lock _gate = new();
    private readonly Stack<CompletionRound> _free = new(Kept);

    public CompletionRound Rent()
    {
        lock (_gate)
        {
            return _free.TryPop(out var round) ? round : new CompletionRound(this);
        }
    }

    public void Return(CompletionRound round)
    {
        lock (_gate)
        {
            if (_free.Count < Kept)
            {
                _free.Push(round);
            }
        }
    }
}
