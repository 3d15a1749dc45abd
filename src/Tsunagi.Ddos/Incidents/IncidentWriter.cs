using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Meters;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Ddos.Collect;
using Tsunagi.Ddos.Detect;
using Tsunagi.Ddos.Meters;
using Tsunagi.Ddos.Traffic;

namespace Tsunagi.Ddos.Incidents;

/// <summary>
/// Writes incidents down: (1) at start, those that were open go back to the detector; (2) whatever changed is taken at a pulse or once a second; (3) row, event and
/// meter go into one transaction, the event only when the row is new or closes just now, so that a repeated write tells nothing twice.
/// </summary>
internal sealed partial class IncidentWriter(
    Stores stores, IncidentBook book, Detector detector, FlowCollector collector, Contract.ProtectionContracts contracts, Outbox outbox, Node node, TimeProvider time, ILogger<IncidentWriter> log)
    : BackgroundService
{
    private const long MinuteMicros = 60 * UnixMicros.PerSecond;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private long _sequence;
    private bool _away;

    /// <summary>Writes what has changed; returns how many.</summary>
    internal async ValueTask<int> WriteAsync(CancellationToken cancellationToken)
    {
        var changed = book.TakeChanged();
        for (var i = 0; i < changed.Count; i++)
        {
            try
            {
                await WriteAsync(changed[i], cancellationToken);
            }
            catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException)
            {
                book.GiveBack(changed.Skip(i));
                throw;
            }
        }

        return changed.Count;
    }

    /// <summary>Gives incidents of an earlier run back to the detector.</summary>
    internal async ValueTask AdoptAsync(CancellationToken cancellationToken)
    {
        var rows = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<IncidentRow>(
                $"SELECT {IncidentStore.Columns} FROM ddos_incident WHERE node = @Node AND closed_at IS NULL ORDER BY id", new { Node = node.Name }),
            cancellationToken);
        foreach (var incident in rows.Select(static row => row.ToIncident()))
        {
            book.Adopt(incident);
            lock (collector.Turn)
            {
                detector.Adopt(incident, TrafficSlots.At(time));
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var adopted = false;
        try
        {
            while (true)
            {
                try
                {
                    // (1) When the contracts are known: before that, nothing is anybody's.
                    if (!adopted && contracts.Loaded)
                    {
                        await AdoptAsync(stoppingToken);
                        adopted = true;
                    }

                    // (2)
                    await WriteAsync(stoppingToken);
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

                await book.Signal.WaitAsync(Every, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is open stays open in the store and is taken up at the next start.
        }
    }

    // (3)
    private async ValueTask WriteAsync(Incident incident, CancellationToken cancellationToken)
    {
        var row = IncidentRow.Of(incident, node.Name);
        var (opened, closed) = (Id.New("e", time), Id.New("e", time));
        var sequence = Interlocked.Increment(ref _sequence);
        await stores.Control.WriteAsync(
            async transaction =>
            {
                var isNew = await transaction.ExecuteAsync(
                    $"""
                    INSERT INTO ddos_incident ({IncidentStore.Columns})
                    VALUES (@Id, @TenantPath, @TenantId, @SubscriptionId, @Node, @Target, @Scope, @Vector, @Metric, @LimitValue, @Rule, @Estimate, @Samples, @SamplingRate, @SamplingSource,
                      @ErrorPercent, @OpenedAt, @LastAboveAt, NULL, '', @PeakPackets, @PeakBits, @PeakFlows, @NowPackets, @NowBits, @Sources, @MeanOctets, @TopSources, @TopPorts,
                      @Vectors, @Proposal)
                    ON CONFLICT (id) DO NOTHING
                    """,
                    row) == 1;
                if (isNew)
                {
                    await outbox.AppendAsync(transaction, new Event(opened, DdosEvents.IncidentOpened, incident.OpenedAt, incident.TenantPath, incident.Id, Facts(incident)));
                    await MeterDeltas.AppendAsync(
                        transaction, node.Name, node.Boot, sequence,
                        [new MeterDelta(incident.TenantPath, incident.SubscriptionId, DdosMeters.Incidents, incident.OpenedAt - (incident.OpenedAt % MinuteMicros), 1)], time.NowMicros());
                }

                var closes = await transaction.ExecuteAsync(
                    """
                    UPDATE ddos_incident SET vector = @Vector, last_above_at = @LastAboveAt, peak_packets = @PeakPackets, peak_bits = @PeakBits, peak_flows = @PeakFlows,
                      now_packets = @NowPackets, now_bits = @NowBits, sources = @Sources, mean_octets = @MeanOctets, top_sources = @TopSources, top_ports = @TopPorts, vectors = @Vectors, proposal = @Proposal,
                      closed_at = @ClosedAt, close_reason = @CloseReason
                    WHERE id = @Id AND closed_at IS NULL
                    """,
                    row) == 1 && incident.ClosedAt is not null;
                if (closes)
                {
                    await outbox.AppendAsync(transaction, new Event(closed, DdosEvents.IncidentClosed, incident.ClosedAt!.Value, incident.TenantPath, incident.Id, Facts(incident)));
                }

                return true;
            },
            cancellationToken);
    }

    private static string Facts(Incident incident) => JsonSerializer.Serialize(new
    {
        target = incident.Target, vector = incident.Vector, rule = incident.Rule, estimate = incident.Estimate, metric = incident.Metric, errorPercent = incident.ErrorPercent,
        samplingRate = incident.SamplingRate, peakPackets = incident.PeakPackets, peakBits = incident.PeakBits, subscription = incident.SubscriptionId, closed = incident.CloseReason,
    });

    [LoggerMessage(3201, LogLevel.Warning, "the store is away; incidents are written when it is back")]
    private static partial void LogStoreAway(ILogger log, Exception exception);
}
