using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Tsunagi.Core.Store;

namespace Tsunagi.Core.Lease;

/// <summary>
/// Leases on one machine. The lock on the data directory leaves one process, so a lease is lost only by giving it back, and one that a dead
/// process held is free at once; the epoch still grows with every holder.
/// </summary>
internal sealed class InProcessLeases(Stores stores, string holder, LeaseOptions options, TimeProvider time, ILogger logger) : Leases(options, time, logger)
{
    private readonly ConcurrentDictionary<string, bool> _held = new(StringComparer.Ordinal);

    public override async ValueTask<ILease?> TryAcquireAsync(string name, CancellationToken cancellationToken)
    {
        if (!_held.TryAdd(name, true))
        {
            return null;
        }

        try
        {
            var epoch = await stores.Control.WriteAsync(
                async transaction =>
                {
                    var next = await transaction.FirstOrDefaultAsync<long>(
                        """
                        INSERT INTO lease (name, epoch, holder, beat) VALUES (@name, 1, @holder, 0)
                        ON CONFLICT (name) DO UPDATE SET epoch = lease.epoch + 1, holder = excluded.holder RETURNING epoch
                        """,
                        new { name, holder });
                    await LeaseFence.RaiseAsync(transaction, name, next);
                    return next;
                },
                cancellationToken);
            await RaiseFenceAsync(stores.Projections, name, epoch, cancellationToken);
            return new Held(name, epoch, () => _held.TryRemove(name, out _));
        }
        catch
        {
            _held.TryRemove(name, out _);
            throw;
        }
    }

    private sealed class Held(string name, long epoch, Action giveBack) : ILease
    {
        private readonly CancellationTokenSource _lost = new();

        public string Name => name;

        public long Epoch => epoch;

        public bool IsSafe => !_lost.IsCancellationRequested;

        public CancellationToken Lost => _lost.Token;

        public ValueTask GuardAsync(ISqlTransaction transaction) =>
            IsSafe ? LeaseFence.GuardAsync(transaction, name, epoch) : throw new StaleLeaseException(name, epoch, null);

        public async ValueTask DisposeAsync()
        {
            if (IsSafe)
            {
                await _lost.CancelAsync();
                giveBack();
            }
        }
    }
}
