using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Meters;

namespace Tsunagi.Ddos.Collect;

/// <summary>
/// Tells what is wrong with collecting, to the provider's operators: once a second it looks (1) at senders that are not allowed, (2) at exporters that do not say
/// how they sample, (3) that are silent or back, (4) and at what was lost by the kernel or on the way, told at most once a minute. Each thing is told once until it ends.
/// </summary>
internal sealed partial class CollectWatch(
    Stores stores, DdosOptions options, FlowCollector collector, ExporterTable exporters, DdosMetrics metrics, Outbox outbox, TimeProvider time, ILogger<CollectWatch> log) : BackgroundService
{
    private const int MostToldStrangers = 100;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LossEvery = TimeSpan.FromMinutes(1);

    private readonly HashSet<string> _strangers = new(StringComparer.Ordinal);
    private readonly HashSet<ExporterKey> _unsampled = [];
    private readonly HashSet<ExporterKey> _silent = [];
    private readonly Dictionary<string, (long Told, long At)> _lost = new(StringComparer.Ordinal);
    private readonly List<(string Type, string Subject, object Facts)> _toTell = [];
    private string? _provider;
    private bool _away;

    /// <summary>One look; what is found is told in one transaction.</summary>
    internal async ValueTask LookAsync(CancellationToken cancellationToken)
    {
        // (1)
        foreach (var (address, datagrams) in exporters.Strangers)
        {
            if (_strangers.Count < MostToldStrangers && _strangers.Add(address.ToString()))
            {
                _toTell.Add((DdosEvents.ExporterUnknown, address.ToString(), new { address = address.ToString(), datagrams }));
            }
        }

        var now = time.NowMicros();
        foreach (var exporter in exporters.All)
        {
            // (2)
            if (exporter.UnsampledRecords > 0 && _unsampled.Add(exporter.Key))
            {
                _toTell.Add((DdosEvents.SamplingUnknown, exporter.Key.ToString(), new { exporter = exporter.Key.ToString(), name = exporter.Name, protocol = exporter.Origin.ToString() }));
            }

            // (3)
            var isSilent = exporter.LastMicros > 0 && now - exporter.LastMicros > (long)options.Collect.SilentAfter.TotalMicroseconds;
            if (isSilent ? _silent.Add(exporter.Key) : _silent.Remove(exporter.Key))
            {
                _toTell.Add((isSilent ? DdosEvents.ExporterSilent : DdosEvents.ExporterBack, exporter.Key.ToString(), new { exporter = exporter.Key.ToString(), name = exporter.Name, last = exporter.LastMicros }));
            }
        }

        // (4)
        LookAtLoss();
        await TellAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Collect.Listen.Count == 0)
        {
            return;
        }

        try
        {
            using var timer = new PeriodicTimer(Every, time);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await LookAsync(stoppingToken);
                    _away = false;
                }
                catch (StoreUnavailableException away)
                {
                    if (!_away)
                    {
                        LogStoreAway(log, away);
                    }

                    _away = true;
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    private void LookAtLoss()
    {
        foreach (var exporter in exporters.All)
        {
            ulong lost;
            lock (collector.Turn)
            {
                lost = exporter.Lost;
            }

            Lost(exporter.Key.ToString(), (long)lost, more => new { exporter = exporter.Key.ToString(), name = exporter.Name, lost = more, where = "sequence" });
        }

        foreach (var socket in collector.Sockets)
        {
            var name = socket.EndPoint.ToString();
            if (Lost(name, socket.KernelDrops, more => new { listener = name, lost = more, where = "kernel" }) is > 0 and var dropped)
            {
                metrics.KernelDropped(dropped);
            }
        }
    }

    /// <summary>Tells of more loss than was told, at most once a minute for each; returns how much.</summary>
    private long Lost(string subject, long total, Func<long, object> facts)
    {
        var (told, at) = _lost.GetValueOrDefault(subject);
        if (total <= told)
        {
            _lost[subject] = (total, at);
            return 0;
        }

        if (at != 0 && time.GetElapsedTime(at) < LossEvery)
        {
            return 0;
        }

        _lost[subject] = (total, time.GetTimestamp());
        _toTell.Add((DdosEvents.FlowsLost, subject, facts(total - told)));
        return total - told;
    }

    private async ValueTask TellAsync(CancellationToken cancellationToken)
    {
        if (_toTell.Count == 0)
        {
            return;
        }

        _provider ??= await stores.Control.ReadAsync(
            static reader => reader.FirstOrDefaultAsync<string>("SELECT tenant_path FROM tenant WHERE kind = @Kind", new { Kind = TenantKind.Provider }), cancellationToken);
        if (_provider is not { } provider)
        {
            return;
        }

        var events = _toTell.Select(told => new Event(Id.New("e", time), told.Type, time.NowMicros(), provider, told.Subject, JsonSerializer.Serialize(told.Facts))).ToList();
        await stores.Control.WriteAsync(
            async transaction =>
            {
                foreach (var told in events)
                {
                    await outbox.AppendAsync(transaction, told);
                }

                return true;
            },
            cancellationToken);
        _toTell.Clear();
    }

    [LoggerMessage(3121, LogLevel.Warning, "the store is away; what is wrong with collecting flows is told when it is back")]
    private static partial void LogStoreAway(ILogger log, Exception exception);
}
