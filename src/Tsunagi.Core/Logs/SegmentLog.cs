using System.Buffers;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Disk;

namespace Tsunagi.Core.Logs;

/// <summary>
/// The lowest layer of the logs: records appended to segment files, many appends to one fsync. It knows nothing of who reads it
/// (<see cref="LogStream"/>) or of what its records mean (<see cref="Spool"/>).
/// <para>The way of an append:</para>
/// <list type="number">
/// <item>The caller's thread takes a place in the gathering buffer (<see cref="TryAppend"/>), copies the record there and gets a task. After that nothing
/// is cancelled.</item>
/// <item>A writer, one of two threads that take turns, takes the whole buffer; from here another buffer gathers.</item>
/// <item>It rolls to the next segment, prepared ahead by the keeper, when the batch does not fit or the segment is old; it waits for the batch of the
/// other writer first.</item>
/// <item>It completes the headers: time, how far the log is synced, a checksum seeded with the place.</item>
/// <item>One write. Here the turn ends: the other writer may write the next batch while this one is synced.</item>
/// <item>One fdatasync.</item>
/// <item>When every earlier batch is synced too, the end that readers see moves on, and who waits for more records is woken.</item>
/// <item>The tasks complete, in the order of the log.</item>
/// </list>
/// <para>
/// Guarantees: an append completes after the fsync of it and of all before it; readers never see what is not synced; after a failed write or fsync
/// the log is poisoned (every waiter fails, nothing more is written or synced, <see cref="IsHealthy"/> is false; open it again to recover).
/// </para>
/// </summary>
public sealed partial class SegmentLog : IAsyncDisposable
{
    private readonly IDisk _disk;
    private readonly string _directory;
    private readonly SegmentLogOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Action<LogLoss> _lost;
    private readonly AppendOperationPool _operations = new();
    private readonly CompletionRoundPool _rounds = new();
    private readonly LogMeters _meters;

    // The appenders' side, under _gate; the writer waits on it.
    private readonly object _gate = new();
    private GatherBuffer _gathering;
    private readonly Stack<GatherBuffer> _resting = new();
    private TaskCompletionSource? _room;
    private bool _rollWanted;
    private bool _closing;
    private LogPoisonedException? _poison;

    private const int MaxReported = 10_000;
    private readonly HashSet<LogPosition> _reported = [];

    private Segment[] _segments = [];
    private TaskCompletionSource? _more;
    private bool _disposed;

    private SegmentLog(IDisk disk, string directory, SegmentLogOptions options, TimeProvider time, ILogger log, Action<LogLoss> lost)
    {
        options.Validate();
        (_disk, _directory, _options, _time, _log, _lost) = (disk, directory, options, time, log, lost);
        _gathering = new GatherBuffer(options.MaxBatchBytes);
        for (var i = 0; i < Writers; i++)
        {
            _resting.Push(new GatherBuffer(options.MaxBatchBytes));
        }

        _meters = new LogMeters(Path.GetFileName(directory));
    }

    /// <summary>False once a write or fsync has failed: the node is not ready until the log is opened again.</summary>
    public bool IsHealthy => Volatile.Read(ref _poison) is null;

    /// <summary>False while the file system is below its floor of free space. The layer above asks before it takes in something new.</summary>
    public bool HasSpace => _hasSpace;

    /// <summary>How many records the start had to replay.</summary>
    internal long ReplayedRecords { get; private set; }

    /// <summary>The oldest position still there.</summary>
    public LogPosition Start => Volatile.Read(ref _segments)[0].FirstPosition;

    /// <summary>Behind the last synced record.</summary>
    public LogPosition End => Volatile.Read(ref _segments)[^1].EndPosition;

