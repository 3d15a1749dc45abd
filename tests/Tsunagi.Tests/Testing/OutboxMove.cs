using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Events;
using Tsunagi.Core.Lease;
using Tsunagi.Core.Store;

namespace Tsunagi.Tests.Testing;

/// <summary>The projector's work by hand, under a lease of its own.</summary>
internal static class OutboxMove
{
    /// <summary>Takes the lease in <paramref name="stores"/> and moves one batch in <paramref name="moved"/>; 0 when another holds the lease or has taken it meanwhile.</summary>
    public static async ValueTask<int> RunAsync(Stores stores, Stores moved, EventCatalogue catalogue, TimeProvider time, CancellationToken cancellationToken)
    {
        var leases = Leases.For(stores, "node-1", new LeaseOptions(), time, NullLogger<Leases>.Instance);
        await using var lease = await leases.TryAcquireAsync(OutboxProjector.LeaseName, cancellationToken);
        if (lease is null)
        {
            return 0;
        }

        var projector = new OutboxProjector(
            moved, catalogue, leases, new OutboxSignal(stores.Control.Hints), new EventSignal(), time, NullLogger<OutboxProjector>.Instance);
        try
        {
            return await projector.MoveAsync(lease, cancellationToken);
        }
        catch (StaleLeaseException)
        {
            return 0;
        }
    }
}
