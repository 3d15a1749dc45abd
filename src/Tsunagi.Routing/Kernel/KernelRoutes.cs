using System.Net;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Exchange.Routes;
using Tsunagi.Core.Time;

namespace Tsunagi.Routing.Kernel;

/// <summary>
/// Holds the kernel's table to what is wanted. The way of a route: (1) it is told and stands in the list, whose loop wakes; (2) its next hop is looked at: is the interface there, may routes lead to it; (3) the
/// kernel is asked to set it, over one of ours but never over somebody else's; (4) what cannot be set is told, and tried again at each look. A look holds the whole table against the list: at start, every
/// <see cref="KernelRouteOptions.LookEvery"/>, and as soon as the kernel tells that one of ours went. (5) At the end all are taken back, unless they are to stay.
/// </summary>
internal sealed partial class KernelRoutes(RoutingOptions routing, KernelTroubles troubles, TimeProvider time, ILogger<KernelRoutes> log) : BackgroundService, IKernelRoutes
{
    private const uint Ip6Routes = 0x400; // RTMGRP_IPV6_ROUTE
    private const int AdminBit = 12; // CAP_NET_ADMIN
    private const string MostRoutesName = "routing.kernel.mostRoutes";
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan FailureEvery = TimeSpan.FromMinutes(1);

    private readonly KernelRouteOptions _options = routing.Kernel;
    private readonly Dictionary<IPNetwork, Entry> _entries = [];
    private readonly Queue<IPNetwork> _dirty = [];
    private readonly Lock _turn = new();
    private readonly Channel<bool> _pulse = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ManualResetEventSlim _stopping = new();
    private KernelTable? _table;
    private NetlinkSocket? _changes;
    private Thread? _listener;
    private volatile bool _isLookWanted = true;
    private bool _isAllKnown;
    private bool _isEnding;
    private long _lookedAt;
    private long _failedAt;
    private long _repaired;

    public bool IsOn => _options.IsOn;

    /// <summary>Routes that went from the kernel without us and were set again.</summary>
    public long Repaired => Interlocked.Read(ref _repaired);

    // (1)
    public void Want(KernelRoute route)
    {
        ArgumentNullException.ThrowIfNull(route);
        if (!IsOn)
        {
            return;
        }

        lock (_turn)
        {
            if (_isEnding)
            {
                return;
            }

            if (_entries.TryGetValue(route.Prefix, out var entry))
            {
                if (entry.Wanted == route)
                {
                    return;
                }
            }
            else if (_entries.Count >= _options.MostRoutes)
            {
                troubles.Note(MostRoutesName, $"more than {_options.MostRoutes} routes", route.Prefix.ToString());
                return;
            }
            else
            {
                _entries.Add(route.Prefix, entry = new Entry());
            }

            entry.Wanted = route;
            Mark(route.Prefix, entry, null);
        }

        _pulse.Writer.TryWrite(true);
    }

    public void Forget(IPNetwork prefix)
    {
        lock (_turn)
        {
            if (_isEnding || !_entries.TryGetValue(prefix, out var entry) || entry.Wanted is null)
            {
                return;
            }

            entry.Wanted = null;
            Mark(prefix, entry, null);
        }

        _pulse.Writer.TryWrite(true);
    }

    public void AllKnown()
    {
        lock (_turn)
        {
            _isAllKnown = true;
            _isLookWanted = true;
        }

        _pulse.Writer.TryWrite(true);
    }

    /// <summary>How many routes are in each state.</summary>
    public (int Set, int Waiting, int Failed) Count()
    {
        lock (_turn)
        {
            var counts = (Set: 0, Waiting: 0, Failed: 0);
            foreach (var entry in _entries.Values)
            {
                _ = entry.Wanted is null ? 0 : entry.Why is not null ? counts.Failed++ : entry.Set is null ? counts.Waiting++ : counts.Set++;
            }

            return counts;
        }
    }

