using Microsoft.Extensions.Logging;
using Tsunagi.Core.Disk;

namespace Tsunagi.Core.Logs;

public sealed partial class SegmentLog
{
    private const string SegmentSuffix = ".segment";

    /// <summary>
    /// Opens the log of a directory, or begins one, and hands its records to <paramref name="replay"/>.
    /// Blocks on the disk; called at the start of the program.
    /// <list type="number">
    /// <item>Unfinished and spent segments are deleted, the others opened in order; one without a readable header is reported as lost and left where it is.</item>
    /// <item>Records are replayed. Bytes without a valid record are stepped over; what they were is decided by what lies behind them (<see cref="LossKind"/>).</item>
    /// <item>The torn tail of the last segment is cut off, and what its last record does not prove to be synced is written and synced once more, so that what is read from now on is on the
    /// disk: the process before this one may have died between write and fsync.</item>
    /// <item>A new segment is begun. The old ones are never written again.</item>
    /// </list>
    /// </summary>
    /// <param name="replayFrom">Is told the oldest position there and answers where the replay begins.</param>
    /// <param name="replay">Gets each record, in order.</param>
    /// <param name="lost">Told about each loss, also later when a reader finds one; on any thread.</param>
    public static SegmentLog Open(
        IDisk disk,
        string directory,
        SegmentLogOptions options,
        TimeProvider time,
        ILogger logger,
        Func<LogPosition, LogPosition> replayFrom,
        LogRecordHandler replay,
        Action<LogLoss> lost)
    {
        var log = new SegmentLog(disk, directory, options, time, logger, lost);
        var found = new List<Segment>();
        try
        {
            disk.CreateDirectory(directory);
            SyncParents(disk, Path.GetFullPath(directory));

            // (1)
            var nextBase = log.OpenSegments(found);

            // (2) and (3)
            var from = replayFrom(found.Count > 0 ? found[0].FirstPosition : new LogPosition(nextBase + SegmentHeader.Size));
            log.ReplayedRecords = log.Replay(found, from, replay);

            // (4)
            log.Begin(found, nextBase);
            Opened(logger, directory, log._segments.Length, log.ReplayedRecords, from, log.End);
            return log;
        }
        catch
        {
            found.ForEach(segment => segment.Dispose());
            throw;
        }
    }

    /// <summary>The name of the log's directory, of the one it lies in, and of the data directory: at a first start all three are new.</summary>
    private static void SyncParents(IDisk disk, string directory)
    {
        var parent = Path.GetDirectoryName(directory);
        for (var depth = 0; depth < 3 && parent is not null; depth++)
        {
            disk.SyncDirectory(parent, SyncPoints.LogDirectory);
            parent = Path.GetDirectoryName(parent);
        }
    }

    /// <summary>Fills <paramref name="found"/> in order of position; returns the first position that no segment has ever had.</summary>
    private long OpenSegments(List<Segment> found)
    {
        long nextBase = 0;
        var header = new byte[SegmentHeader.Size + RecordHeader.Size];
        foreach (var name in _disk.List(_directory))
        {
            var path = Path.Combine(_directory, name);
            if (name.EndsWith(SegmentSuffix + UnfinishedSuffix, StringComparison.Ordinal) || name.EndsWith(SegmentSuffix + SpentSuffix, StringComparison.Ordinal))
            {
                _disk.Delete(path);
                continue;
            }

            if (!name.EndsWith(SegmentSuffix, StringComparison.Ordinal)
                || !long.TryParse(name.AsSpan(0, name.Length - SegmentSuffix.Length), System.Globalization.NumberStyles.HexNumber, null, out var @base))
            {
                continue;
            }

            var file = _disk.Open(path, forWriting: true);
            var length = file.Length;
            var bytes = header.AsSpan(0, file.Read(0, header));
            if (!SegmentHeader.TryRead(bytes, out var read) || read.Base != @base)
            {
                file.Dispose();
                nextBase = Math.Max(nextBase, @base + Math.Max(length, _options.SegmentBytes));
                ReportLoss(new LogLoss(new LogPosition(@base), length, LossKind.Certain));
                continue;
            }

            RecordHeader first = default;
            var hasFirst = bytes.Length == header.Length && RecordHeader.TryRead(bytes[SegmentHeader.Size..], read, SegmentHeader.Size, out first);
            found.Add(new Segment(read, path, file) { End = length, EndIsExact = false, FirstTimeMicros = hasFirst ? first.TimeMicros : 0 });
            nextBase = Math.Max(nextBase, read.Base + read.FileLength);
        }

        found.Sort(static (a, b) => a.Base.CompareTo(b.Base));
        return nextBase;
    }

