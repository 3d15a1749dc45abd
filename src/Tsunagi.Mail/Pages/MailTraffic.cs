using System.Collections.Concurrent;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Delivery;
using Tsunagi.Ui.Live;

namespace Tsunagi.Mail.Pages;

/// <summary>A slot of time and its mail, by what has become of it since.</summary>
internal sealed record MailSlot(long Slot, long Accepted, long Delivered, long Waiting, long Failed);

/// <summary>
/// How much mail flows: the last hour for the dashboard, and the figures that move. Messages are found by the time in their ids, so
/// only the hour asked for is read; an answer serves everyone of the same scope for five seconds.
/// </summary>
internal sealed class MailTraffic(Stores stores, DeliveryScheduler scheduler, TimeProvider time) : ILiveFigures
{
    private const long Minute = 60 * UnixMicros.PerSecond;
    private const int MostScopes = 1_000;
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(5);

    public static readonly TenantQuery BySlot = new("mail.traffic.by-slot", """
        SELECT (m.accepted_at / @Slot) * @Slot AS slot, count(*) AS accepted, sum(CASE WHEN m.state IN ('delivered', 'partial') THEN 1 ELSE 0 END) AS delivered,
          sum(CASE WHEN m.state IN ('queued', 'deferred', 'held') THEN 1 ELSE 0 END) AS waiting, sum(CASE WHEN m.state IN ('failed', 'expired', 'dropped') THEN 1 ELSE 0 END) AS failed
        FROM mail_message m WHERE {tenant:m} AND m.id >= @From GROUP BY 1 ORDER BY 1
        """);

    public static readonly TenantQuery Count = new("mail.traffic.lately", "SELECT count(*) FROM mail_message WHERE {tenant} AND id >= @From");

    private readonly ConcurrentDictionary<string, (long At, IReadOnlyList<MailSlot> Slots)> _recent = new();

    /// <summary>The last hour by the minute, without gaps; where mail began to flow in the last ten minutes, those by ten seconds.</summary>
    public async ValueTask<IReadOnlyList<MailSlot>> LatelyAsync(TenantScope scope, CancellationToken cancellationToken)
    {
        if (_recent.TryGetValue(scope.Path, out var known) && time.GetElapsedTime(known.At) < GoodFor)
        {
            return known.Slots;
        }

        var slots = await ReadAsync(scope, Minute, cancellationToken);
        if (slots.Take(50).All(static slot => slot.Accepted == 0))
        {
            slots = await ReadAsync(scope, 10 * UnixMicros.PerSecond, cancellationToken);
        }

        if (_recent.Count >= MostScopes)
        {
            _recent.Clear();
        }

        _recent[scope.Path] = (time.GetTimestamp(), slots);
        return slots;
    }

    public async ValueTask<long> PerMinuteAsync(TenantScope scope, CancellationToken cancellationToken) =>
        await new TenantStore(stores.Projections, scope).FirstOrDefaultAsync<long>(Count, new { From = IdAt(time.NowMicros() - Minute) }, cancellationToken);

    /// <summary>What waits on this node for the scope's next hops.</summary>
    public long Waiting(TenantScope scope) => scheduler.NextHops(scope).Sum(static hop => (long)hop.Ready + hop.Waiting + hop.InDelivery);

    public long Failing(TenantScope scope) => scheduler.NextHops(scope).Count(static hop => hop.State != "up");

    public async ValueTask ReadAsync(TenantScope scope, IDictionary<string, double> figures, CancellationToken cancellationToken)
    {
        figures["mail.per-minute"] = await PerMinuteAsync(scope, cancellationToken);
        figures["mail.waiting"] = Waiting(scope);
        figures["mail.failing"] = Failing(scope);
    }

    private async ValueTask<IReadOnlyList<MailSlot>> ReadAsync(TenantScope scope, long length, CancellationToken cancellationToken)
    {
        var from = (time.NowMicros() / length * length) - (59 * length);
        var rows = (await new TenantStore(stores.Projections, scope).QueryAsync<MailSlot>(BySlot, new { Slot = length, From = IdAt(from) }, cancellationToken)).ToDictionary(static row => row.Slot);
        return [.. Enumerable.Range(0, 60).Select(i => from + (i * length)).Select(slot => rows.GetValueOrDefault(slot) ?? new MailSlot(slot, 0, 0, 0, 0))];
    }

    private static string IdAt(long micros) => Id.Format("m", micros / 1000, stackalloc byte[10]);
}
