using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Nodes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;

namespace Tsunagi.Connectivity.Addresses;

/// <summary>
/// Judges the pools once a minute: (1) what was given back and has rested is free again, (2) this node's part of each pool's use is written down, and the highest of the day, (3) a pool that passes
/// its mark, or will be used up within the days of the option, is told once, and again only after it had recovered, (4) so is one that refused somebody, at most once an hour; (5) holdings that are
/// older than the law wants are deleted. Any node may do each of these: they change nothing the second time.
/// </summary>
internal sealed partial class PoolWatch(Stores stores, AddressAllocator allocator, AddressShares shares, Outbox outbox, AddressOptions options, Node node, TimeProvider time, ILogger<PoolWatch> log) : BackgroundService
{
    private const long DayMicros = 86_400 * UnixMicros.PerSecond;
    private const long HourMicros = 3_600 * UnixMicros.PerSecond;
    private const int DeletedAtATime = 5_000;

    private readonly Dictionary<string, long> _told = new(StringComparer.Ordinal);

    /// <summary>One look at everything.</summary>
    internal async ValueTask JudgeAsync(CancellationToken cancellationToken)
    {
        // (1)
        while (await allocator.FreeRestedAsync(cancellationToken) > 0)
        {
        }

        var pools = await stores.Control.ReadAsync(
            static reader => reader.QueryAsync<Watched>(
                """
                SELECT p.id, p.name, p.cidr, p.part_length, p.purpose, p.reserved, p.tenant_path, p.warn_percent, p.told_at,
                  (SELECT count(*) FROM connectivity_assignment a WHERE a.pool_id = p.id) AS assigned
                FROM connectivity_pool p WHERE p.removed_at IS NULL ORDER BY p.id
                """),
            cancellationToken);
        foreach (var pool in pools)
        {
            await JudgeAsync(pool, cancellationToken);
        }

        // (4)
        foreach (var (pool, at) in allocator.Exhausted.Concat(shares.Exhausted))
        {
            if (at > _told.GetValueOrDefault(pool.Id) + HourMicros)
            {
                _told[pool.Id] = time.NowMicros();
                await TellAsync(ConnectivityEvents.PoolExhausted, pool.Id, pool.TenantPath, new { pool = pool.Name, pool.Cidr }, null, cancellationToken);
            }
        }

        // (5)
        while (await ForgetAsync(cancellationToken) == DeletedAtATime)
        {
        }

        await stores.Control.WriteAsync(
            transaction => transaction.ExecuteAsync("DELETE FROM connectivity_question WHERE asked_at < @Oldest", new { Oldest = time.NowMicros() - (options.KeepDays * DayMicros) }), cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await JudgeAsync(stoppingToken);
            }
            catch (StoreUnavailableException away)
            {
                LogStoreAway(log, away);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                LogFailed(log, fault);
            }

            await Task.Delay(options.JudgeEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async ValueTask JudgeAsync(Watched pool, CancellationToken cancellationToken)
    {
        // (2)
        var now = time.NowMicros();
        var own = pool.Purpose == PoolPurpose.Lines ? pool.Assigned : shares.UsedOf(pool.Id);
        var (used, days) = await stores.Control.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO connectivity_pool_use (pool_id, node, tenant_path, used, at) VALUES (@Pool, @Node, @TenantPath, @Used, @Now)
                    ON CONFLICT (pool_id, node) DO UPDATE SET used = excluded.used, at = excluded.at
                    """,
                    new { Pool = pool.Id, Node = pool.Purpose == PoolPurpose.Lines ? "" : node.Name, pool.TenantPath, Used = own, Now = now });
                var sum = await transaction.FirstOrDefaultAsync<long>("SELECT CAST(coalesce(sum(used), 0) AS bigint) FROM connectivity_pool_use WHERE pool_id = @Id", new { pool.Id });
                await transaction.ExecuteAsync(
                    """
                    INSERT INTO connectivity_pool_day (pool_id, day, used) VALUES (@Id, @Day, @Used)
                    ON CONFLICT (pool_id, day) DO UPDATE SET used = CASE WHEN excluded.used > connectivity_pool_day.used THEN excluded.used ELSE connectivity_pool_day.used END
                    """,
                    new { pool.Id, Day = now / DayMicros, Used = sum });
                await transaction.ExecuteAsync("DELETE FROM connectivity_pool_day WHERE pool_id = @Id AND day < @Oldest", new { pool.Id, Oldest = (now / DayMicros) - PoolForecast.MostDays });
                return (sum, await transaction.QueryAsync<DayUse>("SELECT day, used FROM connectivity_pool_day WHERE pool_id = @Id ORDER BY day", new { pool.Id }));
            },
            cancellationToken);

        // (3)
        var slots = pool.Slots;
        var forecast = PoolForecast.Of([.. days.Select(static day => (day.Day, day.Used))], slots);
        var isLow = used * 100 >= slots * pool.WarnPercent || forecast.DaysLeft <= options.WarnDays;
        if (isLow && pool.ToldAt is null)
        {
            var facts = new
            {
                pool = pool.Name, pool.Cidr, used, parts = slots, percent = Math.Round(100.0 * used / slots, 1), perDay = Math.Round(forecast.PerDay, 1),
                daysLeft = forecast.DaysLeft is { } left ? left.ToString("0.#", CultureInfo.InvariantCulture) : null,
            };
            await TellAsync(ConnectivityEvents.PoolLow, pool.Id, pool.TenantPath, facts, now, cancellationToken);
        }
        else if (!isLow && pool.ToldAt is not null)
        {
            await stores.Control.WriteAsync(transaction => transaction.ExecuteAsync("UPDATE connectivity_pool SET told_at = NULL WHERE id = @Id", new { pool.Id }), cancellationToken);
        }
    }

    /// <param name="toldAt">Written on the pool in the same transaction, where it was not told yet: of two nodes one tells.</param>
    private async ValueTask TellAsync(string type, string pool, string tenantPath, object facts, long? toldAt, CancellationToken cancellationToken) => await stores.Control.WriteAsync(
        async transaction =>
        {
            if (toldAt is null || await transaction.ExecuteAsync("UPDATE connectivity_pool SET told_at = @At WHERE id = @Pool AND told_at IS NULL", new { Pool = pool, At = toldAt }) == 1)
            {
                await outbox.AppendAsync(transaction, new Event(Id.New("e", time), type, time.NowMicros(), tenantPath, pool, JsonSerializer.Serialize(facts)));
            }

            return true;
        },
        cancellationToken);

    private ValueTask<int> ForgetAsync(CancellationToken cancellationToken) => stores.Control.WriteAsync(
        transaction => transaction.ExecuteAsync(
            """
            DELETE FROM connectivity_holding WHERE (vrf_id, holding_key, from_at, session) IN
              (SELECT vrf_id, holding_key, from_at, session FROM connectivity_holding WHERE to_at IS NOT NULL AND to_at < @Oldest ORDER BY to_at, vrf_id, holding_key, from_at, session LIMIT @Limit)
            """,
            new { Oldest = time.NowMicros() - (options.KeepDays * DayMicros), Limit = (long)DeletedAtATime }),
        cancellationToken);

    private sealed record Watched(string Id, string Name, string Cidr, int PartLength, string Purpose, string Reserved, string TenantPath, int WarnPercent, long? ToldAt, long Assigned)
    {
        public long Slots => new PoolRow(Id, TenantPath, Vrf.Global, Name, Cidr, PartLength, Purpose, "", Reserved, 0, WarnPercent, "", 0, 0, 0, null).Parts;
    }

    private sealed record DayUse(long Day, long Used);

    [LoggerMessage(4201, LogLevel.Warning, "the store is away; pools are judged when it is back")]
    private static partial void LogStoreAway(ILogger log, Exception exception);

    [LoggerMessage(4202, LogLevel.Error, "judging the pools of addresses failed; it is tried again")]
    private static partial void LogFailed(ILogger log, Exception exception);
}
