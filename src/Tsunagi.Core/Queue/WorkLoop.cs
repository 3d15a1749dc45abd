using System.Collections.Concurrent;
using System.Collections.Frozen;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;

namespace Tsunagi.Core.Queue;

/// <summary>
/// A node's worker. (1) Take as many due items as there are free places. (2) Run each by the handler of its kind. (3) Beat for the running ones at
/// a third of the visibility; one that is no longer ours is cancelled, and all are when no beat got through for half of it. (4) Complete, give
/// back, or bury.
/// </summary>
public sealed partial class WorkLoop : BackgroundService
{
    private readonly IWorkQueue _queue;
    private readonly IStore _store;
    private readonly WorkQueueOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<WorkLoop> _logger;
    private readonly FrozenDictionary<string, IWorkHandler> _handlers;
    private readonly ConcurrentDictionary<string, Running> _running = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _places;

    public WorkLoop(IWorkQueue queue, IStore control, IEnumerable<IWorkHandler> handlers, WorkQueueOptions options, TimeProvider time, ILogger<WorkLoop> logger)
    {
        _queue = queue;
        _store = control;
        _options = options;
        _time = time;
        _logger = logger;
        _handlers = handlers.ToFrozenDictionary(static handler => handler.Kind, StringComparer.Ordinal);
        _places = new SemaphoreSlim(options.Concurrency, options.Concurrency);
    }

    public override void Dispose()
    {
        _places.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_handlers.Count == 0)
        {
            return;
        }

        using var beating = new CancellationTokenSource();
        var beat = BeatAsync(beating.Token);
        try
        {
            await TakeAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node stops.
        }

        await DrainAsync();
        await beating.CancelAsync();
        await beat;
    }

    private async Task TakeAsync(CancellationToken stopping)
    {
        using var hint = _store.Hints.Listen(SqlWorkQueue.Channel);
        while (true)
        {
            // :: Step 1: a free place first, so nothing is taken that must wait.
            await _places.WaitAsync(stopping);
            var free = 1;
            while (free < _options.Concurrency && await _places.WaitAsync(TimeSpan.Zero, CancellationToken.None))
            {
                free++;
            }

            var taken = await TryTakeAsync(free, stopping);
            foreach (var item in taken)
            {
                // :: Step 2: the place is given back when the item ends.
                var running = new Running(item, _time.GetTimestamp());
                _running[item.Id] = running;
                running.Task = RunAsync(running);
            }

            if (taken.Count < free)
            {
                _places.Release(free - taken.Count);
                if (taken.Count == 0)
                {
                    await hint.WaitAsync(_options.Poll, stopping);
                }
            }
        }
    }

    private async Task<IReadOnlyList<WorkItem>> TryTakeAsync(int free, CancellationToken stopping)
    {
        try
        {
            return await _queue.TakeAsync(_handlers.Keys, free, stopping);
        }
        catch (StoreUnavailableException away)
        {
            LogStoreAway(away.Message);
            return [];
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            LogTakeFailed(fault);
            return [];
        }
    }

    private async Task RunAsync(Running running)
    {
        await Task.Yield();
        var item = running.Item;
        try
        {
            WorkOutcome outcome;
            try
            {
                outcome = await _handlers[item.Kind].HandleAsync(item, running.Lost.Token);
            }
            catch (OperationCanceledException) when (running.Lost.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                LogHandlerFailed(item.Kind, item.Id, item.Attempt, fault);
                outcome = WorkOutcome.Later(fault.Message);
            }

            // :: Step 4.
            if (outcome.Reason is { } reason)
            {
                await _queue.FailAsync(item, reason, outcome.IsNever, CancellationToken.None);
            }
            else
            {
                await _queue.CompleteAsync(item, CancellationToken.None);
            }
        }
        catch (StoreUnavailableException away)
        {
            // Whatever it was, the item comes back when its visibility ends.
            LogStoreAway(away.Message);
        }
        finally
        {
            _running.TryRemove(item.Id, out _);
            _places.Release();
        }
    }

    // :: Step 3.
    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(_options.Visibility / 6, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            var asked = _time.GetTimestamp();
            var due = _running.Values.Where(running => _time.GetElapsedTime(running.HeardAt) >= _options.Visibility / 3).ToList();
            try
            {
                var ours = (await _queue.ExtendAsync([.. due.Select(static running => running.Item)], cancellationToken)).Select(static item => item.Id).ToHashSet(StringComparer.Ordinal);
                foreach (var running in due)
                {
                    if (ours.Contains(running.Item.Id))
                    {
                        running.HeardAt = asked;
                    }
                    else
                    {
                        await running.Lost.CancelAsync();
                    }
                }
            }
            catch (Exception fault) when (fault is StoreUnavailableException or OperationCanceledException)
            {
                LogStoreAway(fault.Message);
            }

            foreach (var running in _running.Values.Where(running => _time.GetElapsedTime(running.HeardAt) >= _options.Visibility / 2))
            {
                await running.Lost.CancelAsync();
            }
        }
    }

    private async Task DrainAsync()
    {
        var tasks = _running.Values.Select(static running => running.Task).ToList();
        try
        {
            await Task.WhenAll(tasks).WaitAsync(_options.Drain, _time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            foreach (var running in _running.Values)
            {
                await running.Lost.CancelAsync();
            }

            await Task.WhenAll(tasks).WaitAsync(_options.Drain, _time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(120, LogLevel.Warning, "work queue: the store is away, going on when it is back: {Reason}")]
    private partial void LogStoreAway(string reason);

    [LoggerMessage(122, LogLevel.Error, "work queue: taking work failed")]
    private partial void LogTakeFailed(Exception fault);

    [LoggerMessage(121, LogLevel.Warning, "work {Kind} {Id} failed in attempt {Attempt}")]
    private partial void LogHandlerFailed(string kind, string id, int attempt, Exception fault);

    private sealed class Running(WorkItem item, long heardAt)
    {
        private long _heardAt = heardAt;

        public WorkItem Item => item;

        public CancellationTokenSource Lost { get; } = new();

        public Task Task { get; set; } = Task.CompletedTask;

        public long HeardAt
        {
            get => Volatile.Read(ref _heardAt);
            set => Volatile.Write(ref _heardAt, value);
        }
    }
}