    /// <summary>
    /// Appends one record: facts in two parts (the layer's own and the caller's) and a body. The memory is copied before this returns. The task
    /// completes when the record and everything before it is synced; it must be awaited exactly once.
    /// </summary>
    /// <returns>False when the gathering buffer has no room: wait with <see cref="WaitForRoomAsync"/> and try again.</returns>
    /// <exception cref="LogPoisonedException">The log is poisoned or closed.</exception>
    internal bool TryAppend(byte kind, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> facts, in ReadOnlySequence<byte> body, out ValueTask<LogPosition> synced)
    {
        ArgumentOutOfRangeException.ThrowIfZero(kind);
        ArgumentOutOfRangeException.ThrowIfEqual(kind, RecordHeader.Hole);
        var length = prefix.Length + facts.Length + body.Length;
        if (length > _options.MaxRecordBytes || prefix.Length + facts.Length > RecordHeader.MaxFacts)
        {
            throw new ArgumentException($"a record of {length} bytes is longer than the log's limit of {_options.MaxRecordBytes}", nameof(facts));
        }

        var operation = _operations.Rent();
        GatherBuffer.Place place;
        lock (_gate)
        {
            if (_poison is not null || _closing)
            {
                _operations.Return(operation);
                throw Refusal();
            }

            var total = RecordHeader.Total(prefix.Length + facts.Length, body.Length);
            if (!_gathering.HasRoomFor(total))
            {
                _operations.Return(operation);
                synced = default;
                return false;
            }

            // (1) of the data path.
            place = _gathering.Reserve(operation, (int)total);
            synced = operation.Task;
            WakeWriter();
        }

        place.Fill(kind, prefix, facts, body);
        return true;
    }

    /// <summary>Appends one record, waiting for room when there is none. Not cancelled once it is in the buffer.</summary>
    /// <exception cref="LogFullException">No room within <see cref="SegmentLogOptions.RoomDeadline"/>: the disk does not keep up.</exception>
    public ValueTask<LogPosition> AppendAsync(byte kind, ReadOnlyMemory<byte> facts, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return TryAppend(kind, default, facts.Span, new ReadOnlySequence<byte>(body), out var synced)
            ? synced
            : AppendWhenRoomAsync(kind, facts, body, cancellationToken);
    }

    /// <summary>Completes when there may be room again.</summary>
    internal async ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        Task room;
        lock (_gate)
        {
            if (_poison is not null || _closing)
            {
                throw Refusal();
            }

            // A writer took what was gathered since the caller saw that it was full: there is room, and, with nothing gathered, nobody would come to say so.
            if (_gathering.Count == 0)
            {
                return;
            }

            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            room = _room.Task;
        }

        try
        {
            await room.WaitAsync(_options.RoomDeadline, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new LogFullException($"the log {_directory} had no room for {_options.RoomDeadline.TotalSeconds:0} s: the disk does not keep up");
        }
    }

    /// <summary>Reads on from a position, on the caller's thread; many readers may run beside the writer.</summary>
    public LogReader OpenReader(LogPosition from) => new(this, from);

    /// <summary>Completes when there is something synced at or behind <paramref name="position"/>, or the log is poisoned or closed.</summary>
    /// <exception cref="TimeoutException">Nothing came within <paramref name="wait"/>.</exception>
    public ValueTask WaitForMoreAsync(LogPosition position, TimeSpan wait, CancellationToken cancellationToken)
    {
        if (HasMore(position))
        {
            return ValueTask.CompletedTask;
        }

        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var more = Interlocked.CompareExchange(ref _more, mine, null) ?? mine;

        // A batch may have been published between the first look and the registration.
        return HasMore(position) ? ValueTask.CompletedTask : new ValueTask(more.Task.WaitAsync(wait, _time, cancellationToken));
    }

