using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Routers.Devices;

namespace Tsunagi.Routers.Heartbeats;

/// <summary>
/// Every ten seconds: (1) what was heard goes into the store, a thousand boxes a transaction, each only if it is still that site's, so that every node and the next start know when a box was last heard, (2) once a minute boxes that
/// left their sites at another node are forgotten, (3) what was refused is told, (4) <see cref="HeartbeatWatch"/> looks. The hour of a box goes with it every ten minutes, and when the program stops.
/// </summary>
internal sealed partial class HeartbeatWriter(
    Stores stores, HeartbeatBook book, HeartbeatWatch watch, DeviceBook devices, RoutersOptions options, TimeProvider time, ILogger<HeartbeatWriter> log) : BackgroundService
{
    private const int RowsAtOnce = 1_000;
    private const int MostToldAnHour = 200;
    private const long Minute = 60 * UnixMicros.PerSecond;

    private static readonly RowStatement Heard = RowStatement.Update(
        "router_heartbeat",
        [
            RowColumn.Text("id"), RowColumn.Number("since"), RowColumn.Number("heard"), RowColumn.Text("whence"), RowColumn.Number("row_streak"), RowColumn.Number("row_cpu"), RowColumn.Number("used"), RowColumn.Number("available"),
            RowColumn.Text("counted"),
        ],
        "heard_at = given.heard, address = given.whence, streak = given.row_streak, cpu = given.row_cpu, memory_used = given.used, memory_available = given.available, interfaces = given.counted",
        "router_heartbeat.device_id = given.id AND router_heartbeat.first_at = given.since AND router_heartbeat.heard_at < given.heard");

    private static readonly RowStatement Hours = RowStatement.Update(
        "router_heartbeat_hour", [RowColumn.Text("id"), RowColumn.Number("since"), RowColumn.Number("newest"), RowColumn.Text("row_cells")], "minute = given.newest, cells = given.row_cells",
        "router_heartbeat_hour.device_id = given.id AND router_heartbeat_hour.first_at = given.since AND router_heartbeat_hour.minute <= given.newest");

    private (long Boxes, long Newest) _seen;
    private long _sweptAt;
    private long _toldHour;
    private int _toldThisHour;

    /// <summary>(1) to (4).</summary>
    internal async ValueTask LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            await KeepAsync(cancellationToken);
            await SweepAsync(cancellationToken);
            await TellAsync(cancellationToken);
        }
        catch
        {
            // Boxes were heard that the store does not know of: nobody is called silent for that.
            watch.Rest();
            throw;
        }

        await watch.LookAsync(cancellationToken);
    }

    /// <summary>(1)</summary>
    internal async ValueTask KeepAsync(CancellationToken cancellationToken)
    {
        while (book.TakeDirty(RowsAtOnce, time.NowMicros()) is { Count: > 0 } kept)
        {
            // In the order of the table: neighbours share a page.
            kept.Sort(static (one, other) => string.CompareOrdinal(one.Device, other.Device));
            try
            {
                await stores.Control.WriteAsync(
                    async transaction =>
                    {
                        await transaction.WriteRowsAsync(
                            Heard,
                            [.. kept.Select(static box => (object?[])[box.Device, box.FirstAt, box.HeardAt, HeartbeatAddress.Text(box.Address), (long)box.Streak, (long)box.Cpu, box.MemoryUsed, box.MemoryAvailable, box.Interfaces])]);
                        await transaction.WriteRowsAsync(Hours, [.. kept.Where(static box => box.Hour is not null).Select(static box => (object?[])[box.Device, box.FirstAt, box.Minute, box.Hour])]);
                        return true;
                    },
                    cancellationToken);
            }
            catch
            {
                book.PutBack(kept);
                throw;
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Heartbeats.Listen.Count == 0)
        {
            return;
        }

        watch.Rest();
        await Looks.RunAsync("heartbeats", options.Heartbeats.KeepEvery, LookAsync, away => LogStoreAway(log, away), time, log, stoppingToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (options.Heartbeats.Listen.Count == 0)
        {
            return;
        }

        try
        {
            book.SoilAll();
            await KeepAsync(cancellationToken);
        }
        catch (Exception failure) when (failure is StoreUnavailableException or OperationCanceledException)
        {
            LogStoreAway(log, failure);
        }
    }

    // (2) Only when a row came or went since the last look.
    private async ValueTask SweepAsync(CancellationToken cancellationToken)
    {
        var now = time.NowMicros();
        if (now - _sweptAt < Minute)
        {
            return;
        }

        var seen = (await stores.Control.ReadAsync(static reader => reader.FirstOrDefaultAsync<Seen>("SELECT count(*) AS boxes, coalesce(max(first_at), 0) AS newest FROM router_heartbeat"), cancellationToken))!;
        if ((seen.Boxes, seen.Newest) != _seen)
        {
            // Asked before the store is, so that one which came meanwhile is not taken for one that went.
            var boxes = book.Boxes();
            var kept = (await stores.Control.ReadAsync(static reader => reader.QueryAsync<Kept>("SELECT device_id, first_at FROM router_heartbeat ORDER BY device_id"), cancellationToken)).ToDictionary(static row => row.DeviceId, static row => row.FirstAt);
            foreach (var (id, device, firstAt) in boxes)
            {
                if (!kept.TryGetValue(device, out var since) || since != firstAt)
                {
                    book.Forget(id, firstAt);
                }
            }

            _seen = (seen.Boxes, seen.Newest);
        }

        _sweptAt = now;
    }

    // (3) Whoever floods with wrong heartbeats does not fill the events: beyond so many an hour they are counted alone.
    private async ValueTask TellAsync(CancellationToken cancellationToken)
    {
        var hour = time.NowMicros() / (60 * Minute);
        (_toldHour, _toldThisHour) = _toldHour == hour ? (_toldHour, _toldThisHour) : (hour, 0);
        var troubles = book.TakeTroubles(MostToldAnHour);
        foreach (var trouble in troubles.Take(MostToldAnHour - _toldThisHour))
        {
            _toldThisHour++;
            await stores.Control.WriteAsync(
                async transaction =>
                {
                    if (await transaction.FirstOrDefaultAsync<RouterDevice>($"SELECT {RouterDevice.Columns} FROM router_device WHERE id = @Device", new { trouble.Device }) is { } device)
                    {
                        await devices.TellAsync(transaction, RouterEvents.HeartbeatRefused, device, new { identity = device.Identity, site = device.SiteId, why = trouble.Why });
                    }

                    return true;
                },
                cancellationToken);
        }
    }

    private sealed record Seen(long Boxes, long Newest);

    private sealed record Kept(string DeviceId, long FirstAt);

    [LoggerMessage(6113, LogLevel.Warning, "the store is away; what was heard of boxes is kept in memory and written when it is back")]
    private static partial void LogStoreAway(ILogger log, Exception exception);
}
