namespace Tsunagi.Core.Store.Sqlite;

/// <summary>One write that waits for the writer, with its caller.</summary>
internal abstract class SqliteWrite
{
    private const int Waiting = 0;
    private const int Running = 1;
    private const int GivenUp = 2;

    private int _state;

    public Action[] Committed { get; set; } = [];

    /// <summary>True for work that cannot share a commit: it opens its own transaction.</summary>
    public virtual bool Alone => false;

    /// <summary>The writer takes it; false when its caller has gone.</summary>
    public bool TryStart() => Interlocked.CompareExchange(ref _state, Running, Waiting) == Waiting;

    /// <summary>The caller goes; false when the writer already has it and its outcome must be awaited.</summary>
    public bool TryGiveUp() => Interlocked.CompareExchange(ref _state, GivenUp, Waiting) == Waiting;

    public abstract ValueTask RunAsync(SqliteSession session);

    public abstract void Complete();

    public abstract void Fail(Exception fault);
}

/// <summary>A caller's write with its result.</summary>
internal sealed class SqliteWrite<T>(Func<ISqlTransaction, ValueTask<T>> write) : SqliteWrite
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;

    public Task<T> Done => _done.Task;

    public override async ValueTask RunAsync(SqliteSession session) => _result = await write(session);

    public override void Complete() => _done.TrySetResult(_result);

    public override void Fail(Exception fault) => _done.TrySetException(fault);
}

/// <summary>
/// Makes all earlier commits durable: one commit with synchronous=FULL, which fsyncs the whole write-ahead log and so every frame before it.
/// A checkpoint would do it too, but waits for readers.
/// </summary>
internal sealed class SqliteBarrier : SqliteWrite
{
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<bool> Done => _done.Task;

    public override bool Alone => true;

    public override ValueTask RunAsync(SqliteSession session)
    {
        session.Run("PRAGMA synchronous = FULL");
        try
        {
            session.Run("INSERT INTO store_barrier (id, number) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET number = number + 1");
        }
        finally
        {
            session.Run("PRAGMA synchronous = NORMAL");
        }

        return ValueTask.CompletedTask;
    }

    public override void Complete() => _done.TrySetResult(true);

    public override void Fail(Exception fault) => _done.TrySetException(fault);
}
