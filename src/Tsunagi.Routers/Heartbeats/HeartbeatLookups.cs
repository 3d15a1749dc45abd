using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Devices;
using Tsunagi.Routers.Meters;

namespace Tsunagi.Routers.Heartbeats;

/// <summary>
/// Asks the store for boxes that this node does not know yet, many at a time, and lets the datagram that asked try again. What waits is bounded, and a batch with ids that nobody knows, or with heartbeats that are not theirs, is followed by a pause: a flood of
/// them costs a few queries a second, and boxes that are known are heard all the while.
/// </summary>
internal sealed partial class HeartbeatLookups(Stores stores, DeviceSecrets secrets, HeartbeatBook book, RouterMetrics metrics, TimeProvider time, ILogger<HeartbeatLookups> log) : BackgroundService
{
    public const int MostWaiting = 4_096;
    private const int AtOnce = 256;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AwayPause = TimeSpan.FromSeconds(1);
    private readonly Channel<Waiting> _waiting = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(MostWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    /// <summary>False when too many wait: the box's next heartbeat asks again.</summary>
    public bool TryAsk(ReadOnlySpan<byte> datagram, UInt128 from) => _waiting.Writer.TryWrite(new Waiting(datagram.ToArray(), from));

    /// <summary>One batch: true when something in it was no box's.</summary>
    internal async ValueTask<bool> AnswerAsync(CancellationToken cancellationToken)
    {
        var batch = new List<Waiting>();
        while (batch.Count < AtOnce && _waiting.Reader.TryRead(out var one))
        {
            batch.Add(one);
        }

        var asked = batch.Select(static one => Heartbeat.TryReadId(one.Datagram, out var id) ? id : default).ToHashSet();
        var askedAt = time.NowMicros();
        var rows = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<Row>(
                """
                SELECT d.id AS device_id, d.identity, d.tenant_path, h.first_at, h.keyed_at, h.heard_at, h.interfaces, s.box, coalesce(m.minute, 0) AS minute, coalesce(m.cells, '') AS cells
                FROM router_device d JOIN router_heartbeat h ON h.device_id = d.id JOIN router_secret s ON s.device_id = d.id AND s.name = 'heartbeat' LEFT JOIN router_heartbeat_hour m ON m.device_id = d.id
                WHERE d.identity IN @Identities ORDER BY d.id
                """,
                new { Identities = asked.Select(static id => id.ToString()).ToArray() }),
            cancellationToken);
        var now = time.NowMicros();
        foreach (var row in rows)
        {
            if (DistributionId.TryParse(row.Identity, out var id) && await secrets.OpenAsync(row.TenantPath, row.Box, cancellationToken) is { } opened && Encoding.ASCII.GetBytes(opened.Password) is { Length: HeartbeatKey.Length } passphrase)
            {
                asked.Remove(id);
                book.Put(new HeartbeatBox(id, row.DeviceId, row.FirstAt, row.KeyedAt, passphrase, row.HeardAt, HeartbeatInterfaces.Counters(row.Interfaces), HeartbeatMinutes.Of(row.Cells, row.Minute)), now);
            }
        }

        foreach (var unknown in asked)
        {
            book.PutUnknown(unknown.Value, askedAt, now);
        }

        var isWasted = false;
        foreach (var one in batch)
        {
            var outcome = book.Take(one.Datagram, one.From, time.NowMicros());
            isWasted |= outcome is HeartbeatOutcome.Nobody or HeartbeatOutcome.WrongKey;
            metrics.Beat(outcome);
        }

        return isWasted;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var isAway = false;
        try
        {
            while (await _waiting.Reader.WaitToReadAsync(stoppingToken))
            {
                var pause = TimeSpan.Zero;
                try
                {
                    pause = await AnswerAsync(stoppingToken) ? Pause : TimeSpan.Zero;
                    isAway = false;
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    // The one place for whatever goes wrong with a batch: its boxes ask again with their next heartbeat.
                    if (!isAway)
                    {
                        LogAway(log, failure);
                    }

                    (isAway, pause) = (true, AwayPause);
                }

                if (pause > TimeSpan.Zero)
                {
                    await Task.Delay(pause, time, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    private sealed record Waiting(byte[] Datagram, UInt128 From);

    private sealed record Row(string DeviceId, string Identity, string TenantPath, long FirstAt, long KeyedAt, long HeardAt, string Interfaces, byte[] Box, long Minute, string Cells);

    [LoggerMessage(6112, LogLevel.Warning, "boxes whose heartbeats came could not be looked up; their next heartbeat asks again")]
    private static partial void LogAway(ILogger log, Exception exception);
}
