using System.Diagnostics;
using Tsunagi.Core.Disk;

namespace Tsunagi.Core.Logs;

public sealed partial class SegmentLog
{
    private const int MaxMisses = 8;
    private static readonly TimeSpan ReturnWait = TimeSpan.FromMicroseconds(100);

    private readonly TaskCompletionSource _writerStopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Segment _active = null!; // set by Open before the writer starts; only the writer touches it

    // Of the writer alone: how many writers there seem to be, and how often waiting for them was in vain.
    private int _expected;
    private int _notWaiting;
    private int _misses;

    private void StartWriter()
    {
        var writer = new Thread(WriteBatches) { IsBackground = true, Name = $"log writer {Path.GetFileName(_directory)}" };
        writer.Start();
    }

    /// <summary>The writer: until the log is closed and nothing is gathered, or until something fails.</summary>
    private void WriteBatches()
    {
        GatherBuffer? batch = null;
        try
        {
            while (true)
            {
                batch = TakeBatch(out var roll);
                if (batch is null)
                {
                    return;
                }

                if (roll && _active.HasRecords)
                {
                    Roll();
                }

                if (batch.Count > 0)
                {
                    WriteBatch(batch);
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
            _writerStopped.SetResult();
        }
    }

    /// <summary>(2) Waits for records (or a wish to roll), takes them, and gives room to those who wait for it. Null at the end.</summary>
    private GatherBuffer? TakeBatch(out bool roll)
    {
        WaitForReturningWriters();
        TaskCompletionSource? room;
        GatherBuffer batch;
        lock (_gate)
        {
            while (_gathering.Count == 0 && !_rollWanted)
            {
                if (_closing)
                {
                    roll = false;
                    return null;
                }

                _writerWaits = true;
                Monitor.Wait(_gate);
                _writerWaits = false;
            }

            (batch, _gathering, _resting) = (_gathering, _resting, _gathering);
            (roll, _rollWanted) = (_rollWanted, false);
            (room, _room) = (_room, null);
        }

        room?.SetResult();
        return batch;
    }

    /// <summary>
    /// Writers that were just told append again at once when they have more; without this the log would swing between two halves of them, each waiting
    /// for the fsync of the other. So a batch waits a moment, far less than an fsync takes, for as many as were there a moment ago. When they do not
    /// come (most sessions talk to a peer first), the next batches do not wait, twice as many each time.
    /// </summary>
    private void WaitForReturningWriters()
    {
        if (_expected < 2 || _notWaiting-- > 0)
        {
            return;
        }

        // The machine's own clock: this is about microseconds of its threads, not about time.
        var started = Stopwatch.GetTimestamp();
        var room = _options.MaxBatchBytes / 2;
        while (_gathering.Count < _expected && _gathering.Length < room)
        {
            if (Stopwatch.GetElapsedTime(started) > ReturnWait)
            {
                _misses = Math.Min(_misses + 1, MaxMisses);
                _notWaiting = 1 << _misses;
                return;
            }

            Thread.Yield();
        }

        _misses = 0;
        _notWaiting = 0;
    }

    private void WriteBatch(GatherBuffer batch)
    {
        // (3) of the data path.
        if (_active.End + batch.Length > _active.Header.FileLength)
        {
            Roll();
        }

        var segment = _active;
        var offset = segment.End;
        var now = _time.GetUtcNow();
        var nowMicros = Time.UnixMicros.From(now);

        // (4)
        var bytes = batch.Seal(segment.Header, offset, nowMicros);
        var started = _time.GetTimestamp();

        // (5)
        segment.File.Write(offset, bytes);

        // (6)
        segment.File.SyncData(SyncPoints.Batch);

        // (7)
        if (!segment.HasRecords)
        {
            segment.FirstTimeMicros = nowMicros;
        }

        segment.End = offset + batch.Length;
        WakeReaders();

        // (8)
        var (records, length) = (batch.Count, batch.Length);
        _expected = records + _gathering.Count;
        batch.Complete(new LogPosition(segment.Base + offset), _rounds);
        _meters.Batch(records, length, _time.GetElapsedTime(started));
    }

    /// <summary>Goes on in the segment that the keeper has prepared. The old one is complete and synced.</summary>
    private void Roll()
    {
        var next = TakeSpare();
        lock (_gate)
        {
            Volatile.Write(ref _segments, [.. _segments, next]);
        }

        var full = _active;
        _active = next;
        Seal(full);
    }

    private void Poison(Exception cause, GatherBuffer? batch)
    {
        var poison = new LogPoisonedException($"the log {_directory} is poisoned: {cause.Message}", cause);
        TaskCompletionSource? room;
        lock (_gate)
        {
            Volatile.Write(ref _poison, poison);
            (room, _room) = (_room, null);

            // Appenders see the poison under the gate, so nothing is added to these any more.
            batch?.Fail(poison);
            _gathering.Fail(poison);
        }

        Poisoned(_log, cause, _directory);
        room?.SetResult();
        WakeReaders();
    }

    private void WakeWriter()
    {
        if (_writerWaits)
        {
            Monitor.Pulse(_gate);
        }
    }

    private void WakeReaders() => Interlocked.Exchange(ref _more, null)?.SetResult();
}