    /// <summary>Reads the body of the record at this position into <paramref name="into"/>; false when it is gone or damaged.</summary>
    internal bool TryReadBody(LogPosition position, Span<byte> into)
    {
        if (SegmentAt(position) is not { } segment)
        {
            return false;
        }

        try
        {
            var at = position.Value - segment.Base;
            Span<byte> first = stackalloc byte[RecordHeader.Size];
            if (at + RecordHeader.Size > segment.End
                || segment.File.Read(at, first) < RecordHeader.Size
                || !RecordHeader.TryRead(first, segment.Header, at, out var header)
                || header.BodyLength != into.Length)
            {
                return false;
            }

            return segment.File.Read(at + RecordHeader.Size + header.FactsLength, into) == into.Length
                && Crc32C.Of(into) == header.BodyChecksum;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Writes what is gathered, then stops. Safe after poisoning.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            _closing = true;
            Monitor.PulseAll(_gate);
        }

        await _writersStopped.Task;
        StopKeeper();
        await _keeperStopped.Task;
        WakeReaders();
        foreach (var segment in _segments)
        {
            segment.Dispose();
        }

        _spare?.Dispose();
    }

    internal Segment? SegmentAt(LogPosition position)
    {
        var segments = Volatile.Read(ref _segments);
        for (var i = segments.Length - 1; i >= 0; i--)
        {
            if (segments[i].Base <= position.Value)
            {
                return position < segments[i].EndPosition ? segments[i] : null;
            }
        }

        return null;
    }

    /// <summary>The segment to go on with from a position, or the oldest when the position's own is gone.</summary>
    internal Segment SegmentFrom(LogPosition position)
    {
        var segments = Volatile.Read(ref _segments);
        return Array.FindLast(segments, segment => segment.Base <= position.Value) ?? segments[0];
    }

    internal Segment? SegmentAfter(Segment segment) => Array.Find(Volatile.Read(ref _segments), other => other.Base > segment.Base);

    internal IReadOnlyList<Segment> Segments => Volatile.Read(ref _segments);

    /// <summary>Each loss is told once, however many readers come by.</summary>
    internal void ReportLoss(LogLoss loss)
    {
        lock (_reported)
        {
            if (_reported.Count >= MaxReported || !_reported.Add(loss.Position))
            {
                return;
            }
        }

        LossFound(_log, loss.Kind, loss.Bytes, loss.Position, _directory);
        _lost(loss);
    }

    // Of a log that is poisoned or closed no more comes: its readers are woken once, and then wait as for any other, so that none of them spins.
    private bool HasMore(LogPosition position) => End > position;

    private async ValueTask<LogPosition> AppendWhenRoomAsync(byte kind, ReadOnlyMemory<byte> facts, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        while (true)
        {
            await WaitForRoomAsync(cancellationToken);
            if (TryAppend(kind, default, facts.Span, new ReadOnlySequence<byte>(body), out var synced))
            {
                return await synced;
            }
        }
    }

    private LogPoisonedException Refusal() => _poison is { } poison
        ? new LogPoisonedException(poison.Message, poison.InnerException)
        : new LogPoisonedException($"the log {_directory} is closed");

    [LoggerMessage(1101, LogLevel.Error, "log loss ({Kind}): {Bytes} bytes at position {Position} of {Directory} hold no valid record and were skipped")]
    private static partial void LossFound(ILogger logger, LossKind kind, long bytes, LogPosition position, string directory);

    [LoggerMessage(1102, LogLevel.Critical, "log {Directory} is poisoned after a failed write or fsync; nothing more is written until it is opened again")]
    private static partial void Poisoned(ILogger logger, Exception cause, string directory);

    [LoggerMessage(1103, LogLevel.Warning, "preparing the next segment of {Directory} failed; it is tried again")]
    private static partial void PreparingFailed(ILogger logger, Exception cause, string directory);

    [LoggerMessage(1104, LogLevel.Warning, "releasing old segments of {Directory} failed; it is tried again")]
    private static partial void ReleasingFailed(ILogger logger, Exception cause, string directory);

    [LoggerMessage(1105, LogLevel.Warning, "intake of log {Directory} {State}: {FreeBytes} bytes free, floor {FloorBytes}")]
    private static partial void SpaceChanged(ILogger logger, string directory, string state, long freeBytes, long floorBytes);

    [LoggerMessage(1106, LogLevel.Information, "log {Directory} opened: {Segments} segments, {Records} records replayed from {From} to {End}")]
    private static partial void Opened(ILogger logger, string directory, int segments, long records, LogPosition from, LogPosition end);
}
