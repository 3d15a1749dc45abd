using System.Collections.Concurrent;

namespace Tsunagi.Connectivity.RadSec;

/// <summary>The connections that are open on this node, by access server. Thread-safe.</summary>
internal sealed class RadSecConnections
{
    private readonly ConcurrentDictionary<RadSecConnection, byte> _open = new();

    /// <summary>Those of an access server, the one heard last first.</summary>
    public IReadOnlyList<RadSecConnection> Of(string nasId) => [.. _open.Keys.Where(open => open.NasId == nasId).OrderByDescending(static open => open.HeardAt)];

    public void Add(RadSecConnection connection) => _open.TryAdd(connection, 0);

    public void Remove(RadSecConnection connection) => _open.TryRemove(connection, out _);
}
