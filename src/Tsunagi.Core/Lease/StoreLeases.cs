using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;

namespace Tsunagi.Core.Lease;

/// <summary>
/// Leases between nodes, by rows. No clock is compared with another's: a holder raises the row's beat, and a candidate takes over when it has
/// itself seen the same beat for the whole time to live on its own monotonic clock.
/// </summary>
internal sealed class StoreLeases(Stores stores, string holder, LeaseOptions options, TimeProvider time, ILogger logger) : Leases(options, time, logger)
{
    private readonly ConcurrentDictionary<string, Seen> _seen = new(StringComparer.Ordinal);
    private readonly TimeProvider _time = time;

    public override async ValueTask<ILease?> TryAcquireAsync(string name, CancellationToken cancellationToken)
    {
        var asked = _time.GetTimestamp();
        var row = await stores.Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<Row>("SELECT epoch, holder, beat FROM lease WHERE name = @name", new { name }), cancellationToken);
        if (row is { Holder: not null } && !HasExpired(name, row, asked))
        {
            return null;
        }

        asked = _time.GetTimestamp();
        var epoch = await stores.Control.WriteAsync(transaction => TakeAsync(transaction, name, row), cancellationToken);
        if (epoch is null)
        {
            return null;
        }

        _seen.TryRemove(name, out _);
        var lease = new StoreLease(stores.Control, name, epoch.Value, Options, _time, asked);
        try
        {
            await RaiseFenceAsync(stores.Projections, name, epoch.Value, cancellationToken);
            return lease;
        }
        catch
        {
            await lease.DisposeAsync();
            throw;
        }
    }

    private bool HasExpired(string name, Row row, long now)
    {
        var seen = _seen.AddOrUpdate(
            name,
            _ => new Seen(row.Epoch, row.Beat, now),
            (_, before) => before.Epoch == row.Epoch && before.Beat == row.Beat ? before : new Seen(row.Epoch, row.Beat, now));
        return _time.GetElapsedTime(seen.Since, now) >= Options.TimeToLive;
    }

    private async ValueTask<long?> TakeAsync(ISqlTransaction transaction, string name, Row? seen)
    {
        var epoch = await transaction.FirstOrDefaultAsync<long?>(
            """
            INSERT INTO lease (name, epoch, holder, beat) VALUES (@name, 1, @holder, 0)
            ON CONFLICT (name) DO UPDATE SET epoch = lease.epoch + 1, holder = excluded.holder, beat = 0
                WHERE lease.epoch = @Epoch AND lease.beat = @Beat AND (lease.holder IS NULL OR lease.holder = @SeenHolder)
            RETURNING epoch
            """,
            new { name, holder, Epoch = seen?.Epoch ?? -1, Beat = seen?.Beat ?? -1, SeenHolder = seen?.Holder });
        if (epoch is { } taken)
        {
            await LeaseFence.RaiseAsync(transaction, name, taken);
        }

        return epoch;
    }

    private sealed record Row(long Epoch, string? Holder, long Beat);

    private sealed record Seen(long Epoch, long Beat, long Since);
}
