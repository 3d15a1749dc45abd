using System.Text.Json;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Probes;

/// <summary>
/// Makes durable what the prober found, a part at a time, each in one transaction that the lease guards: minutes, and with a path that was lost or came back the probe's state, the outage and the event. While
/// the store is away it waits here; when too much waits, the oldest minutes go and are unknown. For one caller at a time.
/// </summary>
internal sealed class ProbeWriter(Stores stores, Outbox outbox, Node node, ProbeOptions options, TimeProvider time)
{
    private const int AtATime = 100;

    private readonly Queue<ProbeMinute> _minutes = new();
    private readonly Queue<(ProbeRow Probe, PathChange Change)> _changes = new();

    /// <summary>Minutes that were given up while the store was away.</summary>
    public long Forgotten { get; private set; }

    public string SenderOf(ILease? lease) => lease is null ? node.Name : $"{node.Name}/{lease.Epoch}";

    public void Add(ProbeMinute minute)
    {
        _minutes.Enqueue(minute);
        while (_minutes.Count > options.MostWaitingMinutes)
        {
            _minutes.Dequeue();
            Forgotten++;
        }
    }

    public void Add(ProbeRow probe, PathChange change) => _changes.Enqueue((probe, change));

    public async ValueTask WriteAsync(ILease? lease, CancellationToken cancellationToken)
    {
        while (_changes.TryPeek(out var first))
        {
            await stores.Control.WriteAsync(
                async transaction =>
                {
                    await GuardAsync(lease, transaction);
                    await ApplyAsync(transaction, first.Probe, first.Change);
                    return true;
                },
                cancellationToken);
            _changes.Dequeue();
        }

        while (_minutes.Count > 0)
        {
            var part = _minutes.Take(AtATime).ToList();
            await stores.Control.WriteAsync(
                async transaction =>
                {
                    await GuardAsync(lease, transaction);
                    foreach (var minute in part)
                    {
                        await transaction.ExecuteAsync(
                            $"""
                            INSERT INTO connectivity_probe_minute ({ProbeMinute.Columns})
                            VALUES (@ProbeId, @Minute, @Node, @TenantPath, @LineId, @SubscriptionId, @Sent, @Received, @Lost, @Duplicates, @Reordered, @Unclear, @P50, @P95, @P99, @Least, @Most, @Variation50, @Variation95, @Delayed, @DelayMicros, @Delays)
                            ON CONFLICT (probe_id, minute, node) DO NOTHING
                            """,
                            minute);
                    }

                    return true;
                },
                cancellationToken);
            for (var i = 0; i < part.Count; i++)
            {
                _minutes.Dequeue();
            }
        }
    }

    /// <summary>Deletes what is older than is kept.</summary>
    public async ValueTask ForgetAsync(CancellationToken cancellationToken)
    {
        const int Most = 2_000;
        var oldest = time.NowMicros() - (options.KeepDays * 86_400 * UnixMicros.PerSecond);
        while (await stores.Control.WriteAsync(
            transaction => transaction.ExecuteAsync(
                """
                DELETE FROM connectivity_probe_minute WHERE (probe_id, minute, node) IN
                  (SELECT probe_id, minute, node FROM connectivity_probe_minute WHERE minute < @Oldest ORDER BY minute, probe_id, node LIMIT @Limit)
                """,
                new { Oldest = oldest / (60 * UnixMicros.PerSecond), Limit = (long)Most }),
            cancellationToken) == Most)
        {
        }

        await stores.Control.WriteAsync(transaction => transaction.ExecuteAsync("DELETE FROM connectivity_outage WHERE to_at IS NOT NULL AND to_at < @Oldest", new { Oldest = oldest }), cancellationToken);
    }

    private async ValueTask ApplyAsync(ISqlTransaction transaction, ProbeRow probe, PathChange change)
    {
        if (await transaction.ExecuteAsync(
            "UPDATE connectivity_probe SET state = @State, state_since = @At, node = @Node WHERE id = @Id AND removed_at IS NULL", new { change.State, change.At, Node = node.Name, probe.Id }) == 0)
        {
            return;
        }

        if (change.State == ProbeState.Lost)
        {
            var made = await transaction.ExecuteAsync(
                """
                INSERT INTO connectivity_outage (id, tenant_path, tenant_id, line_id, subscription_id, source, source_id, cause, note, from_at, to_at, version)
                VALUES (@Id, @TenantPath, @TenantId, @LineId, @SubscriptionId, 'probe', @Probe, '', '', @At, NULL, 1) ON CONFLICT (source_id) WHERE to_at IS NULL DO NOTHING
                """,
                new { Id = Id.New("og", time), probe.TenantPath, probe.TenantId, probe.LineId, probe.SubscriptionId, Probe = probe.Id, change.At });
            if (made == 1)
            {
                await TellAsync(transaction, ProbeEvents.PathLost, probe, new { line = probe.LineId, probe = probe.Name, since = UnixMicros.ToDateTimeOffset(change.At) });
            }

            return;
        }

        var from = await transaction.FirstOrDefaultAsync<long?>("UPDATE connectivity_outage SET to_at = @At, version = version + 1 WHERE source_id = @Id AND to_at IS NULL RETURNING from_at", new { probe.Id, change.At });
        if (from is { } lost)
        {
            await TellAsync(transaction, ProbeEvents.PathBack, probe, new { line = probe.LineId, probe = probe.Name, seconds = (change.At - lost) / UnixMicros.PerSecond });
        }
    }

    private ValueTask TellAsync(ISqlTransaction transaction, string type, ProbeRow probe, object facts) =>
        outbox.AppendAsync(transaction, new Event(Id.New("e", time), type, time.NowMicros(), probe.TenantPath, probe.LineId, JsonSerializer.Serialize(facts)));

    private static ValueTask GuardAsync(ILease? lease, ISqlTransaction transaction) => lease is null ? default : lease.GuardAsync(transaction);
}