    private long Replay(List<Segment> found, LogPosition replayFrom, LogRecordHandler replay)
    {
        var gaps = new RecoveryGaps(this);
        Segment? last = null, damaged = null;
        long records = 0, unsynced = 0, lastEnd = 0;
        foreach (var segment in found)
        {
            if (segment.Base + segment.Header.FileLength <= replayFrom.Value)
            {
                continue;
            }

            var from = Math.Max(SegmentHeader.Size, replayFrom.Value - segment.Base);
            var end = from;
            using var scanner = new SegmentScanner(segment, from, checkBodies: true);
            Scanned scanned;
            while ((scanned = scanner.Next(segment.End, limitIsExact: false, out var at, out var header, out var facts)) != Scanned.End)
            {
                var position = new LogPosition(segment.Base + at);
                if (scanned == Scanned.Gap)
                {
                    damaged = segment;
                    gaps.Add(position, scanner.Offset - at);
                    continue;
                }

                gaps.RecordFollows(segment.Base + header.SyncedBefore);
                (last, unsynced, lastEnd, end) = (segment, header.SyncedBefore, scanner.Offset, scanner.Offset);
                if (header.Kind == RecordHeader.Hole)
                {
                    continue;
                }

                records++;
                replay(new LogRecord
                {
                    Position = position,
                    Next = new LogPosition(segment.Base + scanner.Offset),
                    Segment = segment.Base,
                    Kind = header.Kind,
                    TimeMicros = header.TimeMicros,
                    Facts = facts,
                    BodyLength = header.BodyLength,
                });
            }

            segment.End = end;
        }

        var holes = gaps.End();
        if (last is not null)
        {
            CloseHoles(last, unsynced, holes);
            MakeTailDurable(last, unsynced, lastEnd);
        }

        // The torn tail may be all there is in a younger segment.
        if (damaged is { HasRecords: false } && damaged != last)
        {
            MakeTailDurable(damaged, damaged.End, damaged.End);
        }

        return records;
    }

    /// <summary>
    /// Gives each hole of the last batches a header that spans it. Once later batches follow, an open hole would look like something that had been synced
    /// and was lost.
    /// </summary>
    private static void CloseHoles(Segment last, long unsynced, IReadOnlyList<(LogPosition At, long Bytes)> holes)
    {
        foreach (var (at, length) in holes)
        {
            var bytes = new byte[length];
            var offset = at.Value - last.Base;
            if (length < RecordHeader.Size || last.File.Read(offset, bytes) < length)
            {
                continue;
            }

            RecordHeader.Begin(bytes, RecordHeader.Hole, 0, (int)length - RecordHeader.Size);
            RecordHeader.Seal(bytes, last.Header, offset, (int)unsynced, timeMicros: 0);
            last.File.Write(offset, bytes);
        }
    }

    /// <summary>
    /// Cuts off what lies behind the last valid record, and writes what was not surely synced again before it is: if an fsync of the process before this
    /// one failed, the kernel holds those pages for clean although the disk never had them.
    /// </summary>
    private static void MakeTailDurable(Segment last, long unsynced, long end)
    {
        last.File.Truncate(end);
        var bytes = new byte[(int)Math.Min(1 << 20, end - unsynced)];
        for (var at = unsynced; at < end; at += bytes.Length)
        {
            var part = bytes.AsSpan(0, (int)Math.Min(bytes.Length, end - at));
            if (last.File.Read(at, part) < part.Length)
            {
                throw new IOException($"reading the tail of {last.Path} again at {at}: the file has become shorter");
            }

            last.File.Write(at, part);
        }

        last.File.Sync(SyncPoints.RecoveredTail);
        last.End = end;
        last.EndIsExact = true;
    }

    private void Begin(List<Segment> found, long nextBase)
    {
        // Trailing segments without a record are what the keeper had prepared.
        var empties = 0;
        while (empties < found.Count && found[^(empties + 1)] is { HasRecords: false } prepared && prepared.File.Length == _options.SegmentBytes
            && prepared.Header.FileLength == _options.SegmentBytes)
        {
            empties++;
        }

        SyncNames();
        if (empties > 0)
        {
            _active = found[^empties];
            _spare = empties > 1 ? found[^(empties - 1)] : null;
            found.RemoveRange(found.Count - empties + 1, empties - 1);
        }
        else
        {
            _active = NewSegment(nextBase);
            nextBase = _active.NextBase;
            found.Add(_active);
        }

        _active.EndIsExact = true;
        _written = _active.End;
        OpenTwin(_active);
        if (_spare is not null)
        {
            OpenTwin(_spare);
        }

        _segments = [.. found];
        LookAtSpace();
        StartKeeper(nextBase);
        StartWriters();
    }
}
