using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Tsunagi.Core.Store.Sqlite;

/// <summary>
/// A store in one SQLite file in WAL mode: one writer connection, a few reading ones that see a snapshot. Writes wait in a bounded queue and share
/// commits: each runs in a savepoint of its own, so one that fails takes only itself back, and all of a commit are told after its one fsync.
/// </summary>
public sealed partial class SqliteStore : IStore
{
    private static readonly AsyncLocal<SqliteStore?> Writing = new();

    private readonly SqliteStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LocalHints _hints;
    private readonly SqliteSession _writer;
    private readonly Channel<SqliteSession> _readers;
    private readonly Channel<SqliteWrite> _queue;
    private readonly Task _writing;

    private SqliteStore(SqliteStoreOptions options, TimeProvider time, ILogger logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _hints = new LocalHints(time);
        _writer = SqliteSession.Open(options, writes: true);
        _writer.Run("CREATE TABLE IF NOT EXISTS store_barrier (id INTEGER PRIMARY KEY CHECK (id = 1), number INTEGER NOT NULL)");
        _readers = Channel.CreateBounded<SqliteSession>(options.Readers);
        for (var i = 0; i < options.Readers; i++)
        {
            _readers.Writer.TryWrite(SqliteSession.Open(options, writes: false));
        }

        _queue = Channel.CreateBounded<SqliteWrite>(new BoundedChannelOptions(options.QueuedWrites) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
        _writing = Task.Run(WriteLoopAsync);
    }

    public SqlDialect Dialect => SqlDialect.Sqlite;

    public IStoreHints Hints => _hints;

    public static SqliteStore Open(SqliteStoreOptions options, TimeProvider time, ILogger<SqliteStore> logger) => new(options, time, logger);

    public async ValueTask<T> ReadAsync<T>(Func<ISqlReader, ValueTask<T>> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_readers.Reader.TryRead(out var session))
        {
            session = await WaitForReaderAsync(cancellationToken);
        }

        try
        {
            session.Run("BEGIN");
            return await read(session);
        }
        finally
        {
            GiveBack(session);
        }
    }

    public async ValueTask<T> WriteAsync<T>(Func<ISqlTransaction, ValueTask<T>> write, CancellationToken cancellationToken)
    {
        if (ReferenceEquals(Writing.Value, this))
        {
            throw new InvalidOperationException($"a write of store {_options.Name} was begun inside a write of the same store");
        }

        cancellationToken.ThrowIfCancellationRequested();
        var waiting = new SqliteWrite<T>(write);
        await EnqueueAsync(waiting, cancellationToken);
        return await OutcomeAsync(waiting, waiting.Done, cancellationToken);
    }

    public async ValueTask MakeDurableAsync(CancellationToken cancellationToken)
    {
        if (_options.Full)
        {
            return;
        }

        var barrier = new SqliteBarrier();
        await EnqueueAsync(barrier, cancellationToken);
        await OutcomeAsync(barrier, barrier.Done, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_queue.Writer.TryComplete())
        {
            return;
        }

        await _writing;
        _readers.Writer.TryComplete();
        while (_readers.Reader.TryRead(out var session))
        {
            session.Dispose();
        }

        _writer.Dispose();
    }

    private async ValueTask<SqliteSession> WaitForReaderAsync(CancellationToken cancellationToken)
    {
        // The wait itself ends at the deadline: one left behind would swallow the next free reader.
        using var deadline = new CancellationTokenSource(_options.Deadline, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await _readers.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StoreUnavailableException($"store {_options.Name}: waited {_options.Deadline.TotalSeconds:0.#} s for a free reader", late);
        }
        catch (ChannelClosedException closed)
        {
            throw new StoreUnavailableException($"store {_options.Name} is closed", closed);
        }
    }

    private void GiveBack(SqliteSession session)
    {
        try
        {
            session.RollBackIfOpen();
        }
        finally
        {
            if (!_readers.Writer.TryWrite(session))
            {
                session.Dispose();
            }
        }
    }

    private async ValueTask EnqueueAsync(SqliteWrite write, CancellationToken cancellationToken)
    {
        if (_queue.Writer.TryWrite(write))
        {
            return;
        }

        using var deadline = new CancellationTokenSource(_options.Deadline, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await _queue.Writer.WriteAsync(write, either.Token);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StoreUnavailableException($"store {_options.Name}: waited {_options.Deadline.TotalSeconds:0.#} s for a place in the queue of writes", late);
        }
        catch (ChannelClosedException closed)
        {
            throw new StoreUnavailableException($"store {_options.Name} is closed", closed);
        }
    }

    /// <summary>
    /// Waits for the outcome. A caller whose patience ends while the write still waits takes it back; once the writer has it, the caller waits
    /// on (for as long again), because "failed" must not be said of what is then committed.
    /// </summary>
    private async ValueTask<T> OutcomeAsync<T>(SqliteWrite write, Task<T> done, CancellationToken cancellationToken)
    {
        try
        {
            return await done.WaitAsync(_options.Deadline, _time, cancellationToken);
        }
        catch (Exception reason) when (reason is TimeoutException or OperationCanceledException)
        {
            // It ended in the moment the patience did: then its outcome counts.
            if (!done.IsCompleted && write.TryGiveUp())
            {
                throw reason is OperationCanceledException
                    ? new OperationCanceledException(cancellationToken)
                    : new StoreUnavailableException($"store {_options.Name}: a write waited {_options.Deadline.TotalSeconds:0.#} s for the writer");
            }
        }

        try
        {
            return await done.WaitAsync(_options.Deadline, _time, CancellationToken.None);
        }
        catch (TimeoutException timeout)
        {
            if (done.IsCompleted)
            {
                return await done;
            }

            throw new StoreUnavailableException($"store {_options.Name}: a write did not end within its deadline; whether it was kept is not known", timeout);
        }
    }
}
