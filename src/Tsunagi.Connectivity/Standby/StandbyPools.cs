using System.Net;
using Tsunagi.Connectivity.Contract;

namespace Tsunagi.Connectivity.Standby;

/// <summary>An address is wanted of a pool that only the store knows the state of: the request is not answered, and the access server asks another node.</summary>
public sealed class PoolsClosedException() : Exception("the pools of addresses are closed as long as the database is away");

/// <summary>
/// The pools while the database is away at start: which of their addresses are free stands in the store alone, and none is given twice. Who needs one is not answered; who has fixed addresses, or gets
/// them from the access server's own pools, is.
/// </summary>
internal sealed class StandbyPools : IAddressPools
{
    private HashSet<string> _names = [];

    public void Set(IEnumerable<string> names) => _names = names.ToHashSet(StringComparer.Ordinal);

    public bool TryAllocate(string pool, Line line, out IPNetwork granted, out bool isKnown)
    {
        (granted, isKnown) = (default, false);
        return _names.Contains(pool) ? throw new PoolsClosedException() : false;
    }

    public void InUse(Line line, IPNetwork address)
    {
        // Sessions are made of the log when the database is back.
    }

    public void Release(Line line, IPNetwork address)
    {
        // The same.
    }
}
