using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Disk;
using Tsunagi.Ddos.Meters;

namespace Tsunagi.Ddos.Archive.Rollups;

/// <summary>
/// Rolls kept records up, on a thread of its own that takes its share of a core and no more: (1) each sealed segment becomes a file of sums by the minute, (2) those of an hour that is over become one of sums by five minutes,
/// (3) those of a day one by the hour, (4) and what is too old or too much is deleted, once the coarser file of it is there. Which segments a file is of stands in its name, so a kill at any moment leaves a file or
/// none, and what was not made is made again. A full disk stops it, and with it the deleting of records, not the collecting.
/// </summary>
internal sealed partial class FlowRollups : IHostedService, IDisposable
{
    private const int MostTogether = 512;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AgainAfter = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StopIn = TimeSpan.FromSeconds(10);

    private readonly FlowArchive _archive;
    private readonly ArchiveOptions _options;
    private readonly DdosMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<FlowRollups> _log;
    private readonly RollupMaker _maker;
    private readonly ManualResetEvent _stop = new(initialState: false);
    private Thread? _thread;
    private long _worked;
    private bool _isFailing;
    private int _disposed;

    public FlowRollups(FlowArchive archive, DdosOptions options, DdosMetrics metrics, TimeProvider time, ILogger<FlowRollups> log)
    {
        (_archive, _options, _metrics, _time, _log) = (archive, options.Archive, metrics, time, log);
        _maker = new RollupMaker(_options.Rollups.MostRows, Rest);
    }

    /// <summary>Why nothing is rolled up just now; empty while all is well.</summary>
    public string Failure { get; private set; } = "";

