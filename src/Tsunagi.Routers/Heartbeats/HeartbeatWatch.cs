using System.Text.Json;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Routers.Devices;

namespace Tsunagi.Routers.Heartbeats;

/// <summary>
/// Which boxes are silent, by what all nodes wrote: (1) one that was told as silent and beat twice in succession is told as heard, (2) when most boxes missed a heartbeat at once the cause is here and not with ten thousand boxes: that is
/// one event, and one when it is over, (3) otherwise a box that missed three is told as silent, once. After a start, and after the store was away, boxes have the time of a silence to be heard first.
/// </summary>
internal sealed class HeartbeatWatch(Stores stores, DeviceBook devices, RoutersOptions options, Outbox outbox, TimeProvider time)
{
    /// <summary>Fewer boxes than these are never taken for all: each is told by itself.</summary>
    public const int LeastTogether = 5;
    private const int MostAtOnce = 200;
    private const long Minute = 60 * UnixMicros.PerSecond;
    private const int ToldAlone = 1;
    private const int ToldTogether = 2;
    private long _notBefore;

    /// <summary>Nobody is called silent for as long as a silence lasts.</summary>
    public void Rest() => _notBefore = time.NowMicros() + SilentAfter;

    private long SilentAfter => (long)(options.Heartbeats.SilentAfter + options.Heartbeats.KeepEvery).TotalMicroseconds;

    private long MissedAfter => (long)((options.Heartbeats.Interval * 1.5) + options.Heartbeats.KeepEvery).TotalMicroseconds;

    public async ValueTask LookAsync(CancellationToken cancellationToken)
    {
        var provider = await devices.FindProviderAsync(cancellationToken);
        if (provider is null)
        {
            return;
        }

        var now = time.NowMicros();
        var isOver = await stores.Control.WriteAsync(
            async transaction =>
            {
                var before = await CountAsync(transaction, now);

                // (1)
                await ReturnedAsync(transaction);
                var after = await CountAsync(transaction, now);

                // (2)
                if (before.Together > 0)
                {
                    return await GoOnAsync(transaction, provider, before, after, now);
                }

                if (after.Silent > 0 && now >= _notBefore)
                {
                    await (after.Missed >= LeastTogether && 2 * after.Missed > after.Boxes ? TogetherAsync(transaction, provider, after, now) : AloneAsync(transaction, now));
                }

                return false;
            },
            cancellationToken);
        if (isOver)
        {
            Rest();
        }
    }

    private async ValueTask<Standing> CountAsync(ISqlTransaction transaction, long now) => (await transaction.FirstOrDefaultAsync<Standing>(
        """
        SELECT count(*) AS boxes, coalesce(sum(CASE WHEN silent_told = 2 THEN 1 ELSE 0 END), 0) AS together, coalesce(sum(CASE WHEN silent_told = 0 AND heard_at < @Missed THEN 1 ELSE 0 END), 0) AS missed,
          coalesce(sum(CASE WHEN silent_told = 0 AND heard_at < @Silent THEN 1 ELSE 0 END), 0) AS silent
        FROM router_heartbeat WHERE heard_at > 0 AND silent_told <> 1
        """,
        new { Missed = now - MissedAfter, Silent = now - SilentAfter }))!;

    // (1) One heartbeat is a box that came and may go again.
    private async ValueTask ReturnedAsync(ISqlTransaction transaction)
    {
        await transaction.ExecuteAsync("UPDATE router_heartbeat SET silent_told = 0 WHERE silent_told = 2 AND streak >= 2 AND heard_at > silent_at");
        foreach (var row in await ToldAsync(transaction, "h.silent_told = 1 AND h.streak >= 2 AND h.heard_at > h.silent_at", new { Most = (long)MostAtOnce }))
        {
            await transaction.ExecuteAsync("UPDATE router_heartbeat SET silent_told = 0 WHERE device_id = @DeviceId", new { row.DeviceId });
            await TellAsync(transaction, RouterEvents.BoxHeard, row, new { identity = row.Identity, site = row.SiteId, minutes = Math.Max(1, (row.HeardAt - row.SilentAt) / Minute) });
        }
    }

