using System.Net;

namespace Tsunagi.Connectivity.Contract;

/// <summary>
/// The pools that this provider gives addresses from. Everything here works on memory and never waits for storage: it is called on the threads that answer
/// Access-Requests. A node gives out only from the share of a pool that it holds.
/// </summary>
public interface IAddressPools
{
    /// <summary>
    /// An address (as /32 or /128) or a prefix of a pool for a new session of a line. The same line asking again while nothing started gets the same. False when this
    /// provider does not know the pool (<paramref name="isKnown"/> false: the NAS is told its name instead) or when it is used up (the request is rejected).
    /// </summary>
    bool TryAllocate(string pool, Line line, out IPNetwork granted, out bool isKnown);

    /// <summary>A session started or goes on with an address: it stays taken. Called by the projection of accounting, any number of times.</summary>
    void InUse(Line line, IPNetwork address);

    /// <summary>The session ended: the address rests and may be given again.</summary>
    void Release(Line line, IPNetwork address);
}
