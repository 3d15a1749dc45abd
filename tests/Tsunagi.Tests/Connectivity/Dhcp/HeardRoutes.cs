using System.Net;
using Tsunagi.Core.Exchange.Routes;

namespace Tsunagi.Tests.Connectivity.Dhcp;

/// <summary>Hears which routes are wanted, as the routing module would.</summary>
internal sealed class HeardRoutes : IKernelRoutes
{
    private readonly Dictionary<IPNetwork, KernelRoute> _wanted = [];

    public bool IsOn => true;

    public bool IsAllKnown { get; private set; }

    public void Want(KernelRoute route)
    {
        lock (_wanted)
        {
            _wanted[route.Prefix] = route;
        }
    }

    public void Forget(IPNetwork prefix)
    {
        lock (_wanted)
        {
            _wanted.Remove(prefix);
        }
    }

    public void AllKnown() => IsAllKnown = true;

    /// <summary>"PREFIX via NEXTHOP INTERFACE" of each, in order.</summary>
    public override string ToString()
    {
        lock (_wanted)
        {
            return string.Join(", ", _wanted.Values.Select(static route => $"{route.Prefix} via {route.NextHop} {route.Interface}".Trim()).Order(StringComparer.Ordinal));
        }
    }
}