    /// <summary>(2) Those that miss their heartbeats while most do belong to it. It is over when less than half are away; who is away still has the time of a silence.</summary>
    private async ValueTask<bool> GoOnAsync(ISqlTransaction transaction, string provider, Standing before, Standing after, long now)
    {
        if (2 * (after.Together + after.Missed) > after.Boxes)
        {
            await transaction.ExecuteAsync(
                "UPDATE router_heartbeat SET silent_told = @ToldTogether, silent_at = heard_at WHERE silent_told = 0 AND heard_at > 0 AND heard_at < @Missed", new { ToldTogether = (long)ToldTogether, Missed = now - MissedAfter });
            return false;
        }

        await transaction.ExecuteAsync("UPDATE router_heartbeat SET silent_told = 0 WHERE silent_told = 2");
        await TellAsync(transaction, provider, RouterEvents.HeartbeatsHeard, new { boxes = before.Boxes, away = after.Together + after.Missed });
        return true;
    }

    private async ValueTask TogetherAsync(ISqlTransaction transaction, string provider, Standing standing, long now)
    {
        await transaction.ExecuteAsync(
            "UPDATE router_heartbeat SET silent_told = @ToldTogether, silent_at = heard_at WHERE silent_told = 0 AND heard_at > 0 AND heard_at < @Missed", new { ToldTogether = (long)ToldTogether, Missed = now - MissedAfter });
        await TellAsync(transaction, provider, RouterEvents.HeartbeatsSilent, new { boxes = standing.Boxes, silent = standing.Missed });
    }

    // (3)
    private async ValueTask AloneAsync(ISqlTransaction transaction, long now)
    {
        foreach (var row in await ToldAsync(transaction, "h.silent_told = 0 AND h.heard_at > 0 AND h.heard_at < @Silent", new { Silent = now - SilentAfter, Most = (long)MostAtOnce }))
        {
            await transaction.ExecuteAsync("UPDATE router_heartbeat SET silent_told = @ToldAlone, silent_at = heard_at WHERE device_id = @DeviceId", new { row.DeviceId, ToldAlone = (long)ToldAlone });
            await TellAsync(transaction, RouterEvents.BoxSilent, row, new { identity = row.Identity, site = row.SiteId, last = row.HeardAt, address = row.Address });
        }
    }

    private static ValueTask<IReadOnlyList<Told>> ToldAsync(ISqlTransaction transaction, string which, object parameters) => transaction.QueryAsync<Told>(
        $"""
        SELECT h.device_id, h.tenant_path, h.heard_at, h.silent_at, h.address, d.identity, d.site_id FROM router_heartbeat h JOIN router_device d ON d.id = h.device_id WHERE {which} ORDER BY h.device_id LIMIT @Most
        """,
        parameters);

    private ValueTask TellAsync(ISqlTransaction transaction, string type, Told row, object facts) =>
        outbox.AppendAsync(transaction, new Event(Id.New("e", time), type, time.NowMicros(), row.TenantPath, row.DeviceId, JsonSerializer.Serialize(facts)));

    private ValueTask TellAsync(ISqlTransaction transaction, string provider, string type, object facts) =>
        outbox.AppendAsync(transaction, new Event(Id.New("e", time), type, time.NowMicros(), provider, RoutersModule.Id, JsonSerializer.Serialize(facts)));

    /// <param name="Boxes">Those that were ever heard and are not told as silent by themselves.</param>
    /// <param name="Together">Told as silent together.</param>
    /// <param name="Missed">Not told, and one heartbeat away at least.</param>
    /// <param name="Silent">Not told, and silent.</param>
    private sealed record Standing(long Boxes, long Together, long Missed, long Silent);

    private sealed record Told(string DeviceId, string TenantPath, long HeardAt, long SilentAt, string Address, string Identity, string SiteId);
}
