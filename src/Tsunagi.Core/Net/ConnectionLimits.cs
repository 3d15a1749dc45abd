using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;

namespace Tsunagi.Core.Net;

/// <summary>
/// Counts the connections of one listener: in all, per address group, and per tenant where the protocol says whose the connection is.
/// Thread-safe; called by the accept path of each connection. Counting costs one dictionary entry per live address, none when idle.
/// </summary>
public sealed class ConnectionLimits(string listener, ConnectionLimitOptions options)
{
    private static readonly Counter<long> Refused = CoreMetrics.Meter.CreateCounter<long>(
        "tsunagi.net.connections.refused", "{connection}", "Connections refused by a limit of the listener");

    private static readonly UpDownCounter<long> Open = CoreMetrics.Meter.CreateUpDownCounter<long>(
        "tsunagi.net.connections.open", "{connection}", "Connections the listener holds");

    private readonly ConcurrentDictionary<AddressGroup, int> _perAddress = new();
    private readonly ConcurrentDictionary<string, int> _perTenant = new(StringComparer.Ordinal);
    private int _open;

    public string Listener => listener;

    /// <summary>Connections counted now.</summary>
    public int Count => Volatile.Read(ref _open);

    /// <summary>Counts a new connection. The lease must be disposed when the connection ends; on refusal it is empty and needs nothing.</summary>
    public ConnectionLimitOutcome TryEnter(EndPoint? peer, out ConnectionLease lease)
    {
        lease = default;
        if (Interlocked.Increment(ref _open) > options.MaxConnections)
        {
            Interlocked.Decrement(ref _open);
            return Refuse(ConnectionLimitOutcome.ListenerFull);
        }

        var group = AddressGroup.Of(peer);
        if (!TryCount(_perAddress, group, options.MaxPerAddress))
        {
            Interlocked.Decrement(ref _open);
            return Refuse(ConnectionLimitOutcome.AddressFull);
        }

        Open.Add(1, new KeyValuePair<string, object?>("listener", listener));
        lease = new ConnectionLease(this, group);
        return ConnectionLimitOutcome.Admitted;
    }

    /// <summary>Counts this connection against a tenant. Null when the tenant's limit is reached: the protocol refuses the work, not the connection.</summary>
    public TenantConnectionLease? TryEnterTenant(string tenantPath)
    {
        if (!TryCount(_perTenant, tenantPath, options.MaxPerTenant))
        {
            Refuse(ConnectionLimitOutcome.TenantFull);
            return null;
        }

        return new TenantConnectionLease(this, tenantPath);
    }

    internal void Leave(AddressGroup group)
    {
        Uncount(_perAddress, group);
        Interlocked.Decrement(ref _open);
        Open.Add(-1, new KeyValuePair<string, object?>("listener", listener));
    }

    internal void LeaveTenant(string tenantPath) => Uncount(_perTenant, tenantPath);

    private ConnectionLimitOutcome Refuse(ConnectionLimitOutcome why)
    {
        Refused.Add(1, new KeyValuePair<string, object?>("listener", listener), new KeyValuePair<string, object?>("reason", why.ToString()));
        return why;
    }

    private static bool TryCount<TKey>(ConcurrentDictionary<TKey, int> counts, TKey key, int limit)
        where TKey : notnull
    {
        while (true)
        {
            if (!counts.TryGetValue(key, out var count))
            {
                if (counts.TryAdd(key, 1))
                {
                    return true;
                }
            }
            else if (count >= limit)
            {
                return false;
            }
            else if (counts.TryUpdate(key, count + 1, count))
            {
                return true;
            }
        }
    }

    private static void Uncount<TKey>(ConcurrentDictionary<TKey, int> counts, TKey key)
        where TKey : notnull
    {
        while (counts.TryGetValue(key, out var count))
        {
            if (count == 1 ? counts.TryRemove(new KeyValuePair<TKey, int>(key, 1)) : counts.TryUpdate(key, count - 1, count))
            {
                return;
            }
        }
    }
}