    /// <summary>The wanted routes by their prefixes' numbers.</summary>
    /// <param name="state">One of <see cref="KernelRouteRow.States"/>, or empty.</param>
    /// <param name="text">A prefix, a next hop or an interface, or empty.</param>
    public IReadOnlyList<KernelRouteRow> List(string state, string text, int most)
    {
        lock (_turn)
        {
            return
            [
                .. _entries.Where(static each => each.Value.Wanted is not null).OrderBy(static each => each.Key.BaseAddress.ToString(), StringComparer.Ordinal).Select(static each => each.Value.ToRow())
                    .Where(row => (state.Length == 0 || row.State == state) && (text.Length == 0 || row.Prefix == text || row.NextHop == text || row.Interface == text)).Take(most),
            ];
        }
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (!IsOn)
        {
            return Task.CompletedTask;
        }

        if (!MayAdminister())
        {
            throw new InvalidOperationException(
                "routing.kernel: setting routes of this machine needs the capability CAP_NET_ADMIN, which this process has not; give it (systemd: AmbientCapabilities=CAP_NET_ADMIN), or name no routing.kernel.interfaces");
        }

        _changes = new NetlinkSocket(Ip6Routes, Beat);
        _table = new KernelTable(_options);
        _listener = new Thread(Hear) { IsBackground = true, Name = "routes of the kernel" };
        _listener.Start();
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        _stopping.Set();
        _listener?.Join(TimeSpan.FromSeconds(5));
        if (_table is not null && !_isEnding)
        {
            lock (_turn)
            {
                _isEnding = true;
                _entries.Clear();
            }

            TakeBack();
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _stopping.Set();
        _listener?.Join(TimeSpan.FromSeconds(5));
        _table?.Dispose();
        _changes?.Dispose();
        _stopping.Dispose();
    }

    private static bool MayAdminister() => MayAdminister(File.ReadLines("/proc/self/status"));

    /// <summary>Whether a process may set routes, by its lines of /proc/PID/status.</summary>
    internal static bool MayAdminister(IEnumerable<string> status) =>
        status.FirstOrDefault(static line => line.StartsWith("CapEff:", StringComparison.Ordinal)) is { } line
        && (Convert.ToUInt64(line["CapEff:".Length..].Trim(), 16) >> AdminBit & 1) == 1;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => IsOn ? Task.WhenAll(BeatAsync(stoppingToken), WorkAsync(stoppingToken)) : Task.CompletedTask;

    private async Task BeatAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Beat, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                _isLookWanted |= time.GetElapsedTime(_lookedAt) >= _options.LookEvery;
                if (_isLookWanted)
                {
                    _pulse.Writer.TryWrite(true);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                Step(stoppingToken);
                await _pulse.Reader.ReadAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    private void Step(CancellationToken stoppingToken)
    {
        try
        {
            if (_isLookWanted && (_lookedAt == 0 || time.GetElapsedTime(_lookedAt) >= Beat))
            {
                Look();
            }

            while (!stoppingToken.IsCancellationRequested && TryTake(out var prefix, out var wanted, out var set))
            {
                Apply(prefix, wanted, set);
            }
        }
        catch (Exception failed)
        {
            // The one place for what goes wrong with the kernel's socket: the next look, a beat later, goes on where this one ended.
            TellFailure(failed);
            _isLookWanted = true;
        }
    }

    private bool TryTake(out IPNetwork prefix, out KernelRoute? wanted, out KernelWay? set)
    {
        lock (_turn)
        {
            while (_dirty.TryDequeue(out prefix))
            {
                if (_entries.TryGetValue(prefix, out var entry) && entry.IsDirty)
                {
                    entry.IsDirty = false;
                    (wanted, set) = (entry.Wanted, entry.Set);
                    return true;
                }
            }
        }

        (wanted, set) = (null, null);
        return false;
    }

    private void Apply(IPNetwork prefix, KernelRoute? wanted, KernelWay? set)
    {
        if (wanted is null)
        {
            Remove(prefix);
            return;
        }

        // (2)
        if (_table!.Resolve(wanted, out var why) is not { } way)
        {
            // What is there leads to where it is not wanted any more.
            if (set is not null)
            {
                _table.Delete(prefix, _options.Metric);
            }

            Fail(wanted, why);
            return;
        }

        // (3)
        var answer = _table.Set(way, replaces: set is not null);
        if (!answer.IsDone)
        {
            Fail(wanted, answer.Error switch
            {
                KernelAnswer.Exists => $"a route that is not ours stands in table {_options.Table} with metric {_options.Metric}",
                KernelAnswer.NotPermitted => "not permitted: CAP_NET_ADMIN is missing in this network namespace",
                _ => answer.Words,
            });
            return;
        }

        lock (_turn)
        {
            var entry = _entries[prefix];
            entry.Set = way;
            entry.Expected = way;
            entry.Be(null, time.NowMicros());
        }
    }

    private void Remove(IPNetwork prefix)
    {
        var answer = _table!.Delete(prefix, _options.Metric);
        lock (_turn)
        {
            var entry = _entries[prefix];
            if (answer.IsDone)
            {
                (entry.Set, entry.Expected) = (null, null);
                if (entry.Wanted is null)
                {
                    _entries.Remove(prefix);
                }
            }
            else
            {
                entry.Be(answer.Words, time.NowMicros());
            }
        }

        if (!answer.IsDone)
        {
            troubles.Note("", "it could not be taken back: " + answer.Words, prefix.ToString());
        }
    }

    // (4)
    private void Fail(KernelRoute wanted, string why)
    {
        lock (_turn)
        {
            var entry = _entries[wanted.Prefix];
            (entry.Set, entry.Expected) = (null, null);
            entry.Be(why, time.NowMicros());
        }

        troubles.Note(wanted.Interface.Length > 0 ? wanted.Interface : wanted.NextHop.ToString(), why, wanted.Prefix.ToString());
    }

    private void Look()
    {
        _isLookWanted = false;
        _lookedAt = time.GetTimestamp();
        var ways = _table!.Read().ToList();
        var left = new List<KernelWay>();
        var repaired = 0;
        lock (_turn)
        {
            var there = new Dictionary<IPNetwork, KernelWay>();
            foreach (var way in ways.Where(way => way.Metric == _options.Metric))
            {
                there.TryAdd(way.Prefix, way);
            }

            left.AddRange(ways.Where(way => _isAllKnown && (way.Metric != _options.Metric || !_entries.ContainsKey(way.Prefix))));
            foreach (var (prefix, entry) in _entries)
            {
                var had = entry.Set is not null;
                var way = there.TryGetValue(prefix, out var found) ? found : default(KernelWay?);
                entry.Set = way;
                if (entry.Wanted is null || way is null || entry.Expected is null || way.Value.Gateway?.Equals(entry.Expected.Value.Gateway) != true || way.Value.Interface != entry.Expected.Value.Interface)
                {
                    repaired += had && entry.Expected is not null && entry.Wanted is not null ? 1 : 0;
                    Mark(prefix, entry, entry.Why);
                }
            }
        }

        foreach (var way in left)
        {
            _table.Delete(way.Prefix, way.Metric);
        }

        if (repaired > 0)
        {
            Interlocked.Add(ref _repaired, repaired);
            LogRepaired(log, repaired);
        }
    }

    private void Mark(IPNetwork prefix, Entry entry, string? why)
    {
        entry.Be(why, entry.SinceAt == 0 || entry.Why != why ? time.NowMicros() : entry.SinceAt);
        if (!entry.IsDirty)
        {
            entry.IsDirty = true;
            _dirty.Enqueue(prefix);
        }
    }

    private void Hear()
    {
        var changed = new List<(KernelWay Way, bool IsGone)>();
        while (!_stopping.IsSet)
        {
            changed.Clear();
            if (_changes!.TryHear(changed, out var hasMissed) && (hasMissed || changed.Exists(each => IsLoss(each.Way, each.IsGone))))
            {
                _isLookWanted = true;
                _pulse.Writer.TryWrite(true);
            }
        }
    }

    // One of ours went, or somebody else's is there instead.
    private bool IsLoss(in KernelWay way, bool isGone)
    {
        if (way.Table != _options.Table || way.Metric != _options.Metric || isGone != (way.Protocol == _options.Protocol))
        {
            return false;
        }

        lock (_turn)
        {
            return _entries.TryGetValue(way.Prefix, out var entry) && entry.Wanted is not null && entry.Set is not null;
        }
    }

    // (5)
    private void TakeBack()
    {
        if (_options.KeepAtEnd)
        {
            return;
        }

        try
        {
            var count = 0;
            foreach (var way in _table!.Read())
            {
                count += _table.Delete(way.Prefix, way.Metric).IsDone ? 1 : 0;
            }

            LogTakenBack(log, count);
        }
        catch (IOException failed)
        {
            TellFailure(failed);
        }
    }

    private void TellFailure(Exception failure)
    {
        if (_failedAt == 0 || time.GetElapsedTime(_failedAt) > FailureEvery)
        {
            _failedAt = time.GetTimestamp();
            LogFailed(log, failure);
        }
    }

    [LoggerMessage(3331, LogLevel.Warning, "{Count} routes of this machine were changed by somebody else and are set again")]
    private static partial void LogRepaired(ILogger log, int count);

    [LoggerMessage(3332, LogLevel.Information, "{Count} routes of this machine were taken back")]
    private static partial void LogTakenBack(ILogger log, int count);

    [LoggerMessage(3333, LogLevel.Error, "routes of this machine could not be looked at or set; it is tried again")]
    private static partial void LogFailed(ILogger log, Exception exception);

    private sealed class Entry
    {
        /// <summary>Null: to be taken back.</summary>
        public KernelRoute? Wanted { get; set; }

        /// <summary>As the kernel has it; null where it has none of ours.</summary>
        public KernelWay? Set { get; set; }

        /// <summary>As we set it.</summary>
        public KernelWay? Expected { get; set; }

        public string? Why { get; private set; }

        public long SinceAt { get; private set; }

        public bool IsDirty { get; set; }

        public void Be(string? why, long at) => (Why, SinceAt) = (why, at);

        public KernelRouteRow ToRow() => new(Wanted!.Prefix.ToString(), Wanted.NextHop.ToString(), Wanted.Interface, KernelRouteRow.States[Why is not null ? 2 : Set is null ? 1 : 0], SinceAt, Why);
    }
}
