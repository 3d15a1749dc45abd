namespace Tsunagi.Core.Logs;

/// <summary>Reads the synced records of a log in order, bodies stepped over. For one thread at a time; blocks on the disk when the page cache has them not.</summary>
public sealed class LogReader : IDisposable
{
    private readonly SegmentLog _log;
    private SegmentScanner _scanner;

    internal LogReader(SegmentLog log, LogPosition from)
    {
        _log = log;
        _scanner = Scan(log.SegmentFrom(from), from);
    }

    /// <summary>Where the next record is looked for.</summary>
    public LogPosition Position => new(_scanner.Segment.Base + _scanner.Offset);

    /// <summary>The next synced record; false when there is none for now. What was released meanwhile is skipped.</summary>
    public bool TryRead(out LogRecord record)
    {
        while (true)
        {
            // Asked before the read: when there is a next segment, this one has its final end.
            var segment = _scanner.Segment;
            var next = _log.SegmentAfter(segment);
            try
            {
                switch (_scanner.Next(segment.End, segment.EndIsExact, out var at, out var header, out var facts))
                {
                    case Scanned.Record when header.Kind == RecordHeader.Hole:
                        continue;
                    case Scanned.Record:
                        record = new LogRecord
                        {
                            Position = new LogPosition(segment.Base + at),
                            Next = new LogPosition(segment.Base + _scanner.Offset),
                            Segment = segment.Base,
                            Kind = header.Kind,
                            TimeMicros = header.TimeMicros,
                            Facts = facts,
                            BodyLength = header.BodyLength,
                        };
                        return true;
                    case Scanned.Gap when segment.IsDisposed:
                        // Released while it was being read, and perhaps in use again.
                        next = _log.SegmentFrom(new LogPosition(segment.NextBase));
                        break;
                    case Scanned.Gap:
                        _log.ReportLoss(new LogLoss(new LogPosition(segment.Base + at), _scanner.Offset - at, LossKind.Certain));
                        continue;
                }
            }
            catch (ObjectDisposedException) when (next is not null)
            {
                next = _log.SegmentFrom(new LogPosition(segment.NextBase));
            }

            if (next is null)
            {
                record = default;
                return false;
            }

            _scanner.Dispose();
            _scanner = Scan(next, LogPosition.Start);
        }
    }

    public void Dispose() => _scanner.Dispose();

    private static SegmentScanner Scan(Segment segment, LogPosition from) =>
        new(segment, Math.Max(SegmentHeader.Size, from.Value - segment.Base), checkBodies: false);
}