    /// <summary>Makes the next file, if it is time for one. Its thread does nothing else; tests call it themselves.</summary>
    /// <exception cref="IOException">The disk refused: it is made again at the next call.</exception>
    internal bool Step()
    {
        if (!_archive.IsRunning)
        {
            return false;
        }

        var list = _archive.Rolled.List;

        // (1) Nothing else comes before it: the deleting of records waits for it.
        var waiting = _archive.Segments.All.Where(segment => !list.Holds(FlowLevel.Minute, segment.Number)).OrderBy(static segment => segment.Number).ToList();
        if (waiting.Find(static segment => segment.IsSealed) is { } next)
        {
            Make(FlowLevel.Minute, next.Number, next.Number, next.First, next.Last, [() => _archive.Segments.Read(next)], next.Bytes);
            return true;
        }

        // (2), (3)
        var before = waiting.Count > 0 ? waiting[0].Number : long.MaxValue;
        return Together(list, FlowLevel.FiveMinutes, before) || Together(list, FlowLevel.Hour, before) || Delete();
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "flow rollups", Priority = ThreadPriority.Lowest };
        _thread.Start();
        return Task.CompletedTask;
    }

    /// <summary>What is being made is left, and made again after the next start.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        // A node that could not start is disposed before it is stopped.
        if (Volatile.Read(ref _disposed) == 0)
        {
            _stop.Set();
            _thread?.Join(StopIn);
        }

        _thread = null;
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _stop.Set();
        _thread?.Join(StopIn);
        _stop.Dispose();
    }

    private void Run()
    {
        var pause = Every;
        while (!_stop.WaitOne(pause))
        {
            try
            {
                pause = Step() ? TimeSpan.Zero : Every;
                Failure = "";
                if (_isFailing)
                {
                    _isFailing = false;
                    LogRolledAgain(_log);
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
            {
                (Failure, pause) = (failed.Message, AgainAfter);
                if (!_isFailing)
                {
                    _isFailing = true;
                    LogNotRolled(_log, failed);
                }
            }
        }
    }

    private bool Together(RollupList list, FlowLevel level, long before)
    {
        var finer = list.All.Where(file => file.Level == level - 1 && !list.Holds(level, file.To) && file.To < before).OrderBy(static file => file.From).ToList();
        if (finer.Count == 0)
        {
            return false;
        }

        // Over when something later is there, or nothing can come any more: a segment is sealed in time.
        var end = FlowLevels.Floor(finer[0].First, level.FileMilliseconds()) + level.FileMilliseconds();
        var isOver = finer.Exists(file => file.First >= end) || _time.GetUtcNow().ToUnixTimeMilliseconds() >= end + (2 * (long)_options.SealEvery.TotalMilliseconds);
        List<RollupFile> together = [.. finer.TakeWhile(file => file.First < end).Take(MostTogether)];
        if (!isOver && together.Count < MostTogether)
        {
            return false;
        }

        Make(
            level, together[0].From, together[^1].To, together.Min(static file => file.First), together.Max(static file => file.Last), [.. together.Select(file => (Func<IDiskFile?>)(() => _archive.Rolled.Read(file)))],
            together.Sum(static file => file.Bytes));
        return true;
    }

    private void Make(FlowLevel level, long from, long to, long first, long last, IReadOnlyList<Func<IDiskFile?>> sources, long bytes)
    {
        // They are what lets records be deleted, so they may take half of what must stay free.
        if (_archive.Rolled.FreeBytes < Math.Max(_options.LeastFreeBytes / 2, bytes / 4))
        {
            throw new DiskFullException($"less than {_options.LeastFreeBytes / 2:N0} bytes are free");
        }

        _worked = _time.GetTimestamp();
        var unread = _maker.Unread;
        var made = _archive.Rolled.Add(level, from, to, first, last, write => _maker.Make(level, Open(sources), write));
        _metrics.FlowsRolled(level.Name(), made.Rows);
        if (_maker.Unread > unread)
        {
            LogUnread(_log, _maker.Unread - unread, from, to);
        }
    }

    private static IEnumerable<(IDiskFile File, long Bytes)> Open(IReadOnlyList<Func<IDiskFile?>> sources)
    {
        foreach (var open in sources)
        {
            using var file = open() ?? throw new IOException("a file of kept flow records cannot be opened; where it is gone for good, start the node again");
            yield return (file, file.Length);
        }
    }

    // (4)
    private bool Delete()
    {
        var (list, now) = (_archive.Rolled.List, _time.GetUtcNow());
        bool MayGo(RollupFile file) => file.Level == FlowLevel.Hour || list.Holds(file.Level + 1, file.To);
        var old = list.All.FirstOrDefault(file => file.Last < (now - _options.Rollups.KeepOf((int)file.Level)).ToUnixTimeMilliseconds() && MayGo(file));
        var gone = old ?? (list.Bytes > _options.Rollups.MostBytes ? list.All.Where(MayGo).OrderBy(static file => file.Level).ThenBy(static file => file.First).FirstOrDefault() : null);
        if (gone is not null)
        {
            _archive.Rolled.Delete(gone);
        }

        return gone is not null;
    }

    // As much longer as its share is small.
    private void Rest()
    {
        var took = _time.GetElapsedTime(_worked);
        var share = Math.Clamp(_options.Rollups.Share, 1, 100);
        var rest = took * ((100.0 - share) / share);
        if (_stop.WaitOne(rest < LongestRest ? rest : LongestRest))
        {
            throw new OperationCanceledException("the node stops");
        }

        _worked = _time.GetTimestamp();
    }

    [LoggerMessage(3143, LogLevel.Error, "flow records are not rolled up: the disk does not take it; records stay until they are")]
    private static partial void LogNotRolled(ILogger log, Exception exception);

    [LoggerMessage(3144, LogLevel.Information, "flow records are rolled up again")]
    private static partial void LogRolledAgain(ILogger log);

    [LoggerMessage(3145, LogLevel.Warning, "{Blocks} damaged blocks of the segments {From} to {To} are in no roll-up")]
    private static partial void LogUnread(ILogger log, int blocks, long from, long to);
}
