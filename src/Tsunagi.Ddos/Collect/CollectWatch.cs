using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Ddos.Archive;
using Tsunagi.Ddos.Incidents;
using Tsunagi.Ddos.Meters;
using Tsunagi.Ddos.Traffic;

namespace Tsunagi.Ddos.Collect;

/// <summary>
/// Tells what is wrong with collecting, to the provider's operators: once a second it looks (1) at senders that are not allowed, (2) at exporters that do not say
/// how they sample, or that may be forged, (3) that are silent or back, (4) at what was lost by the kernel or on the way, at records that were not kept or not counted by address, told at most once a minute. Each thing is told once until it ends.
/// </summary>
internal sealed partial class CollectWatch(
    Stores stores, DdosOptions options, FlowCollector collector, FlowArchive archive, TrafficCounter traffic, ExporterTable exporters, DdosMetrics metrics, Outbox outbox, TimeProvider time, ILogger<CollectWatch> log) : BackgroundService
{
    private const int MostToldStrangers = 100;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LossEvery = TimeSpan.FromMinutes(1);

    private readonly HashSet<string> _strangers = new(StringComparer.Ordinal);
    private readonly HashSet<ExporterKey> _unsampled = [];
    private readonly HashSet<ExporterKey> _silent = [];
    private readonly HashSet<ExporterKey> _doubted = [];
    private readonly Dictionary<string, (long Told, long At)> _lost = new(StringComparer.Ordinal);
    private readonly Findings _found = new(stores, outbox, time);

    /// <summary>One look; what is found is told in one transaction.</summary>
    internal async ValueTask LookAsync(CancellationToken cancellationToken)
    {
        // (1)
        foreach (var (address, datagrams) in exporters.Strangers)
        {
            if (_strangers.Count < MostToldStrangers && _strangers.Add(address.ToString()))
            {
                _found.Add(DdosEvents.ExporterUnknown, address.ToString(), null, JsonSerializer.Serialize(new { address = address.ToString(), datagrams }));
            }
        }

        var now = time.NowMicros();
        foreach (var exporter in exporters.All)
        {
            // (2)
            if (exporter.UnsampledRecords > 0 && _unsampled.Add(exporter.Key))
            {
                _found.Add(DdosEvents.SamplingUnknown, exporter.Key.ToString(), null, JsonSerializer.Serialize(new { exporter = exporter.Key.ToString(), name = exporter.Name, protocol = exporter.Origin.ToString() }));
            }

            string doubt;
            lock (collector.Turn)
            {
                exporter.Doubt.Look(TrafficSlots.Now(time));
                doubt = exporter.Doubt.IsTold ? exporter.Doubt.Why : "";
            }

            if (doubt.Length == 0)
            {
                _doubted.Remove(exporter.Key);
            }
            else if (_doubted.Add(exporter.Key))
            {
                _found.Add(DdosEvents.ExporterDoubted, exporter.Key.ToString(), null, JsonSerializer.Serialize(new { exporter = exporter.Key.ToString(), name = exporter.Name, why = doubt, rulesWait = !exporter.IsTrusted }));
            }

            // (3)
            var isSilent = exporter.LastMicros > 0 && now - exporter.LastMicros > (long)options.Collect.SilentAfter.TotalMicroseconds;
            if (isSilent ? _silent.Add(exporter.Key) : _silent.Remove(exporter.Key))
            {
                _found.Add(isSilent ? DdosEvents.ExporterSilent : DdosEvents.ExporterBack, exporter.Key.ToString(), null, JsonSerializer.Serialize(new { exporter = exporter.Key.ToString(), name = exporter.Name, last = exporter.LastMicros }));
            }
        }

        // (4)
        LookAtLoss();
        await _found.TellAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        options.Collect.Listen.Count == 0 ? Task.CompletedTask : Looks.RunAsync("collecting flows", Every, LookAsync, away => LogStoreAway(log, away), time, log, stoppingToken);

    private void LookAtLoss()
    {
        foreach (var exporter in exporters.All)
        {
            ulong lost;
            lock (collector.Turn)
            {
                lost = exporter.Lost;
            }

            Lost(DdosEvents.FlowsLost, exporter.Key.ToString(), (long)lost, more => new { exporter = exporter.Key.ToString(), name = exporter.Name, lost = more, where = "sequence" });
        }

        foreach (var socket in collector.Sockets)
        {
            var name = socket.EndPoint.ToString();
            if (Lost(DdosEvents.FlowsLost, name, socket.KernelDrops, more => new { listener = name, lost = more, where = "kernel" }) is > 0 and var dropped)
            {
                metrics.KernelDropped(dropped);
            }
        }

        var why = archive.Failure;
        Lost(DdosEvents.FlowsNotKept, "archive", archive.Lost, more => new { lost = more, why = why.Length > 0 ? why : "the writer was behind" });
        long uncounted;
        lock (collector.Turn)
        {
            uncounted = traffic.Uncounted;
        }

        if (Lost(DdosEvents.NotCounted, "counters", uncounted, more => new { records = more, limit = options.Traffic.MaxCounted }) is > 0 and var notCounted)
        {
            metrics.NotCounted(notCounted);
        }
    }

    /// <summary>Tells of more loss than was told, at most once a minute for each; returns how much.</summary>
    private long Lost(string type, string subject, long total, Func<long, object> facts)
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
        _found.Add(type, subject, null, JsonSerializer.Serialize(facts(total - told)));
        return total - told;
    }

    [LoggerMessage(3121, LogLevel.Warning, "the store is away; what is wrong with collecting flows is told when it is back")]
    private static partial void LogStoreAway(ILogger log, Exception exception);
}
