using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Trace;

namespace Tsunagi.Mail.Delivery;

/// <summary>
/// Tells when a next hop goes away and when it is back: once for each outage and tenant whose mail goes there, to the tenant itself and so to everyone above it.
/// (1) Once a second it looks at the next hops that fail or failed, (2) judges (<see cref="OutageJudge"/>), (3) writes event and outage in one transaction: what
/// was told outlives the program, and of several nodes the first that sees an outage tells it, the last that sees it end tells that.
/// </summary>
internal sealed partial class NextHopOutages(
    Stores stores, DeliveryScheduler scheduler, MailOptions options, Outbox outbox, Node node, TimeProvider time, ILogger<NextHopOutages> log) : BackgroundService
{
    private const int TenantsTogether = 100;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, Outage> _outages = new(StringComparer.Ordinal);
    private bool _storeAway;

    /// <summary>Reads what this node told before it was started.</summary>
    internal async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        var rows = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<Row>(
                "SELECT next_hop, tenant_path, since_at FROM mail_next_hop_outage WHERE node = @Node ORDER BY next_hop, tenant_path", new { Node = node.Name }),
            cancellationToken);
        _outages.Clear();
        foreach (var row in rows)
        {
            if (!_outages.TryGetValue(row.NextHop, out var outage))
            {
                _outages[row.NextHop] = outage = new Outage(row.NextHop, row.SinceAt);
            }

            outage.Told.Add(row.TenantPath);
        }
    }

    /// <summary>One look.</summary>
    internal async ValueTask LookAsync(CancellationToken cancellationToken)
    {
        // (1)
        var now = time.NowMicros();
        var seen = scheduler.Health(_outages.Keys).ToDictionary(static health => health.NextHop, StringComparer.Ordinal);
        foreach (var nextHop in seen.Keys.Union(_outages.Keys, StringComparer.Ordinal).ToList())
        {
            var (health, known) = (seen.GetValueOrDefault(nextHop), _outages.GetValueOrDefault(nextHop));

            // (2)
            switch (OutageJudge.Judge(known, health, now, options.Delivery))
            {
                case OutageAct.Away:
                    known ??= new Outage(nextHop, health!.FailingSinceMicros);
                    await TellAwayAsync(known, health!, cancellationToken);
                    break;
                case OutageAct.Back:
                    await TellEndAsync(known!, MailEvents.NextHopBack, known!.AnswersSinceMicros!.Value, cancellationToken);
                    break;
                case OutageAct.Unused when scheduler.KnowsContracts:
                    await TellEndAsync(known!, MailEvents.NextHopUnused, now, cancellationToken);
                    break;
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var loaded = false;
            using var timer = new PeriodicTimer(LookEvery, time);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    if (!loaded)
                    {
                        await LoadAsync(stoppingToken);
                        loaded = true;
                    }

                    await LookAsync(stoppingToken);
                    _storeAway = false;
                }
                catch (StoreUnavailableException away)
                {
                    // Nothing was told: it is judged anew at the next look.
                    if (!_storeAway)
                    {
                        LogStoreAway(log, away);
                    }

                    _storeAway = true;
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops; what was told is in the store.
        }
    }

    // (3)
    private async ValueTask TellAwayAsync(Outage outage, NextHopHealth health, CancellationToken cancellationToken)
    {
        foreach (var tenants in health.Waiting.Where(pair => !outage.Told.Contains(pair.Key)).Chunk(TenantsTogether))
        {
            await stores.Control.WriteAsync(
                async transaction =>
                {
                    foreach (var (tenant, waiting) in tenants)
                    {
                        var elsewhere = await CountAsync(transaction, outage.NextHop, tenant);
                        await transaction.ExecuteAsync(
                            """
                            INSERT INTO mail_next_hop_outage (node, next_hop, tenant_path, since_at) VALUES (@Node, @NextHop, @Tenant, @Since)
                            ON CONFLICT (node, next_hop, tenant_path) DO NOTHING
                            """,
                            new { Node = node.Name, outage.NextHop, Tenant = tenant, Since = outage.SinceMicros });
                        if (elsewhere == 0)
                        {
                            await AppendAsync(transaction, MailEvents.NextHopAway, tenant, outage.NextHop, new
                            {
                                nextHop = outage.NextHop, since = outage.SinceMicros, waiting, reason = health.Reason, nextAt = health.NextProbeMicros,
                            });
                        }
                    }

                    return true;
                },
                cancellationToken);
            _outages[outage.NextHop] = outage;
            outage.Told.UnionWith(tenants.Select(static pair => pair.Key));
        }
    }

    private async ValueTask TellEndAsync(Outage outage, string type, long untilMicros, CancellationToken cancellationToken)
    {
        foreach (var tenants in outage.Told.Chunk(TenantsTogether))
        {
            await stores.Control.WriteAsync(
                async transaction =>
                {
                    foreach (var tenant in tenants)
                    {
                        await transaction.ExecuteAsync(
                            "DELETE FROM mail_next_hop_outage WHERE node = @Node AND next_hop = @NextHop AND tenant_path = @Tenant",
                            new { Node = node.Name, outage.NextHop, Tenant = tenant });
                        if (await CountAsync(transaction, outage.NextHop, tenant) == 0)
                        {
                            await AppendAsync(transaction, type, tenant, outage.NextHop, new
                            {
                                nextHop = outage.NextHop, since = outage.SinceMicros, until = untilMicros, waiting = scheduler.Waiting(outage.NextHop, tenant),
                            });
                        }
                    }

                    return true;
                },
                cancellationToken);
            outage.Told.ExceptWith(tenants);
        }

        _outages.Remove(outage.NextHop);
    }

    private static ValueTask<long> CountAsync(ISqlTransaction transaction, string nextHop, string tenant) => transaction.FirstOrDefaultAsync<long>(
        "SELECT count(*) FROM mail_next_hop_outage WHERE next_hop = @NextHop AND tenant_path = @Tenant", new { NextHop = nextHop, Tenant = tenant });

    private ValueTask AppendAsync(ISqlTransaction transaction, string type, string tenant, string nextHop, object facts) =>
        outbox.AppendAsync(transaction, new Event(Id.New("e", time), type, time.NowMicros(), tenant, nextHop, JsonSerializer.Serialize(facts)));

    private sealed record Row(string NextHop, string TenantPath, long SinceAt);

    [LoggerMessage(2121, LogLevel.Warning, "the store is away; outages of next hops are told when it is back")]
    private static partial void LogStoreAway(ILogger log, Exception exception);
}
