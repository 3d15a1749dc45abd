namespace Tsunagi.Core.Lease;

/// <summary>Gives leases: in process on one machine, by rows of the database on many.</summary>
public interface ILeases
{
    /// <summary>
    /// One try: the lease, or null while another holds it. A holder that died is noticed only by a candidate that keeps trying. Renewing is the
    /// lease's own affair until it is disposed, which gives it back.
    /// </summary>
    ValueTask<ILease?> TryAcquireAsync(string name, CancellationToken cancellationToken);

    /// <summary>
    /// Runs <paramref name="work"/> whenever this node holds the lease, until cancelled: acquire, work until it returns or the lease is lost, try again.
    /// The work gets a token that ends with the lease.
    /// </summary>
    Task HoldAsync(string name, Func<ILease, CancellationToken, Task> work, CancellationToken cancellationToken);
}
