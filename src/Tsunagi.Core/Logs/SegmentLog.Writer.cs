using System.Diagnostics;
using Tsunagi.Core.Disk;

namespace Tsunagi.Core.Logs;

/// <summary>
/// The writers: two threads of the log that take turns. A batch of one is written while that of the other is synced, so the disk always has something to
/// do, and those who append again after they were told find a batch to get into while the other half waits for its fsync.
/// </summary>
public sealed partial class SegmentLog
{
    private const int Writers = 2;
    private const int MaxMisses = 8;
    private static readonly TimeSpan ReturnWait = TimeSpan.FromMicroseconds(100);

    private readonly TaskCompletionSource _writersStopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running = Writers;

    // Under _gate: whether a writer has its turn, how many wait for one, and how many records are on their way to the disk.
    private bool _turnTaken;
    private int _idleWriters;
    private int _inFlight;

    // Under _gate: how many appenders are about to come back, and how often waiting for them was in vain.
    private int _expected;
    private int _notWaiting;
    private int _misses;

    // Of the writer that has the turn. Open sets the segment before the writers start.
    private Segment _active = null!;
    private long _written; // offset in it, behind all that was written
    private long _batches;

    // The order in which batches become visible: one after the other, whichever was synced first.
    private readonly object _order = new();
    private long _published;

    private bool IsPoisoned => Volatile.Read(ref _poison) is not null;

    private void StartWriters()
    {
        for (var i = 0; i < Writers; i++)
        {
            var usesTwin = i > 0;
            var writer = new Thread(() => WriteBatches(usesTwin)) { IsBackground = true, Name = $"log writer {Path.GetFileName(_directory)}" };
            writer.Start();
        }
    }

