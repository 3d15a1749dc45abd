using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Events;
using Tsunagi.Core.Ids;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Routers.Arms;
using Tsunagi.Routers.Cwmp;
using Tsunagi.Routers.Tasks;

namespace Tsunagi.Routers.Devices;

/// <summary>
/// At its start: that a listener for TLS 1.0 is on. Every ten seconds: (1) sessions that are silent end, (2) tasks that waited too long end, (3) once a minute, routers whose tunnels are there are noted, and tunnels of those that lost their
/// site are closed, (4) routers that are silent are told, once.
/// </summary>
internal sealed partial class RoutersWatch(Stores stores, AcsSessions sessions, TaskBook tasks, DeviceBook devices, ArmsTunnels tunnels, RoutersOptions options, Outbox outbox, TimeProvider time, ILogger<RoutersWatch> log) : BackgroundService
{
    private const int LooksBetweenTunnels = 6;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);
    private int _looks;
    private bool _isLegacyTold = options.Arms.LegacyListen.Count == 0;

    internal async ValueTask LookAsync(CancellationToken cancellationToken)
    {
        if (!_isLegacyTold && await devices.FindProviderAsync(cancellationToken) is { } provider)
        {
            await stores.Control.WriteAsync(
                async transaction =>
                {
                    await outbox.AppendAsync(transaction, new Event(Id.New("e", time), RouterEvents.LegacyTls, time.NowMicros(), provider, RoutersModule.Id, JsonSerializer.Serialize(new { listen = options.Arms.LegacyListen })));
                    return true;
                },
                cancellationToken);
            _isLegacyTold = true;
        }

        // (1)
        sessions.Sweep();

        // (2)
        await tasks.ExpireAsync(cancellationToken);

        // (3)
        if (_looks++ % LooksBetweenTunnels == 0 && tunnels.Count > 0)
        {
            foreach (var lost in await devices.AliveAsync(tunnels.Devices, cancellationToken))
            {
                tunnels.Close(lost);
            }
        }

        // (4)
        await stores.Control.WriteAsync(
            async transaction =>
            {
                var silent = await transaction.QueryAsync<RouterDevice>(
                    $"""
                    SELECT {RouterDevice.Columns} FROM router_device
                    WHERE state <> 'unclaimed' AND silent_told = 0 AND informed_at > 0 AND informed_at + silent_after < @Now ORDER BY id LIMIT 200
                    """,
                    new { Now = time.NowMicros() });
                foreach (var device in silent)
                {
                    await transaction.ExecuteAsync("UPDATE router_device SET silent_told = 1 WHERE id = @Id", new { device.Id });
                    await devices.TellAsync(transaction, RouterEvents.Silent, device, new { identity = device.Identity, last = device.InformedAt });
                }

                return silent.Count;
            },
            cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Looks.RunAsync("the routers", Every, LookAsync, away => LogStoreAway(log, away), time, log, stoppingToken);

    [LoggerMessage(6103, LogLevel.Warning, "the store is away; silent routers and tasks that waited too long are told when it is back")]
    private static partial void LogStoreAway(ILogger log, Exception exception);
}
