using Microsoft.Extensions.Logging;
using Tsunagi.Core.Disk;

namespace Tsunagi.Core.Logs;

/// <summary>
/// The middle layer of the logs: a <see cref="SegmentLog"/> with named consumers. A segment goes when every consumer has committed past it, the
/// layer above holds nothing in it, and it is older than the replay window. A consumer that lags beyond its limit pauses intake or is dropped,
/// as its options say.
/// </summary>
public sealed partial class LogStream : IAsyncDisposable
{
    private readonly LogStreamOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly LogNotices _notices;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LogConsumer> _opened = new(StringComparer.Ordinal);
    private readonly HashSet<string> _dropped = new(StringComparer.Ordinal);
    private readonly ITimer _housekeeping;
    private long _heldFrom = long.MaxValue;
    private volatile string? _lagging;

    private LogStream(SegmentLog segments, LogStreamOptions options, TimeProvider time, ILogger log, LogNotices notices)
    {
        (Log, _options, _time, _log, _notices) = (segments, options, time, log, notices);
        _housekeeping = time.CreateTimer(
            static stream => ((LogStream)stream!).LookAtConsumers(), this, options.Segments.HousekeepingEvery, options.Segments.HousekeepingEvery);
    }

    public SegmentLog Log { get; }

    /// <summary>Why nothing new is taken in for now, or null.</summary>
    public string? IntakePausedBecause =>
        !Log.HasSpace ? "the disk is below its floor of free space"
        : _lagging is { } name ? $"consumer {name} lags behind"
        : null;

    /// <summary>Opens or begins the stream of a directory; blocks on the disk.</summary>
    public static LogStream Open(
        IDisk disk,
        string directory,
        LogStreamOptions options,
        TimeProvider time,
        ILogger logger,
        LogNotices notices,
        Func<LogPosition, LogPosition> replayFrom,
        LogRecordHandler replay)
    {
        options.Validate();
        var segments = SegmentLog.Open(disk, directory, options.Segments, time, logger, replayFrom, replay, notices.Lost);
        return new LogStream(segments, options, time, logger, notices);
    }

    /// <summary>Opens or begins a stream whose records need no replay.</summary>
    public static LogStream Open(IDisk disk, string directory, LogStreamOptions options, TimeProvider time, ILogger logger, LogNotices notices) =>
        Open(disk, directory, options, time, logger, notices, static start => start, static (in _) => { });

    /// <summary>Appends one fact; completes when it and everything before it is synced.</summary>
    /// <exception cref="LogFullException">Intake is paused.</exception>
    public ValueTask<LogPosition> AppendAsync(byte kind, ReadOnlyMemory<byte> facts, CancellationToken cancellationToken)
    {
        ThrowIfPaused();
        return Log.AppendAsync(kind, facts, default, cancellationToken);
    }

    /// <summary>
    /// Opens one of the declared consumers at the position its store says (the start for a new one). When that is older than the log, it begins at
    /// the oldest record there is.
    /// </summary>
    public LogConsumer OpenConsumer(string name, LogPosition from)
    {
        var options = _options.Consumers.FirstOrDefault(consumer => consumer.Name == name)
            ?? throw new ArgumentException($"the log has no consumer called {name}; it has {string.Join(", ", _options.Consumers.Select(c => c.Name))}", nameof(name));
        var consumer = new LogConsumer(this, options, from);
        lock (_gate)
        {
            // Opened again after its owner gave up: the newer one counts.
            _opened[name] = consumer;
            if (_dropped.Remove(name))
            {
                ConsumerBack(_log, name, from);
            }
        }

        return consumer;
    }

    public async ValueTask DisposeAsync()
    {
        await _housekeeping.DisposeAsync();
        await Log.DisposeAsync();
    }

    internal void ThrowIfPaused()
    {
        if (IntakePausedBecause is { } why)
        {
            throw new LogFullException($"nothing new is taken in: {why}");
        }
    }

    /// <summary>The layer above needs everything from here on; <see cref="long.MaxValue"/> when it needs nothing.</summary>
    internal void HoldFrom(LogPosition position)
    {
        Volatile.Write(ref _heldFrom, position.Value);
        LookAtConsumers();
    }

    /// <summary>Looks at lags and lets segments go. Called each second and at each commit.</summary>
    internal void LookAtConsumers()
    {
        List<(string Name, LogPosition At, long Lag)>? dropped = null;
        LogPosition release;
        lock (_gate)
        {
            string? lagging = null;
            release = new LogPosition(Math.Min(Volatile.Read(ref _heldFrom), Log.End.Value));
            foreach (var options in _options.Consumers)
            {
                if (_dropped.Contains(options.Name))
                {
                    continue;
                }

                var consumer = _opened.GetValueOrDefault(options.Name);
                var at = consumer?.Committed ?? LogPosition.Start;
                var lag = Log.End.Value - Math.Max(at.Value, Log.Start.Value);
                if (lag > options.LagLimitBytes && options.AtLimit == LagAct.DropConsumer)
                {
                    _dropped.Add(options.Name);
                    consumer?.Drop();
                    (dropped ??= []).Add((options.Name, at, lag));
                    continue;
                }

                lagging = lag > options.LagLimitBytes ? options.Name : lagging;
                release = at < release ? at : release;
            }

            _lagging = lagging;
        }

        Log.ReleaseBefore(WithinWindow(release));
        foreach (var (name, at, lag) in dropped ?? [])
        {
            ConsumerDropped(_log, name, at, lag);
            _notices.ConsumerDropped(name, at, lag);
        }
    }

    /// <summary>The part of <paramref name="release"/> that is older than the replay window. A segment is as old as its last record, which is older than the next one's first.</summary>
    private LogPosition WithinWindow(LogPosition release)
    {
        if (_options.ReplayWindow <= TimeSpan.Zero)
        {
            return release;
        }

        var oldest = Time.UnixMicros.From(_time.GetUtcNow() - _options.ReplayWindow);
        var within = LogPosition.Start;
        var segments = Log.Segments;
        foreach (var segment in segments)
        {
            // Without a first time: the active one while it is empty, or one whose first record is damaged.
            if (segment.FirstTimeMicros == 0 && segment != segments[^1])
            {
                continue;
            }

            if (segment.FirstTimeMicros == 0 || segment.FirstTimeMicros > oldest || segment.Base > release.Value)
            {
                break;
            }

            within = new LogPosition(segment.Base);
        }

        return within < release ? within : release;
    }

    [LoggerMessage(1121, LogLevel.Error, "consumer {Name} was dropped at position {Position}: {LagBytes} bytes behind")]
    private static partial void ConsumerDropped(ILogger logger, string name, LogPosition position, long lagBytes);

    [LoggerMessage(1122, LogLevel.Information, "consumer {Name}, dropped before, reads again from {Position}")]
    private static partial void ConsumerBack(ILogger logger, string name, LogPosition position);
}
