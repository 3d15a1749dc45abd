using System.Runtime.ExceptionServices;
using Tsunagi.Core.Disk;

namespace Tsunagi.Core.Logs;

/// <summary>
/// The keeper, the log's second thread, keeps slow work off the writer: it prepares the next segment ahead of use, gives back what sealed segments
/// have not used, lets released ones go, and watches the free space. A busy log uses its released segments again: filling new ones with zeroes would
/// write everything twice to the same disk.
/// </summary>
public sealed partial class SegmentLog
{
    private const string UnfinishedSuffix = ".new";
    private const string SpentSuffix = ".spent";
    private static readonly TimeSpan RollsCounted = TimeSpan.FromMinutes(1);
    private static readonly byte[] Zeroes = new byte[256 << 10];

    private readonly object _keeperGate = new();
    private readonly Queue<Segment> _sealed = [];
    private readonly Queue<long> _rolls = [];
    private readonly Queue<string> _spent = []; // files of released segments, of the keeper alone
    private readonly TaskCompletionSource _keeperStopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Segment? _spare;
    private long _spareBase;
    private bool _spareWanted;
    private Exception? _spareFailure;
    private LogPosition _releaseBefore;
    private bool _releaseWanted;
    private bool _lookAtDisk;
    private bool _keeperClosing;
    private ITimer? _housekeeping;
    private volatile bool _hasSpace = true;

    /// <summary>Whole segments that end at or before this position may go. The segment being written stays.</summary>
    public void ReleaseBefore(LogPosition position)
    {
        lock (_keeperGate)
        {
            if (position > _releaseBefore)
            {
                _releaseBefore = position;
                _releaseWanted = true;
                Monitor.PulseAll(_keeperGate);
            }
        }
    }

    private void StartKeeper(long spareBase)
    {
        _spareBase = spareBase;
        _spareWanted = _spare is null;
        var keeper = new Thread(Keep) { IsBackground = true, Name = $"log keeper {Path.GetFileName(_directory)}" };
        keeper.Start();
        _housekeeping = _time.CreateTimer(static log => ((SegmentLog)log!).LookAround(), this, _options.HousekeepingEvery, _options.HousekeepingEvery);
    }

    private void StopKeeper()
    {
        _housekeeping?.Dispose();
        lock (_keeperGate)
        {
            _keeperClosing = true;
            Monitor.PulseAll(_keeperGate);
        }
    }

    private void LookAround()
    {
        lock (_keeperGate)
        {
            _lookAtDisk = true;
            _spareWanted |= _spareFailure is not null;
            _releaseWanted = true;
            Monitor.PulseAll(_keeperGate);
        }

        var active = Volatile.Read(ref _segments)[^1];
        if (active.HasRecords && Time.UnixMicros.From(_time.GetUtcNow()) - active.FirstTimeMicros >= _options.SegmentAge.TotalMicroseconds)
        {
            lock (_gate)
            {
                _rollWanted = _poison is null && !_closing;
                WakeWriter();
            }
        }
    }

    private void Keep()
    {
        while (true)
        {
            bool prepare, release, look;
            lock (_keeperGate)
            {
                while (!_spareWanted && !_releaseWanted && !_lookAtDisk && _sealed.Count == 0)
                {
                    if (_keeperClosing)
                    {
                        _keeperStopped.SetResult();
                        return;
                    }

                    Monitor.Wait(_keeperGate);
                }

                (prepare, release, look) = (_spareWanted && !_keeperClosing, _releaseWanted, _lookAtDisk);
                (_spareWanted, _releaseWanted, _lookAtDisk) = (false, false, false);
            }

            if (prepare)
            {
                PrepareSpare();
            }

            CutSealed();
            if (release)
            {
                Release();
            }

            if (look)
            {
                LookAtSpace();
                DropSurplus();
            }
        }
    }

    private void PrepareSpare()
    {
        Segment? spare = null;
        Exception? failure = null;
        try
        {
            spare = NewSegment(_spareBase);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            PreparingFailed(_log, e, _directory);
            failure = e;
            _hasSpace &= e is not DiskFullException;
        }

        lock (_keeperGate)
        {
            _spare = spare;
            _spareFailure = failure;
            Monitor.PulseAll(_keeperGate);
        }
    }

    /// <summary>Called by the writer: the prepared segment, waiting for it when the keeper is still at it. Throws when it cannot be made.</summary>
    private Segment TakeSpare()
    {
        lock (_keeperGate)
        {
            // One more try when the last one failed: the disk may have room again.
            if (_spare is null && _spareFailure is not null)
            {
                _spareFailure = null;
                _spareWanted = true;
                Monitor.PulseAll(_keeperGate);
            }

            while (_spare is null)
            {
                if (_spareFailure is not null)
                {
                    ExceptionDispatchInfo.Throw(_spareFailure);
                }

                Monitor.Wait(_keeperGate);
            }

            _rolls.Enqueue(_time.GetTimestamp());
            var taken = _spare;
            _spare = null;
            _spareBase = taken.NextBase;
            _spareWanted = true;
            Monitor.PulseAll(_keeperGate);
            return taken;
        }
    }

