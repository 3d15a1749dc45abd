using Microsoft.Extensions.Logging;

namespace Tsunagi.Core.Store.Sqlite;

public sealed partial class SqliteStore
{
    private static readonly TimeSpan SlowWrite = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// The one writer. (1) Take the first waiting write and open a transaction. (2) Run it, and those that wait behind it, each in a savepoint.
    /// (3) Commit once. (4) Tell every caller. When the transaction as a whole is lost, its writes run again, each alone.
    /// </summary>
    private async Task WriteLoopAsync()
    {
        var batch = new List<SqliteWrite>(_options.WritesPerCommit);
        while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (_queue.Reader.TryRead(out var write))
            {
                if (!write.TryStart())
                {
                    continue;
                }

                if (write.Alone)
                {
                    await RunAloneAsync(write);
                    continue;
                }

                batch.Clear();
                await RunBatchAsync(write, batch);
            }
        }
    }

    private async ValueTask RunBatchAsync(SqliteWrite first, List<SqliteWrite> batch)
    {
        // :: Step 1: the transaction.
        try
        {
            _writer.Run("BEGIN IMMEDIATE");
        }
        catch (Exception fault)
        {
            first.Fail(fault);
            return;
        }

        // :: Step 2: the writes.
        var started = _time.GetTimestamp();
        var whole = await RunInSavepointAsync(first, batch);
        while (whole && batch.Count < _options.WritesPerCommit && _time.GetElapsedTime(started) < _options.CommitWindow
            && _queue.Reader.TryPeek(out var next) && !next.Alone && _queue.Reader.TryRead(out next))
        {
            whole = !next.TryStart() || await RunInSavepointAsync(next, batch);
        }

        // :: Step 3: the commit.
        if (whole)
        {
            try
            {
                _writer.Run("COMMIT");
            }
            catch (Exception fault)
            {
                LogCommitFailed(_options.Name, batch.Count, fault);
                whole = false;
            }
        }

        if (!whole)
        {
            await RepeatAloneAsync(batch);
            return;
        }

        // :: Step 4: the callers.
        StoreMeters.Committed(_options.Name, batch.Count, _time.GetElapsedTime(started));
        if (_time.GetElapsedTime(started) > SlowWrite)
        {
            LogSlow(_options.Name, batch.Count, _time.GetElapsedTime(started).TotalMilliseconds);
        }

        foreach (var write in batch)
        {
            Finish(write);
        }
    }

    /// <summary>Runs one write in a savepoint and adds it to the batch. False when the transaction around it is gone.</summary>
    private async ValueTask<bool> RunInSavepointAsync(SqliteWrite write, List<SqliteWrite> batch)
    {
        try
        {
            _writer.Run("SAVEPOINT one_write");
            await RunGuardedAsync(write);
            _writer.Run("RELEASE one_write");
            write.Committed = _writer.TakeCommitted();
            batch.Add(write);
            return true;
        }
        catch (Exception fault)
        {
            _writer.TakeCommitted();
            write.Fail(fault);
            return TryRollBackToSavepoint();
        }
    }

    private bool TryRollBackToSavepoint()
    {
        try
        {
            if (!_writer.InTransaction)
            {
                return false;
            }

            _writer.Run("ROLLBACK TO one_write");
            _writer.Run("RELEASE one_write");
            return true;
        }
        catch (Exception fault) when (fault is StoreUnavailableException or System.Data.Common.DbException)
        {
            TryRollBack();
            return false;
        }
    }

    // The mark is seen by what the write awaits and is gone when it returns, so acts after the commit may write again.
    private async ValueTask RunGuardedAsync(SqliteWrite write)
    {
        Writing.Value = this;
        _writer.ForgetFault();
        await write.RunAsync(_writer);
        _writer.ThrowIfFaulted();
    }

    private async ValueTask RepeatAloneAsync(List<SqliteWrite> batch)
    {
        foreach (var write in batch)
        {
            await RunAloneAsync(write);
        }
    }

    private async ValueTask RunAloneAsync(SqliteWrite write)
    {
        try
        {
            _writer.RollBackIfOpen();
            if (!write.Alone)
            {
                _writer.Run("BEGIN IMMEDIATE");
            }

            await RunGuardedAsync(write);
            if (_writer.InTransaction)
            {
                _writer.Run("COMMIT");
            }

            write.Committed = _writer.TakeCommitted();
            Finish(write);
        }
        catch (Exception fault)
        {
            _writer.TakeCommitted();
            TryRollBack();
            write.Fail(fault);
        }
    }

    private void TryRollBack()
    {
        try
        {
            _writer.RollBackIfOpen();
        }
        catch (Exception fault) when (fault is StoreUnavailableException or System.Data.Common.DbException)
        {
            LogCommitFailed(_options.Name, 1, fault);
        }
    }

    private void Finish(SqliteWrite write)
    {
        foreach (var act in write.Committed)
        {
            try
            {
                act();
            }
            catch (Exception fault)
            {
                LogActFailed(_options.Name, fault);
            }
        }

        write.Complete();
    }

    [LoggerMessage(110, LogLevel.Warning, "store {Store}: a commit of {Writes} writes failed, each runs again alone")]
    private partial void LogCommitFailed(string store, int writes, Exception fault);

    [LoggerMessage(111, LogLevel.Warning, "store {Store}: {Writes} writes took {Milliseconds} ms, the writer should be free within 50 ms")]
    private partial void LogSlow(string store, int writes, double milliseconds);

    [LoggerMessage(112, LogLevel.Error, "store {Store}: what was to run after a commit failed")]
    private partial void LogActFailed(string store, Exception fault);
}
