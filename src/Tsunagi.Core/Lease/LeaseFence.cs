using Tsunagi.Core.Store;

namespace Tsunagi.Core.Lease;

/// <summary>The newest epoch of each lease, as one store knows it.</summary>
internal static class LeaseFence
{
    public static async ValueTask GuardAsync(ISqlTransaction transaction, string name, long epoch)
    {
        // In SERIALIZABLE this read conflicts with a take-over at the same moment, so the guarded write comes wholly before it or not at all.
        var current = await transaction.FirstOrDefaultAsync<long?>("SELECT epoch FROM lease_fence WHERE name = @name", new { name });
        if (current != epoch)
        {
            throw new StaleLeaseException(name, epoch, current);
        }
    }

    public static ValueTask<int> RaiseAsync(ISqlTransaction transaction, string name, long epoch) =>
        transaction.ExecuteAsync(
            """
            INSERT INTO lease_fence (name, epoch) VALUES (@name, @epoch)
            ON CONFLICT (name) DO UPDATE SET epoch = excluded.epoch WHERE lease_fence.epoch < excluded.epoch
            """,
            new { name, epoch });
}