    /// <summary>
    /// Makes a segment under a name that recovery throws away, and gives it its own name when all of it is on the disk. Its bytes are there before
    /// use, so that later fsyncs have no metadata to write: zeroes, or the records of a released segment, which are none under the new salt.
    /// </summary>
    private Segment NewSegment(long @base)
    {
        var header = SegmentHeader.New(@base, _options.SegmentBytes);
        var path = Path.Combine(_directory, Segment.NameOf(@base));
        var file = _spent.TryDequeue(out var unfinished) ? _disk.Open(unfinished, forWriting: true) : CreateFilled(unfinished = path + UnfinishedSuffix);
        try
        {
            var first = new byte[SegmentHeader.Size + RecordHeader.Size];
            header.WriteTo(first);
            file.Write(0, first);
            file.Sync(SyncPoints.NewSegment);
            _disk.Rename(unfinished, path);
            SyncNames();
            var segment = new Segment(header, path, file);
            OpenTwin(segment);
            return segment;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private void OpenTwin(Segment segment) => segment.Twin ??= _disk.Open(segment.Path, forWriting: true);

    private IDiskFile CreateFilled(string path)
    {
        _disk.Delete(path);
        var file = _disk.Create(path);
        try
        {
            file.Allocate(_options.SegmentBytes);
            for (long at = 0; at < _options.SegmentBytes; at += Zeroes.Length)
            {
                file.Write(at, Zeroes.AsSpan(0, (int)Math.Min(Zeroes.Length, _options.SegmentBytes - at)));
            }

            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private void SyncNames() => _disk.SyncDirectory(_directory, SyncPoints.NewSegmentName);

    private void Seal(Segment full)
    {
        lock (_keeperGate)
        {
            _sealed.Enqueue(full);
            Monitor.PulseAll(_keeperGate);
        }
    }

    /// <summary>Gives the unused end of sealed segments back, when it is worth it. Not synced: the mark behind the last record says the same.</summary>
    private void CutSealed()
    {
        while (true)
        {
            Segment? full;
            lock (_keeperGate)
            {
                if (!_sealed.TryDequeue(out full))
                {
                    return;
                }
            }

            if (full.Header.FileLength - full.End < full.Header.FileLength / 4)
            {
                continue;
            }

            try
            {
                full.File.Truncate(full.End);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                ReleasingFailed(_log, e, _directory);
            }
        }
    }

    /// <summary>
    /// Oldest first, each name gone for good before the next, so that a power loss never leaves an old segment without its younger ones, and none is
    /// written again under its old name.
    /// </summary>
    private void Release()
    {
        try
        {
            while (true)
            {
                Segment oldest;
                lock (_gate)
                {
                    if (_segments.Length < 2 || _segments[1].Base > _releaseBefore.Value)
                    {
                        return;
                    }

                    oldest = _segments[0];
                }

                var isUsedAgain = _spent.Count < SpentWanted() && oldest.File.Length == _options.SegmentBytes;
                var spent = oldest.Path + SpentSuffix;
                if (isUsedAgain)
                {
                    _disk.Rename(oldest.Path, spent);
                }
                else
                {
                    _disk.Delete(oldest.Path);
                }

                _disk.SyncDirectory(_directory, SyncPoints.ReleasedSegment);
                lock (_gate)
                {
                    Volatile.Write(ref _segments, _segments[1..]);
                }

                oldest.Dispose();
                if (isUsedAgain)
                {
                    _spent.Enqueue(spent);
                }
            }
        }
        catch (IOException e)
        {
            ReleasingFailed(_log, e, _directory);
        }
    }

    /// <summary>As many released segments are worth keeping as the last minute has used, and none while the disk is short of room.</summary>
    private int SpentWanted()
    {
        lock (_keeperGate)
        {
            while (_rolls.TryPeek(out var roll) && (_time.GetElapsedTime(roll) > RollsCounted || _rolls.Count > _options.MaxSpentSegments))
            {
                _rolls.Dequeue();
            }

            return _hasSpace ? _rolls.Count : 0;
        }
    }

    private void DropSurplus()
    {
        try
        {
            for (var wanted = SpentWanted(); _spent.Count > wanted;)
            {
                _disk.Delete(_spent.Dequeue());
            }
        }
        catch (IOException e)
        {
            ReleasingFailed(_log, e, _directory);
        }
    }

    private void LookAtSpace()
    {
        long free;
        try
        {
            free = _disk.FreeBytes(_directory);
        }
        catch (IOException)
        {
            return;
        }

        var has = free >= _options.FreeSpaceFloorBytes && _spareFailure is not DiskFullException;
        if (has != _hasSpace)
        {
            _hasSpace = has;
            SpaceChanged(_log, _directory, has ? "opened again" : "stopped", free, _options.FreeSpaceFloorBytes);
        }
    }
}