    /// <summary>A writer: until the log is closed and nothing is gathered, or until something fails.</summary>
    private void WriteBatches(bool usesTwin)
    {
        GatherBuffer? batch = null;
        try
        {
            while ((batch = TakeBatch(out var roll)) is not null)
            {
                if (roll)
                {
                    RollIfUsed();
                }

                if (batch.Count > 0)
                {
                    WriteBatch(batch, usesTwin);
                }
                else
                {
                    EndTurn(batch);
                }
            }
        }
#pragma warning disable CA1031 // Whatever it was, nobody may wait for ever.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Poison(e, batch);
        }
        finally
        {
            if (Interlocked.Decrement(ref _running) == 0)
            {
                _writersStopped.SetResult();
            }
        }
    }

    /// <summary>(2) Waits for its turn and for records (or a wish to roll), takes them, and gives room to those who wait for it. Null at the end.</summary>
    private GatherBuffer? TakeBatch(out bool roll)
    {
        while (true)
        {
            lock (_gate)
            {
                while (_turnTaken || !(IsSomethingToDo || AreExpected))
                {
                    if (_poison is not null || (_closing && !_turnTaken))
                    {
                        // The other one ends as well.
                        Monitor.PulseAll(_gate);
                        roll = false;
                        return null;
                    }

                    _idleWriters++;
                    Monitor.Wait(_gate);
                    _idleWriters--;
                }

                _turnTaken = true;
            }

            var returned = _options.GatherFor > TimeSpan.Zero ? WaitForOthers() : WaitForReturningWriters();
            TaskCompletionSource? room;
            GatherBuffer batch;
            lock (_gate)
            {
                _misses = returned switch { null => _misses, true => 0, false => Math.Min(_misses + 1, MaxMisses) };
                _notWaiting = returned is false ? 1 << _misses : Math.Max(0, _notWaiting - 1);
                _expected = 0;
                if (!IsSomethingToDo)
                {
                    _turnTaken = false;
                    continue;
                }

                (batch, _gathering) = (_gathering, _resting.Pop());
                (roll, _rollWanted) = (_rollWanted, false);
                (room, _room) = (_room, null);
                _inFlight += batch.Count;
            }

            room?.SetResult();
            batch.WaitUntilFilled();
            return batch;
        }
    }

    private bool IsSomethingToDo => _gathering.Count > 0 || _rollWanted;

    private bool AreExpected => _options.GatherFor == TimeSpan.Zero && _expected >= 2 && _notWaiting <= 0;

    /// <summary>
    /// Appenders that were just told append again at once when they have more; a batch that did not wait for them would hold the first few only. So it
    /// waits a moment, far less than an fsync takes, for as many as were told a moment ago, or for half of all where the two batches are uneven. When they
    /// do not come (most sessions talk to a peer first), the next batches do not wait, twice as many each time. Null without a wait, false when they did not come.
    /// </summary>
    private bool? WaitForReturningWriters()
    {
        if (!AreExpected)
        {
            return null;
        }

        // The machine's own clock: this is about microseconds of its threads, not about time.
        var started = Stopwatch.GetTimestamp();
        var room = _options.MaxBatchBytes / 2;
        while (_gathering.Count < _expected && _gathering.Length < room)
        {
            if (Stopwatch.GetElapsedTime(started) > ReturnWait)
            {
                return false;
            }

            Thread.Yield();
        }

        return true;
    }

    /// <summary>Sleeps for the time in which others may come (<see cref="SegmentLogOptions.GatherFor"/>); the end of the log wakes it. Nothing is learned of whoever was told before.</summary>
    private bool? WaitForOthers()
    {
        lock (_gate)
        {
            if (!_closing && _poison is null)
            {
                Monitor.Wait(_gate, _options.GatherFor);
            }
        }

        return null;
    }

    private void WriteBatch(GatherBuffer batch, bool usesTwin)
    {
        // (3) of the data path.
        if (_written + batch.Length > _active.Header.FileLength)
        {
            Roll();
        }

        var segment = _active;
        var offset = _written;
        var (records, length, number) = (batch.Count, batch.Length, _batches++);
        var now = Time.UnixMicros.From(_time.GetUtcNow());
        if (offset == SegmentHeader.Size)
        {
            segment.FirstTimeMicros = now;
        }

        // (4)
        var bytes = batch.Seal(segment.Header, offset, segment.End, now);
        var started = _time.GetTimestamp();

        // (5)
        segment.File.Write(offset, bytes);
        _written = offset + length;
        EndTurn();

        // (6)
        ThrowIfPoisoned();
        (usesTwin ? segment.Twin! : segment.File).SyncData(SyncPoints.Batch);

        // (7)
        Publish(segment, offset + length, number);
        WakeReaders();

        // (8)
        batch.Complete(new LogPosition(segment.Base + offset), _rounds);
        lock (_gate)
        {
            _resting.Push(batch);
            var all = _inFlight + _gathering.Count;
            _inFlight -= records;
            _expected = Math.Min(records + _gathering.Count, (all + Writers - 1) / Writers);
        }

        _meters.Batch(records, length, _time.GetElapsedTime(started));
    }

    private void EndTurn(GatherBuffer? unused = null)
    {
        lock (_gate)
        {
            _turnTaken = false;
            if (unused is not null)
            {
                _resting.Push(unused);
            }

            if (IsSomethingToDo || _closing)
            {
                WakeWriter();
            }
        }
    }

    /// <summary>Moves the visible end on when it is this batch's turn. Of two files' syncs the later may come back first.</summary>
    private void Publish(Segment segment, long end, long number)
    {
        lock (_order)
        {
            while (_published != number)
            {
                ThrowIfPoisoned();
                Monitor.Wait(_order);
            }

            ThrowIfPoisoned();
            segment.End = end;
            _published = number + 1;
            Monitor.PulseAll(_order);
        }
    }

    private void WaitUntilAllIsPublished()
    {
        lock (_order)
        {
            while (_published != _batches)
            {
                ThrowIfPoisoned();
                Monitor.Wait(_order);
            }
        }
    }

    private void RollIfUsed()
    {
        if (_written > SegmentHeader.Size)
        {
            Roll();
        }
    }

    /// <summary>Goes on in the segment that the keeper has prepared. The old one is complete and synced.</summary>
    private void Roll()
    {
        WaitUntilAllIsPublished();
        var next = TakeSpare();
        lock (_gate)
        {
            Volatile.Write(ref _segments, [.. _segments, next]);
        }

        var full = _active;
        _active = next;
        _written = next.End;
        full.CloseTwin();
        Seal(full);
    }

    private void Poison(Exception cause, GatherBuffer? batch)
    {
        TaskCompletionSource? room;
        lock (_gate)
        {
            var isFirst = _poison is null;
            var poison = _poison ?? new LogPoisonedException($"the log {_directory} is poisoned: {cause.Message}", cause);
            Volatile.Write(ref _poison, poison);
            (room, _room) = (_room, null);

            // Appenders see the poison under the gate, so nothing is added to these any more.
            batch?.Fail(poison);
            _gathering.Fail(poison);
            Monitor.PulseAll(_gate);
            if (isFirst)
            {
                Poisoned(_log, cause, _directory);
            }
        }

        // The other writer must not wait for a batch that never becomes visible.
        lock (_order)
        {
            Monitor.PulseAll(_order);
        }

        room?.SetResult();
        WakeReaders();
    }

    private void ThrowIfPoisoned()
    {
        if (IsPoisoned)
        {
            throw Refusal();
        }
    }

    /// <summary>Under the gate.</summary>
    private void WakeWriter()
    {
        if (_idleWriters > 0 && !_turnTaken)
        {
            Monitor.Pulse(_gate);
        }
    }

    private void WakeReaders() => Interlocked.Exchange(ref _more, null)?.SetResult();
}
